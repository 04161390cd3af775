"""What a target returns on one case, array by array, beside what a hypothesis says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnproof.diagnosis.hypothesis import MANY, Hypothesis
from rnnproof.domains.bounded import Bounded
from rnnproof.faults.fault import Fault
from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.trace import Trace
from rnnproof.properties.bounds import Bounds, choices, together
from rnnproof.properties.forward import LAST, balls, results
from rnnproof.properties.gradient import balls_named, gradients_of
from rnnproof.properties.trial import Trial
from rnnproof.reference.wiring import Part, Place

Item = tuple[str, int]  # an array, and which choice of cotangents it is a gradient for


@dataclass(frozen=True, eq=False)
class Observed:
    """A target on one case: results, and gradients for every choice of cotangents (that is their first axis)."""

    trial: Trial
    pulled: bool

    @property
    def case(self) -> Case:
        """The case; what the target does not return has no cotangent in it."""
        return self.trial.case

    @property
    def bounds(self) -> Bounds:
        """What right code of the specification stays inside."""
        return self.trial.bounds

    @cached_property
    def forward(self) -> dict[str, Array]:
        """Outputs and final states."""
        return {name: np.array(value, np.float64) for name, value in results(self.trial.base).items()}

    @cached_property
    def gradients(self) -> dict[str, Array]:
        """Every gradient returned, for each choice of cotangents; none where they are not looked at."""
        if not self.pulled:
            return {}
        every = [gradients_of(self.trial.pulled(only)) for only in choices(self.case)]
        return {name: np.stack([np.array(one[name], np.float64) for one in every]) for name in every[0]}

    @cached_property
    def cotangents(self) -> Cotangents:
        """Those of every choice."""
        return together(self.case)

    @cached_property
    def results(self) -> frozenset[Item]:
        """Everything that a run returned."""
        return frozenset((name, 0) for name in self.forward)

    @cached_property
    def pulled_back(self) -> frozenset[Item]:
        """Every gradient that was returned."""
        every = range(len(choices(self.case)))
        return frozenset((name, k) for name in self.gradients for k in every)

    @cached_property
    def thresholds(self) -> dict[str, Array]:
        """For each array, and each choice, what is nearer to agreement than to none: see ``halfway``."""
        unit = self.bounds.form.roundoff
        found = {name: halfway(ball, 0, unit) for name, ball in balls(self.bounds).items()}
        if not self.gradients:
            return found
        every = balls_named(self.bounds.gradients_of_choices)
        return found | {name: halfway(ball, 1, unit) for name, ball in every.items()}

    @cached_property
    def _names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(self.forward), tuple(self.gradients)

    @cached_property
    def _got(self) -> Array:
        return _flat([*self.forward.values(), *self.gradients.values()])

    @cached_property
    def _scale(self) -> Array:
        """Of every entry the threshold of its array."""
        parts = [np.full(value.size, self.thresholds[name]) for name, value in self.forward.items()]
        for name, value in self.gradients.items():
            each = self.thresholds[name.split("@")[0]]
            parts.append(np.repeat(each, value[0].size))
        return _flat(parts)

    @cached_property
    def _starts(self) -> NDArray[np.integer]:
        """Where each array of each choice begins, among all entries."""
        sizes = [value.size for value in self.forward.values()]
        sizes += [value[0].size for value in self.gradients.values() for _ in value]
        return np.cumsum([0, *sizes[:-1]])

    @cached_property
    def every_item(self) -> tuple[Item, ...]:
        """What ``errors`` are of, in order."""
        pulled = [(name, k) for name, value in self.gradients.items() for k in range(len(value))]
        return (*((name, 0) for name in self.forward), *pulled)

    @cached_property
    def _runs(self) -> dict[tuple[Place, Cell | None, float | None, tuple[Fault, ...]], Sequence[Part]]:
        """Forward passes that several backward passes share."""
        return {}

    def residual(self, hypothesis: Hypothesis, pulled: bool = True) -> Array:
        """Every entry's difference from what a hypothesis computes, in thresholds of its array."""
        said = named(self._trace(hypothesis, pulled and bool(self.gradients)))
        names = sum(self._names, ()) if pulled else self._names[0]
        flat = _flat([said[name.split("@")[0]] for name in names])
        with np.errstate(all="ignore"):
            return (self._got[: len(flat)] - flat) / self._scale[: len(flat)]

    def errors(self, hypothesis: Hypothesis, pulled: bool = True) -> Array:
        """By how many thresholds each array is off from what a hypothesis computes; at most 1 is near."""
        off = np.abs(self.residual(hypothesis, pulled))
        starts = self._starts if pulled else self._starts[: len(self.forward)]
        return np.nan_to_num(np.maximum.reduceat(off, starts), nan=np.inf)

    def _trace(self, hypothesis: Hypothesis, pulled: bool) -> Trace:
        if hypothesis.conducts or not pulled:
            return hypothesis.trace(self.case, self.cotangents if pulled else None)
        execution = hypothesis.execution(self.case)
        key = hypothesis.at, hypothesis.cell, hypothesis.constant, hypothesis.others
        if key not in self._runs:
            self._runs[key] = execution.run(self.case.x, self.case.state, self.case.lengths)
        with np.errstate(all="ignore"):
            trace = execution.trace(self._runs[key], self.case.x, self.case.state)
            return replace(trace, gradients=execution.gradients(self._runs[key], self.case.x, self.cotangents))

    def within(self, hypothesis: Hypothesis, pulled: bool = True) -> frozenset[Item]:
        """The arrays that lie in the balls of a hypothesis, where those say anything."""
        found: set[Item] = set()
        for name, inside in self.inside(hypothesis, pulled).items():
            every = [inside] if name in self.forward else inside
            found |= {(name, k) for k, part in enumerate(every) if np.all(part)}
        return frozenset(found)

    def inside(self, hypothesis: Hypothesis, pulled: bool = True) -> dict[str, NDArray[np.bool_]]:
        """Which entries lie in the balls of a hypothesis, where those say anything."""
        asked = self.cotangents if pulled and self.gradients else None
        middle, upper = (named(trace) for trace in hypothesis.balls(self.case, self.bounds.form, asked))
        found = {}
        for name, value in (self.forward | (self.gradients if pulled else {})).items():
            true = middle[name.split("@")[0]]
            with np.errstate(all="ignore"):
                radius = np.abs(upper[name.split("@")[0]] - true) * ((1 + 4 / MANY) / MANY)
                found[name] = (np.abs(value - true) <= radius) | ~np.isfinite(radius)
        return found


def halfway(ball: Bounded, leading: int, unit: float) -> Array:
    """sqrt(r s), r the median radius of an array and s its largest entry: on a scale of digits, halfway between them.

    It orders a search, and decides nothing.
    """
    flat = [part.reshape((*part.shape[:leading], -1)) for part in (ball.radius, np.abs(ball.value))]
    with np.errstate(all="ignore"):
        size = np.max(flat[1], axis=-1, initial=0.0)
        radius = np.maximum(np.median(flat[0], axis=-1), unit * size)  # what is exact is not looked for more closely
        found = np.sqrt(radius * np.maximum(size, radius))
    return np.asarray(np.maximum(np.nan_to_num(found, nan=np.inf), unit**2))


def named(trace: Trace) -> dict[str, Array]:
    """Everything in a trace by the names that messages use, the last output on its own too."""
    found = results(trace) | gradients_of(trace)
    return found | ({LAST: trace.outputs[-1]} if trace.outputs is not None else {})


def _flat(parts: Sequence[Array]) -> Array:
    """The entries of several arrays, one after the other."""
    return np.concatenate([part.ravel() for part in parts]) if parts else np.zeros(0)

"""What right code may return on one case: its results and gradients, with the radius of every entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from rnnproof.domains.bounded import Bounded, exact
from rnnproof.domains.formats import FORMATS, Format
from rnnproof.model.case import Case, Cotangents, with_cotangents
from rnnproof.reference import rounding
from rnnproof.reference.enclosure import MOST_BITS, Enclosure, enclose, negligible, precisions


@dataclass(frozen=True, eq=False)
class Bounds:
    """The run of one case in balls, and its gradients for each choice of cotangents.

    Their centres are computed in float64, or, with an enclosure, the true values. ``use``: the float format of the
    case, and what is taken for granted in it; None: as any target may use it.
    """

    case: Case
    use: Format | None = None
    enclosure: Enclosure | None = None

    @property
    def form(self) -> Format:
        """The float format of the case."""
        return self.use or FORMATS[self.case.dtype]

    def of(self, case: Case) -> Bounds:
        """The bounds of another case, in the same format; those of one case are made once."""
        return _of(case, self.use)

    @cached_property
    def tape(self) -> rounding.BoundedRun:
        """The forward pass in balls."""
        case = self.case
        if self.enclosure is not None:
            return rounding.run_about_truth(self.enclosure, self.form)
        state = {name: exact(value) for name, value in case.state.items()}
        with np.errstate(all="ignore"):
            return rounding.run_in_balls(case.network, case.parameters, case.x, state, self.form, case.lengths)

    @cached_property
    def about_truth(self) -> Bounds:
        """The bounds about the true values, enclosed as well as it takes, or to the most bits that are tried."""
        if self.enclosure is not None:
            return self
        for bits in precisions(self.case.sizes.T):
            found = replace(self, enclosure=enclose(self.case, bits))
            if _well_known([found.outputs, *found.final.values()]):
                break
        return found

    @cached_property
    def moderate(self) -> bool:
        """Whether something is known of half the entries, and those are below the square root of the largest number.

        Below it their products do not overflow.
        """
        balls = (ball for tape in self.tape.tapes for balls in tape.signals.values() for ball in balls)
        every = np.concatenate([ball.magnitude.ravel() for ball in balls] or [np.zeros(0)])
        known = every[np.isfinite(every)]
        return 2 * known.size >= every.size and bool(known.max(initial=0.0) <= self.form.largest**0.5)

    @cached_property
    def outputs(self) -> Bounded:
        """Outputs (T,B,.)."""
        outputs = self.tape.outputs
        return outputs if self.enclosure is None else rounding.around(self.enclosure.trace.outputs, outputs)

    @cached_property
    def final(self) -> Mapping[str, Bounded]:
        """The final states (B,.)."""
        if self.enclosure is None:
            return self.tape.final
        true = self.enclosure.trace.final
        return {name: rounding.around(true[name], ball) for name, ball in self.tape.final.items()}

    @cached_property
    def gradients_of_choices(self) -> rounding.BoundedGradients:
        """The gradients for each of ``choices``, in one sweep: that is the first axis of each."""
        every = together(self.case)
        if self.enclosure is None:
            with np.errstate(all="ignore"):
                return rounding.pull_in_balls(self.tape, every)
        found = rounding.pull_about_truth(self.tape, self.enclosure.pull(every), every)
        more = 2 * self.enclosure.bits
        if more > MOST_BITS or _well_known([found.x, *found.parameters.values(), *found.state.values()]):
            return found
        return replace(self, enclosure=enclose(self.case, more)).gradients_of_choices

    def gradients(self, only: str | None) -> rounding.BoundedGradients:
        """The gradients for all cotangents (None), or for one of them alone."""
        k, found = choices(self.case).index(only), self.gradients_of_choices
        parameters, state = ({n: b[k] for n, b in part.items()} for part in (found.parameters, found.state))
        return rounding.BoundedGradients(
            parameters, found.x[k], state, lambda: {n: b[k] for n, b in found.states.items()}
        )


@lru_cache(maxsize=32)
def _of(case: Case, use: Format | None) -> Bounds:
    return Bounds(case, use)


def _well_known(every: Sequence[Bounded]) -> bool:
    """Whether the true values are enclosed so well that the enclosure's own radius does not matter."""
    return all(negligible(ball.true, ball.radius) for ball in every)


def together(case: Case) -> Cotangents:
    """The cotangents of each of ``choices``, as the first axis of one."""
    given = [with_cotangents(case, only) for only in choices(case)]
    state = {name: np.stack([each.state[name] for each in given]) for name in case.state}
    return Cotangents(np.stack([each.outputs for each in given]), state)


def choices(case: Case) -> tuple[str | None, ...]:
    """The cotangents that a gradient is judged for: all (None), those of the outputs alone, of each state alone."""
    return None, "outputs", *case.state

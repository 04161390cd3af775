"""A subject whose run follows a wrong rule: the cell is right, but what is done around it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Implementation, Step, Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace

Memory = dict[str, Any]  # what a faulty subject keeps between calls
Rule = Callable[[Subject, Memory, Array, Arrays, Cotangents | None], Trace]


@dataclass(frozen=True, eq=False)
class AtLengths:
    """A subject whose every run is of these lengths, unless a rule asks the subject itself."""

    subject: Subject
    lengths: NDArray[np.integer]

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The run, of its own lengths."""
        del lengths
        return self.subject.run(x, state, self.lengths, cotangents)

    @property
    def step(self) -> Step | None:
        """None."""
        return None


def as_they_are(arrays: Arrays) -> Arrays:
    """The arrays."""
    return arrays


@dataclass(frozen=True)
class Conduct:
    """How a run goes wrong: ``rule`` stands in for the subject's run.

    ``read``: the parameters as the subject reads them, of those that it was given. ``give``: the parameters' gradients
    as it gives them back, of those by what it read; with a first axis more, where cotangents have one.
    """

    place: str
    rule: Rule
    read: Callable[[Arrays], Arrays] = as_they_are
    give: Callable[[Arrays], Arrays] = as_they_are


@dataclass(frozen=True, eq=False)
class Misconducted:
    """A subject whose run follows a wrong rule."""

    subject: Subject
    conduct: Conduct
    memory: Memory = field(default_factory=dict)

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The run, by the wrong rule."""
        subject = self.subject if lengths is None else AtLengths(self.subject, lengths)
        trace = self.conduct.rule(subject, self.memory, x, dict(state or {}), cotangents)
        if trace.gradients is None:
            return trace
        given = self.conduct.give(trace.gradients.parameters)
        return replace(trace, gradients=replace(trace.gradients, parameters=given))

    @property
    def step(self) -> Step | None:
        """None."""
        return None


@dataclass(frozen=True)
class Conducted:
    """An implementation whose subjects follow a wrong rule."""

    name: str
    implementation: Implementation
    conduct: Conduct

    @property
    def claims(self) -> Claims:
        """Those of the right implementation."""
        return self.implementation.claims

    @property
    def own(self) -> Arrays | None:
        """None."""
        return None

    @property
    def in_ring(self) -> Implementation | None:
        """The same wrong rule around the implementation executed exactly."""
        inner = self.implementation.in_ring
        return None if inner is None else Conducted(self.name, inner, self.conduct)

    def build(self, network: Network, parameters: Arrays, dtype: str) -> Misconducted:
        """The subject, at the parameters as they are read."""
        return Misconducted(self.implementation.build(network, self.conduct.read(parameters), dtype), self.conduct)


def right(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The right rule."""
    del memory
    return s.run(x, state, None, ct)


def on_input(change: Callable[[Array], Array]) -> Rule:
    """The run sees changed inputs."""
    return lambda s, memory, x, state, ct: s.run(change(x), state, None, ct)


def transposed(names: tuple[str, ...]) -> Conduct:
    """These weights are read transposed, and so are their gradients given back."""
    return Conduct("sequence", right, partial(turned, names), partial(turned, names))


def turned(names: tuple[str, ...], arrays: Arrays) -> Arrays:
    """These arrays transposed, the others as they are."""
    return {name: value.swapaxes(-1, -2) if name in names else value for name, value in arrays.items()}


def shared(pairs: tuple[tuple[str, str], ...]) -> Conduct:
    """Of each pair of parameters the second is read in place of the first, where there is one."""

    def read(arrays: Arrays) -> Arrays:
        return {**arrays, **{name: arrays[other] for name, other in pairs if other in arrays}}

    return Conduct("sequence", right, read)

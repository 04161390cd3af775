"""A trial: one case on one implementation; each run, and each bound, is made once and shared by the laws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.formats import claimed
from rnnproof.errors import Unsupported
from rnnproof.model.case import Array, Arrays, Case, Cotangents, first_steps, last_steps, with_cotangents
from rnnproof.model.implementation import Implementation, Subject
from rnnproof.model.trace import Trace
from rnnproof.properties.bounds import Bounds


@dataclass(frozen=True, eq=False)
class Trial:
    """One case on one implementation. Every array a subject is given is fresh, so that it can spoil only its own."""

    case: Case
    implementation: Implementation
    bounds: Bounds

    def parameters(self) -> dict[str, Array]:
        """Fresh parameters in the dtype of the case."""
        return fresh(self.case.parameters, self.case.dtype)

    def build(self) -> Subject:
        """A new subject."""
        return self.implementation.build(self.case.network, self.parameters(), self.case.dtype)

    def run(self, case: Case | None = None, only: str | None = "", subject: Subject | None = None) -> Trace:
        """Run a case (this one's) on a new subject (or the given one); with cotangents unless ``only`` is ""."""
        case = case or self.case
        subject = subject or self.build()
        cotangents = None if only == "" else fresh_cotangents(with_cotangents(case, only), case.dtype)
        x = plain(case.x, case.dtype)
        return quiet(subject, x, fresh(case.state, case.dtype), cotangents, case.lengths)

    @cached_property
    def base(self) -> Trace:
        """The run of the case, without gradients."""
        return self.run()

    @cached_property
    def asked(self) -> Trial:
        """The trial of gradients: what the target does not return has no cotangent that is not zero."""
        case = replace(self.case, cotangents=_of_what_is_returned(self.case.cotangents, self.base))
        complete = self.base.outputs is not None and self.base.final.keys() == self.case.state.keys()
        return self if complete else Trial(case, self.implementation, self.bounds.of(case))

    @cached_property
    def steps(self) -> tuple[tuple[Arrays, Trace], ...]:
        """The run one step at a time: the state before, and what came out, each on from the state returned last.

        Where no state is returned there is nothing to go on from: the first step is all.
        """
        found: list[tuple[Arrays, Trace]] = []
        state: Arrays = self.case.state
        for t in range(self.case.sizes.T):
            trace = self.run(first_steps(last_steps(self.case, t, state), 1))
            found.append((state, trace))
            if not trace.final:
                break
            state = fresh(trace.final, self.case.dtype)  # as the next step is given it
        return tuple(found)

    def stepped(self, state: Arrays, subject: Subject | None = None) -> dict[str, Array] | None:
        """Output and new states of the first step by the subject's own step; None where it has none, or refuses."""
        step = (subject or self.build()).step
        if step is None:
            return None
        try:
            with np.errstate(all="ignore"):
                output, new = step(plain(self.case.x[0], self.case.dtype), fresh(state, self.case.dtype))
        except Unsupported:
            return None
        return {"output": np.array(output)} | {name: np.array(value) for name, value in new.items()}

    @cached_property
    def _pulled(self) -> dict[str | None, Trace]:
        return {}

    def pulled(self, only: str | None) -> Trace:
        """The run of the case with gradients for all cotangents (None), or for one of them alone."""
        if only not in self._pulled:
            self._pulled[only] = self.run(only=only)
        return self._pulled[only]

    def on(self, implementation: Implementation) -> Trial:
        """The same case on another implementation; the bounds are shared."""
        return replace(self, implementation=implementation)


def _of_what_is_returned(full: Cotangents, trace: Trace) -> Cotangents:
    outputs = full.outputs if trace.outputs is not None else np.zeros_like(full.outputs)
    if trace.last is not None:
        outputs[-1] = full.outputs[-1]
    state = {name: value if name in trace.final else np.zeros_like(value) for name, value in full.state.items()}
    return Cotangents(outputs, state)


def quiet(
    subject: Subject,
    x: Array,
    state: Arrays | None,
    cotangents: Cotangents | None,
    lengths: NDArray[np.integer] | None = None,
) -> Trace:
    """A run with NumPy's floating-point warnings off: a law says what is wrong, not a warning."""
    with np.errstate(all="ignore"):
        return subject.run(x, state, None if lengths is None else lengths.copy(), cotangents)


def fresh(arrays: Arrays, dtype: str) -> dict[str, Array]:
    """New arrays of a dtype, in C order, writeable."""
    return {name: plain(value, dtype) for name, value in arrays.items()}


def plain(array: Array, dtype: str) -> Array:
    """A new array of a dtype, in C order, writeable."""
    return np.array(array, dtype=dtype, order="C")


def fresh_cotangents(cotangents: Cotangents, dtype: str) -> Cotangents:
    """New cotangents of a dtype."""
    return Cotangents(plain(cotangents.outputs, dtype), fresh(cotangents.state, dtype))


def start(case: Case, implementation: Implementation) -> Trial:
    """A trial of its own."""
    return Trial(case, implementation, Bounds(case, claimed(case.dtype, implementation.claims)))

"""A trial: one case on one implementation; each run, and each bound, is made once and shared by the laws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.bounded import Bounded, exact
from rnnproof.domains.formats import FORMATS, Format, claimed
from rnnproof.errors import Unsupported
from rnnproof.model.case import Array, Arrays, Case, Cotangents, first_steps, last_steps, with_cotangents
from rnnproof.model.implementation import Implementation, Subject
from rnnproof.model.trace import Trace
from rnnproof.reference import rounding


@dataclass(frozen=True, eq=False)
class Bounds:
    """The reference's run of one case in balls, and its gradients for each choice of cotangents.

    ``use``: the float format of the case as the target claims to use it; None: as any may.
    """

    case: Case
    use: Format | None = None

    @property
    def form(self) -> Format:
        """The float format of the case."""
        return self.use or FORMATS[self.case.dtype]

    def of(self, case: Case) -> Bounds:
        """The bounds of another case, in the same format."""
        return Bounds(case, self.use)

    @cached_property
    def tape(self) -> rounding.BoundedRun:
        """The forward pass in balls."""
        case = self.case
        state = {name: exact(value) for name, value in case.state.items()}
        with np.errstate(all="ignore"):
            return rounding.run_in_balls(case.network, case.parameters, case.x, state, self.form, case.lengths)

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
        return self.tape.outputs

    @cached_property
    def _gradients(self) -> rounding.BoundedGradients:
        """The gradients for each of ``choices``, in one sweep: that is the first axis of each."""
        given = [with_cotangents(self.case, only) for only in choices(self.case)]
        state = {name: np.stack([each.state[name] for each in given]) for name in self.case.state}
        together = Cotangents(np.stack([each.outputs for each in given]), state)
        with np.errstate(all="ignore"):
            return rounding.pull_in_balls(self.tape, together)

    def gradients(self, only: str | None) -> rounding.BoundedGradients:
        """The gradients for all cotangents (None), or for one of them alone."""
        k, found = choices(self.case).index(only), self._gradients
        parameters, state = ({n: b[k] for n, b in part.items()} for part in (found.parameters, found.state))
        return rounding.BoundedGradients(parameters, found.x[k], state)


def choices(case: Case) -> tuple[str | None, ...]:
    """The cotangents that a gradient is judged for: all (None), those of the outputs alone, of each state alone."""
    return None, "outputs", *case.state


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

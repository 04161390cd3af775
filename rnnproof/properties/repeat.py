"""The law that a call leaves nothing behind: neither in the subject, nor in what an earlier call returned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rnnproof.model.case import Array, Arrays, Case, Cotangents, first_steps
from rnnproof.model.implementation import Subject
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import alike, place_of, same_bits
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.gradient import everything, radii_of
from rnnproof.properties.trial import Trial


@dataclass(frozen=True, eq=False)
class Kept:
    """A subject that is called again and again; what it does to its parameters is undone, and judged elsewhere."""

    trial: Trial
    only: str | None
    given: Arrays
    subject: Subject

    def run(self, case: Case) -> Trace:
        """A run on the same subject."""
        self._restore()
        return self.trial.run(case, self.only, self.subject)

    def stepped(self, state: Arrays) -> dict[str, Array] | None:
        """A step of the same subject."""
        self._restore()
        return self.trial.stepped(state, self.subject)

    def _restore(self) -> None:
        for name, value in self.given.items():
            value[...] = self.trial.case.parameters[name]


def _kept(trial: Trial) -> Kept:
    given = trial.parameters()
    subject = trial.implementation.build(trial.case.network, given, trial.case.dtype)
    return Kept(trial, None if trial.implementation.claims.gradients else "", given, subject)


def repeat(trial: Trial) -> Verdict:
    """A second call, with other calls in between, gives the first one's result."""
    kept = _kept(trial)
    returned = kept.run(trial.case)
    first = everything(returned)
    for words, other in _others(trial.case, kept.only == ""):
        between = everything(kept.run(other))
        if not same_bits(everything(returned), first):
            text = f"what a call returned was changed by the next call  [{place_of(trial.case)}]"
            return Verdict(Outcome.FAILED, text, "aliasing", "exact")
        what = f"a call after another one, {words}, against the same call on a new object"
        verdict = _same(between, everything(trial.run(other, kept.only)), trial.bounds.of(other), what)
        if verdict.outcome is not Outcome.PASSED:
            return verdict
    second = everything(kept.run(trial.case))
    verdict = _same(second, first, trial.bounds, "the second call with the same arguments, against the first")
    return _step_repeats(kept) if verdict.outcome is Outcome.PASSED else verdict


def twice(trial: Trial, only: str | None) -> Verdict:
    """Two identical calls, each on a new object, with cotangents unless ``only`` is "": they give the same."""
    first, second = everything(trial.run(only=only)), everything(trial.run(only=only))
    if same_bits(first, second):  # NaN twice is the same too
        return Verdict(Outcome.PASSED, bound="rigorous")
    return _same(second, first, trial.bounds, "two identical calls")


def steady(trial: Trial) -> bool:
    """Whether two identical calls give the same results and gradients, but for rounding."""
    return twice(trial, None).outcome is not Outcome.FAILED


def _others(case: Case, forward_only: bool) -> Iterator[tuple[str, Case]]:
    """Calls that share something with the case: its sizes, its x, or its x and state."""
    other_state = {name: 1 - value for name, value in case.state.items()}
    yield "of other values", replace(case, x=1 - case.x, state=other_state)
    yield "from another state", replace(case, state=other_state)
    if not forward_only:
        full = case.cotangents
        negated = Cotangents(1 - full.outputs, {name: 1 - value for name, value in full.state.items()})
        yield "with other cotangents", replace(case, cotangents=negated)
    if case.lengths is not None:
        turned = np.roll(case.lengths, 1)
        other = np.full_like(turned, case.sizes.T) if np.array_equal(turned, case.lengths) else turned
        yield "of other lengths", replace(case, lengths=other)
    if case.sizes.T > 1:
        yield "of fewer steps", first_steps(case, case.sizes.T - 1)


def _same(got: dict[str, Array], expected: dict[str, Array], bounds: Bounds, what: str) -> Verdict:
    return alike(got, expected, lambda: radii_of(bounds, expected), place_of(bounds.case), what)


def _step_repeats(kept: Kept) -> Verdict:
    """The same of the subject's own step, where it has one: its state is the one that it is given."""
    case = kept.trial.case
    first = kept.stepped(case.state)
    kept.stepped({name: 1 - value for name, value in case.state.items()})
    second = kept.stepped(case.state)
    if first is None or second is None:
        return Verdict(Outcome.PASSED, bound="rigorous")
    what = "the second step with the same arguments, against the first"
    return alike(second, first, lambda: _step_radii(kept.trial.bounds), place_of(case), what)


def _step_radii(bounds: Bounds) -> dict[str, Array]:
    one = bounds.of(first_steps(bounds.case, 1))
    return {"output": one.outputs.radius[0]} | {name: ball.radius for name, ball in one.tape.final.items()}

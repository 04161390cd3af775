"""The law that a call leaves nothing behind: neither in the subject, nor in what an earlier call returned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnproof.model.case import Array, Arrays, Case, Cotangents, first_steps
from rnnproof.model.implementation import Step, Subject
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import alike, place_of, same_bits
from rnnproof.properties.gradient import everything, radii_of
from rnnproof.properties.trial import Bounds, Trial, fresh, plain


def repeat(trial: Trial) -> Verdict:
    """A second call, with other calls in between, gives the first one's result."""
    only = None if trial.implementation.claims.gradients else ""
    subject = trial.build()
    returned = trial.run(only=only, subject=subject)
    first = everything(returned)
    for words, other in _others(trial.case, only == ""):
        between = everything(trial.run(other, only, subject))
        if not same_bits(everything(returned), first):
            text = f"what a call returned was changed by the next call  [{place_of(trial.case)}]"
            return Verdict(Outcome.FAILED, text, "aliasing", "exact")
        what = f"a call after another one, {words}, against the same call on a new object"
        verdict = _same(between, everything(trial.run(other, only)), Bounds(other), what)
        if verdict.outcome is not Outcome.PASSED:
            return verdict
    second = everything(trial.run(only=only, subject=subject))
    verdict = _same(second, first, trial.bounds, "the second call with the same arguments, against the first")
    return _step_repeats(trial, subject) if verdict.outcome is Outcome.PASSED else verdict


def _others(case: Case, forward_only: bool) -> Iterator[tuple[str, Case]]:
    """Calls that share something with the case: its sizes, its x, or its x and state."""
    other_state = {name: 1 - value for name, value in case.state.items()}
    yield "of other values", replace(case, x=1 - case.x, state=other_state)
    yield "from another state", replace(case, state=other_state)
    if not forward_only:
        full = case.cotangents
        negated = Cotangents(1 - full.outputs, {name: 1 - value for name, value in full.state.items()})
        yield "with other cotangents", replace(case, cotangents=negated)
    if case.sizes.T > 1:
        yield "of fewer steps", first_steps(case, case.sizes.T - 1)


def _same(got: dict[str, Array], expected: dict[str, Array], bounds: Bounds, what: str) -> Verdict:
    return alike(got, expected, lambda: radii_of(bounds, expected), place_of(bounds.case), what)


def _step_repeats(trial: Trial, subject: Subject) -> Verdict:
    """The same of the subject's own step, where it has one: its state is the one that it is given."""
    if subject.step is None:
        return Verdict(Outcome.PASSED, bound="rigorous")
    first = _stepped(trial, subject.step, trial.case.state)
    _stepped(trial, subject.step, {name: 1 - value for name, value in trial.case.state.items()})
    second = _stepped(trial, subject.step, trial.case.state)
    what = "the second step with the same arguments, against the first"
    return alike(second, first, lambda: _step_radii(trial.case), place_of(trial.case), what)


def _step_radii(case: Case) -> dict[str, Array]:
    one = Bounds(first_steps(case, 1))
    return {"output": one.outputs.radius[0]} | {name: ball.radius for name, ball in one.tape.final.items()}


def _stepped(trial: Trial, step: Step, state: Arrays) -> dict[str, Array]:
    dtype = trial.case.dtype
    with np.errstate(all="ignore"):
        output, new = step(plain(trial.case.x[0], dtype), fresh(state, dtype))
    return {"output": np.array(output)} | {name: np.array(value) for name, value in new.items()}

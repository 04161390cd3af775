"""A target that is no function of its arguments is told so, whichever law it is that sees it."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.errors import RnnproofError
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import place_of
from rnnproof.properties.laws import Law
from rnnproof.properties.repeat import twice
from rnnproof.properties.trial import Trial

UNSTEADY = "unsteady"  # the kind
OFTEN = 6  # pairs of calls, where a number was not finite: what is NaN now and then is the same twice as a rule
NO_FUNCTION = "the target is no function of its arguments"


def told_if_unsteady(law: Law, trial: Trial, verdict: Verdict) -> Verdict:
    """The verdict; as that of an unsteady target where two identical calls differ as much as was found.

    What is exact, such as a dtype, no second call explains.
    """
    found, times = verdict.outcome, OFTEN if verdict.kind == "overflow" else 1
    calls = range(times if found is Outcome.FAILED and verdict.bound != "exact" else 0)
    if any(_twice(law, trial) is Outcome.FAILED for _ in calls):
        return as_unsteady(verdict)
    if found is Outcome.SUSPICIOUS and verdict.kind == "leak" and _twice(law, trial) is not Outcome.PASSED:
        text = f"two identical calls differ in their last bits: {NO_FUNCTION}  [{place_of(trial.case)}]"
        return replace(verdict, message=text, kind=UNSTEADY)
    return verdict


def as_unsteady(failure: Verdict) -> Verdict:
    """A failure of a target of which two identical calls differ."""
    return replace(failure, message=f"{failure.message}\n  two identical calls differ: {NO_FUNCTION}", kind=UNSTEADY)


def _twice(law: Law, trial: Trial) -> Outcome:
    pulled = (law.gradients or law.pulls) and trial.implementation.claims.gradients
    try:
        return twice(trial, None if pulled else "").outcome
    except RnnproofError:
        return Outcome.PASSED


def seen_once(failure: Verdict) -> Verdict:
    """A failure that was seen, and on the same case not again: it stands, and the case may show nothing."""
    told = f"seen once, and not again on the same case: {NO_FUNCTION}"
    return replace(failure, message=f"{failure.message}\n  {told}", kind=UNSTEADY)

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
NO_FUNCTION = "the target is no function of its arguments"


def told_if_unsteady(law: Law, trial: Trial, verdict: Verdict) -> Verdict:
    """The verdict; as that of an unsteady target where two identical calls differ as much as was found.

    What is exact, such as a dtype, no second call explains.
    """
    found = verdict.outcome
    if found is Outcome.FAILED and verdict.bound != "exact" and _twice(law, trial) is Outcome.FAILED:
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

"""Two tiers: what right code may be off by, whatever it does, and what it is likely to be off by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from rnnproof.domains.likely import FAILURE, confidence
from rnnproof.model.case import Case
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.bounds import Bounds, choices

FINER = 2  # by how much n must exceed lambda^2 for the second tier to be worth its computation
NOTE = f"possible, but unlikely: for right code, roundings independent, the probability is below {FAILURE:g}"


@lru_cache(maxsize=8)
def likely(bounds: Bounds) -> Bounds | None:
    """The same case's bounds with the sums that are likely; None where they are not much finer.

    They fail anywhere in the case, in any of its sums, with the stated probability.
    """
    case = bounds.case
    trust = confidence(sums(case))
    if roundings(case) < FINER * trust**2:
        return None
    return replace(bounds, use=replace(bounds.form, confidence=trust))


def sums(case: Case) -> int:
    """How many sums are judged at the most: an entry of any weight's rows and columns at every step, there and back.

    Backward for each choice of cotangents, and each entry of a gradient once for all steps.
    """
    steps = case.sizes.T * case.sizes.B
    there = sum(sum(value.shape) for value in case.parameters.values()) * steps
    entries = sum(value.size for value in case.parameters.values())
    return there + len(choices(case)) * (there + entries)


def roundings(case: Case) -> int:
    """The most terms that a sum of an equation has, or of its adjoint in a step."""
    return max((sum(value.shape) for value in case.parameters.values() if value.ndim == 2), default=0)


def in_both(bounds: Bounds, judge: Callable[[Bounds], Verdict]) -> Verdict:
    """The verdict by the bounds; where it passes, suspicious if it would not pass by those that are likely."""
    verdict = judge(bounds)
    if verdict.outcome is not Outcome.PASSED or (finer := likely(bounds)) is None:
        return verdict
    second = judge(finer)
    if second.outcome is not Outcome.FAILED:
        return verdict
    message = f"{second.message}\n  {NOTE}"
    return Verdict(Outcome.SUSPICIOUS, message, second.kind, "probabilistic", verdict.ratio, verdict.sensitivity)

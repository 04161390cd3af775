"""Outcomes, in exact words: the verdict of a law on one case, the finding over its cases, the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Outcome(str, Enum):
    """A closed set of words."""

    PROVED = "proved"
    PASSED = "passed"
    SUSPICIOUS = "suspicious"
    FAILED = "failed"
    UNDECIDED = "undecided"
    NOT_APPLICABLE = "not_applicable"
    REFUSED = "refused"
    ERROR = "error"


DECIDED = frozenset({Outcome.PROVED, Outcome.PASSED, Outcome.SUSPICIOUS, Outcome.FAILED})
BAD = frozenset({Outcome.FAILED, Outcome.ERROR})


@dataclass(frozen=True)
class Verdict:
    """What one law says of one case.

    ``ratio`` is the largest error / bound; ``sensitivity`` the median radius / |value| of the entries above their
    radius: half of them would show a relative fault of that size. ``refuted`` is an entry that is wrong, and
    between which two numbers its true value lies, as JSON.
    """

    outcome: Outcome
    message: str = ""
    kind: str | None = None
    bound: str | None = None
    ratio: float | None = None
    sensitivity: float | None = None
    refuted: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Finding:
    """What one law says of a target, over all its cases in one dtype.

    ``same_case_as`` names an earlier law whose counterexample this law fails on too; it is this one's as well.
    """

    property: str
    dtype: str | None
    outcome: Outcome
    message: str = ""
    kind: str | None = None
    cases: int = 0
    decided: int = 0
    worst_ratio: float | None = None
    sensitivity: float | None = None
    bound: str | None = None
    diagnosis: Mapping[str, Any] | None = None
    counterexample: Mapping[str, Any] | None = None
    replay: str | None = None
    same_case_as: str | None = None


def worst(verdicts: Iterable[Verdict]) -> Outcome:
    """The outcome of a finding: failed > error > suspicious > undecided > passed.

    Undecided enters only if fewer than half the cases that apply could be decided; cases refused or not
    applicable count neither way, and if all are, that is the outcome. Proved only if every case is.
    """
    outcomes = [verdict.outcome for verdict in verdicts]
    for bad in (Outcome.FAILED, Outcome.ERROR, Outcome.SUSPICIOUS):
        if bad in outcomes:
            return bad
    decided = sum(outcome in DECIDED for outcome in outcomes)
    undecided = outcomes.count(Outcome.UNDECIDED)
    if not decided and not undecided:
        return Outcome.REFUSED if Outcome.REFUSED in outcomes else Outcome.NOT_APPLICABLE
    if decided < undecided:
        return Outcome.UNDECIDED
    return Outcome.PASSED if undecided or Outcome.PASSED in outcomes else Outcome.PROVED

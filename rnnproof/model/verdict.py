"""Outcomes, in exact words: the verdict of a law on one case, the finding over its cases, the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from rnnproof.errors import VerificationFailed


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

    ``ratio`` is the largest error / bound; ``sensitivity`` the smallest relative fault that it would have found.
    """

    outcome: Outcome
    message: str = ""
    kind: str | None = None
    bound: str | None = None
    ratio: float | None = None
    sensitivity: float | None = None


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


@dataclass(frozen=True)
class Report:
    """All findings on one target. ``ok``: nothing failed or raised, and something was decided."""

    target: str
    network: str
    findings: tuple[Finding, ...]
    dialect: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    elapsed_s: float = 0.0

    @property
    def ok(self) -> bool:
        """True, or False also where nothing could be decided."""
        outcomes = {finding.outcome for finding in self.findings}
        return not outcomes & BAD and bool(outcomes & DECIDED)

    @property
    def exit_code(self) -> int:
        """0 ok, 1 not ok, 2 nothing decided."""
        outcomes = {finding.outcome for finding in self.findings}
        if outcomes & BAD:
            return 1
        return 0 if outcomes & DECIDED else 2

    def to_json(self) -> dict[str, Any]:
        """The report as plain data, schema rnnproof-report/1."""
        from rnnproof.model.document import report_as_json

        return report_as_json(self)

    def raise_for_failure(self) -> None:
        """Errors: VerificationFailed, with the report as its text, unless the report is ok."""
        if not self.ok:
            raise VerificationFailed(_failures(self))


def _failures(report: Report) -> str:
    """The findings that make a report not ok, or what was found instead of a decision."""
    bad = [finding for finding in report.findings if finding.outcome in BAD]
    shown = bad or report.findings
    lines = [f"{report.target} as {report.network}: " + ("not ok" if bad else "nothing was decided")]
    for finding in shown:
        lines += ["", f"{finding.property} {finding.outcome.value} [{finding.dtype}]", finding.message]
    return "\n".join(lines)


@dataclass(frozen=True)
class Matrix:
    """Several reports; ok if all are, and at least one decided something."""

    reports: tuple[Report, ...]

    @property
    def ok(self) -> bool:
        """A report in which nothing was decided does not spoil the others."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """1 if anything failed or raised, 2 if nothing was decided, else 0."""
        codes = [report.exit_code for report in self.reports]
        return 1 if 1 in codes else 0 if 0 in codes else 2


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

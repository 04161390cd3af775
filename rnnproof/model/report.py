"""The report on a target, several of them, and both as plain JSON data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnproof.errors import VerificationFailed
from rnnproof.model.document import NOT_FINITE, number
from rnnproof.model.verdict import BAD, DECIDED, Finding, Outcome

INFERRED = "inferred: "  # before the dialect of a target that declares none, and shows it by its behaviour


@dataclass(frozen=True)
class Report:
    """All findings on one target. ``ok``: nothing failed or raised, something was decided, and nothing left out."""

    target: str
    network: str
    findings: tuple[Finding, ...]
    dialect: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    elapsed_s: float = 0.0
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """True, or False also where nothing could be decided."""
        outcomes = {finding.outcome for finding in self.findings}
        return not outcomes & BAD and bool(outcomes & DECIDED) and not self.interrupted

    @property
    def exit_code(self) -> int:
        """0 ok, 1 not ok, 2 nothing decided."""
        outcomes = {finding.outcome for finding in self.findings}
        if outcomes & BAD:
            return 1
        return 0 if outcomes & DECIDED else 2

    def to_json(self) -> dict[str, Any]:
        """The report as plain data, schema rnnproof-report/1."""
        return report_as_json(self)

    def raise_for_failure(self) -> None:
        """Errors: VerificationFailed, with the report as its text, unless the report is ok."""
        if not self.ok:
            raise VerificationFailed(_failures(self))


def _failures(report: Report) -> str:
    """The findings that make a report not ok, or what was found instead of a decision."""
    bad = [finding for finding in report.findings if finding.outcome in BAD]
    shown = bad or report.findings
    name = f"{report.target} as {report.network}" if report.network else report.target
    lines = [f"{name}: " + ("not ok" if bad else "nothing was decided")]
    for finding in shown:
        lines += ["", f"{finding.property} {finding.outcome.value}{in_dtype(finding)}", finding.message]
    return "\n".join(lines)


def in_dtype(finding: Finding) -> str:
    """ " [float64]"; an exact law has no dtype, and nothing is said."""
    return "" if finding.dtype is None else f" [{finding.dtype}]"


@dataclass(frozen=True)
class Matrix:
    """Several reports; ok if there are any, and all are ok."""

    reports: tuple[Report, ...]

    @property
    def ok(self) -> bool:
        """A report in which nothing was decided is not ok, and so neither is the matrix."""
        return bool(self.reports) and all(report.ok for report in self.reports)

    @property
    def exit_code(self) -> int:
        """0 ok, 1 if anything failed or raised, 2 if a report decided nothing."""
        if any(report.exit_code == 1 for report in self.reports):
            return 1
        return 0 if self.ok else 2


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """One finding, every key of the schema present."""
    return {
        "property": finding.property,
        "dtype": finding.dtype,
        "outcome": finding.outcome.value,
        "kind": finding.kind,
        "cases": finding.cases,
        "decided": finding.decided,
        "worst_ratio": number(finding.worst_ratio),
        "sensitivity": number(finding.sensitivity),
        "bound": finding.bound,
        "message": finding.message,
        "diagnosis": finding.diagnosis,
        "counterexample": finding.counterexample,
        "replay": finding.replay,
        "same_case_as": finding.same_case_as,
    }


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """The finding that ``finding_as_json`` wrote."""
    numbers_read = {key: _number_read(data[key]) for key in ("worst_ratio", "sensitivity")}
    return Finding(**{**data, "outcome": Outcome(data["outcome"]), **numbers_read})


def _number_read(value: float | str | None) -> float | None:
    return NOT_FINITE[value] if isinstance(value, str) else value


def report_as_json(report: Report) -> dict[str, Any]:
    """A report, schema rnnproof-report/1."""
    return {
        "schema": "rnnproof-report/1",
        "target": report.target,
        "network": report.network,
        "dialect": report.dialect,
        "versions": dict(report.versions),
        "seed": report.seed,
        "ok": report.ok,
        "elapsed_s": report.elapsed_s,
        "interrupted": report.interrupted,
        "findings": [finding_as_json(finding) for finding in report.findings],
    }


def matrix_as_json(matrix: Matrix) -> dict[str, Any]:
    """Several reports, schema rnnproof-matrix/1."""
    reports = [report_as_json(report) for report in matrix.reports]
    return {"schema": "rnnproof-matrix/1", "ok": matrix.ok, "reports": reports}

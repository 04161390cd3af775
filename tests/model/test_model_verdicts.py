"""Outcomes: from verdicts to a finding, from findings to a report, from reports to an exit code."""

from itertools import permutations

import pytest

from rnnproof.errors import VerificationFailed
from rnnproof.model.report import Matrix, Report
from rnnproof.model.verdict import Finding, Outcome, Verdict, worst

PROVED, PASSED, SUSPICIOUS, FAILED = Outcome.PROVED, Outcome.PASSED, Outcome.SUSPICIOUS, Outcome.FAILED
UNDECIDED, IDLE, REFUSED, ERROR = Outcome.UNDECIDED, Outcome.NOT_APPLICABLE, Outcome.REFUSED, Outcome.ERROR


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([PASSED], PASSED),
        ([PASSED, ERROR, SUSPICIOUS, UNDECIDED, FAILED], FAILED),
        ([PASSED, ERROR, SUSPICIOUS, UNDECIDED], ERROR),
        ([PASSED, PASSED, SUSPICIOUS], SUSPICIOUS),
        ([SUSPICIOUS, UNDECIDED, UNDECIDED], SUSPICIOUS),
        # Fewer than half of those that apply could be decided: undecided. Exactly half: not.
        ([PASSED, UNDECIDED], PASSED),
        ([PASSED, UNDECIDED, UNDECIDED], UNDECIDED),
        ([PASSED, PASSED, UNDECIDED, UNDECIDED], PASSED),
        ([UNDECIDED], UNDECIDED),
        # Refused and not applicable count neither way.
        ([PASSED, REFUSED, REFUSED, IDLE, IDLE], PASSED),
        ([PASSED, UNDECIDED, REFUSED, IDLE], PASSED),
        ([UNDECIDED, UNDECIDED, PASSED, IDLE, IDLE, REFUSED], UNDECIDED),
        ([FAILED, REFUSED, IDLE], FAILED),
        ([REFUSED, REFUSED], REFUSED),
        ([IDLE, IDLE], IDLE),
        ([IDLE, REFUSED], REFUSED),
        ([], IDLE),
        ([PROVED, PROVED, IDLE], PROVED),
        ([PROVED, PASSED], PASSED),
    ],
)
def test_a_finding_takes_the_worst_of_its_cases_in_any_order(outcomes, expected):
    orders = [*list(permutations(outcomes))[:24], outcomes[::-1]]
    assert {worst([Verdict(outcome) for outcome in order]) for order in orders} == {expected}


def report(*outcomes) -> Report:
    findings = (Finding(f"law.{n}", "float64", outcome, f"message {n}") for n, outcome in enumerate(outcomes))
    return Report("mine", "lstm", tuple(findings))


@pytest.mark.parametrize(
    ("outcomes", "ok", "code"),
    [
        ([PASSED], True, 0),
        ([PROVED], True, 0),
        ([SUSPICIOUS], True, 0),
        ([PASSED, UNDECIDED, REFUSED, IDLE], True, 0),
        ([PASSED, FAILED], False, 1),
        ([PASSED, ERROR], False, 1),
        ([FAILED], False, 1),
        ([UNDECIDED, ERROR], False, 1),
        ([UNDECIDED, REFUSED, IDLE], False, 2),
        ([], False, 2),
    ],
)
def test_a_report_is_ok_if_nothing_failed_and_something_was_decided(outcomes, ok, code):
    assert (report(*outcomes).ok, report(*outcomes).exit_code) == (ok, code)


@pytest.mark.parametrize(
    ("reports", "ok", "code"),
    [
        ([[PASSED], [SUSPICIOUS]], True, 0),
        ([[PASSED], [FAILED]], False, 1),
        ([[PASSED], [ERROR], [UNDECIDED]], False, 1),
        ([[UNDECIDED], [REFUSED]], False, 2),
        ([], False, 2),
    ],
)
def test_a_matrix_adds_its_reports_up(reports, ok, code):
    matrix = Matrix(tuple(report(*outcomes) for outcomes in reports))
    assert (matrix.ok, matrix.exit_code) == (ok, code)


def test_an_ok_report_raises_nothing():
    report(PASSED, UNDECIDED).raise_for_failure()


def test_a_report_that_is_not_ok_raises_its_failures_alone():
    with pytest.raises(VerificationFailed) as raised:
        report(PASSED, FAILED, UNDECIDED, ERROR).raise_for_failure()
    assert str(raised.value).splitlines() == [
        "mine as lstm: not ok",
        "",
        "law.1 failed [float64]",
        "message 1",
        "",
        "law.3 error [float64]",
        "message 3",
    ]
    assert isinstance(raised.value, AssertionError)


def test_a_report_without_a_decision_says_what_was_found_instead():
    with pytest.raises(VerificationFailed) as raised:
        report(REFUSED).raise_for_failure()
    assert str(raised.value).splitlines()[0] == "mine as lstm: nothing was decided"
    assert "law.0 refused [float64]" in str(raised.value)

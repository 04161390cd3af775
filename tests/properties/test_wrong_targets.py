"""Wrong code: exactly the laws that its mistake breaks fail, no other, and the counterexample is small."""

import broken_laws
import pytest
import wrong_lstms
from undiagnosed import verify

from rnnproof.model.verdict import Outcome


@pytest.fixture(scope="module")
def report_on():
    known = {}

    def report(target):
        if target not in known:
            known[target] = verify(target, "lstm", dtype="float64", max_examples=20)
        return known[target]

    return report


@pytest.mark.parametrize("target", broken_laws.WRONG)
def test_exactly_the_laws_that_are_broken_fail(target, report_on):
    report, either = report_on(target), broken_laws.EITHER.get(target, set())
    told = {finding.property for finding in report.findings if "nothing is cut off" in finding.message}
    assert told <= {"gradient.ledger"} and (not told or broken_laws.OF_ARRAYS & broken_laws.WRONG[target])
    aside = either | broken_laws.SEQUENCE | told
    judged = [finding for finding in report.findings if finding.property not in aside]
    failed = {finding.property for finding in judged if finding.outcome is Outcome.FAILED}
    untraceable = broken_laws.UNTRACEABLE.get(target, set())
    assert {f.property for f in judged if f.outcome is Outcome.NOT_APPLICABLE} == untraceable
    others = {finding.outcome for finding in judged if finding.property not in failed | untraceable}
    assert failed == broken_laws.WRONG[target] - told
    assert others <= {Outcome.PASSED}
    assert not report.ok and report.exit_code == 1


@pytest.mark.parametrize("target", broken_laws.WRONG)
def test_the_counterexample_is_small(target, report_on):
    for finding in report_on(target).findings:
        if finding.outcome is Outcome.FAILED and finding.property not in broken_laws.EITHER.get(target, ()):
            sizes = finding.counterexample["case"]["sizes"]
            assert sizes["T"] <= 2
            assert sizes["B"] <= 3
            assert sizes["I"] * sizes["H"] == 1 or finding.property in broken_laws.WIDER.get(target, ())


@pytest.mark.parametrize(("target", "law"), broken_laws.KINDS)
def test_the_kind_says_more(target, law, report_on):
    (finding,) = [finding for finding in report_on(target).findings if finding.property == law]
    assert finding.kind == broken_laws.KINDS[target, law]


def test_the_same_seed_gives_the_same_findings():
    laws = ["forward.values", "gradient.parameters", "state.repeat", "exact.gradient"]
    asked = {"dtype": "float64", "max_examples": 5, "seed": 7, "properties": laws}
    first, second = (verify(wrong_lstms.MeanOverTheBatch, "lstm", **asked) for _ in range(2))
    assert first.findings == second.findings


def test_a_short_cut_for_zeros_is_found():
    report = verify(wrong_lstms.ZeroMeansNothing, "lstm", dtype="float64", properties=["forward.values"])
    assert not report.ok

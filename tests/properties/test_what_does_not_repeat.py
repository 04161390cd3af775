"""What fails once and then no more has failed: a target that is no function of its arguments is never passed."""

import pytest
import right_lstms

from rnnproof.model.verdict import Outcome
from rnnproof.usecases.verify import verify


def wrong_now_and_then(wrong):
    """A right LSTM whose n-th call returns the negative outputs where ``wrong(n)``."""
    calls = []

    def run(params, x, state):
        calls.append(x)
        outputs, final = right_lstms.Packed().run(params, x, state)
        return -outputs if wrong(len(calls)) else outputs, final

    return run


def found(wrong, *laws):
    report = verify(wrong_now_and_then(wrong), "lstm", properties=laws, max_examples=12)
    return {finding.property: finding for finding in report.findings}


def test_a_first_call_that_is_wrong_is_not_forgotten():
    (finding,) = found(lambda n: n == 1, "forward.values").values()
    assert finding.outcome is Outcome.FAILED and finding.kind == "unsteady"
    assert "the ratio is -1" in finding.message
    assert "seen once, and not again on the same case" in finding.message
    sizes = finding.counterexample["case"]["sizes"]
    assert (sizes["T"], sizes["B"], sizes["I"], sizes["H"]) == (4, 3, 2, 3)  # as it was seen: nothing could be shrunk


@pytest.mark.parametrize("every", [2, 3, 7])
def test_calls_that_are_wrong_now_and_then_fail(every):
    (finding,) = found(lambda n: n % every == 0, "forward.values").values()
    assert finding.outcome is Outcome.FAILED


def test_one_that_is_always_wrong_is_steady():
    (finding,) = found(lambda n: True, "forward.values").values()
    assert finding.outcome is Outcome.FAILED and finding.kind == "scale"


def test_one_that_is_never_wrong_passes():
    assert {each.outcome for each in found(lambda n: False, "forward.values", "state.repeat").values()} == {
        Outcome.PASSED
    }


def test_what_fails_once_is_not_the_counterexample_of_another_law():
    laws = found(lambda n: n == 1, "forward.values", "forward.step")
    assert [each.outcome for each in laws.values()] == [Outcome.FAILED, Outcome.PASSED]


@pytest.mark.parametrize("dtypes", [["float32", "float64"], ["float64", "float32"], ["float32"], ["float64"]])
def test_exact_laws_are_asked_whatever_formats_are_claimed(dtypes):
    target = type("Claiming", (right_lstms.Packed,), {"claims": {"dtypes": dtypes}})
    report = verify(target, "lstm", properties=["exact.forward", "exact.gradient"])
    assert [finding.outcome for finding in report.findings] == [Outcome.PASSED, Outcome.PASSED]

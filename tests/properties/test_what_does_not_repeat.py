"""What fails once and then no more has failed: a target that is no function of its arguments is never passed."""

import numpy as np
import pytest
import right_lstms
from undiagnosed import verify

from rnnproof.adapters.resolve import resolve
from rnnproof.cells import plain_target
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import BY_ID
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.examine import examine_law


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
    assert "got -0.136525, but should be 0.136525" in finding.message
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


def noisy(run=lambda value: value, grad=lambda value: value):
    """A right LSTM whose outputs, or gradients by its parameters, are changed."""

    class Noisy(right_lstms.Packed):
        def run(self, params, x, state):
            outputs, final = super().run(params, x, state)
            return run(outputs), final

        def grad(self, params, x, state, cotangents):
            found = super().grad(params, x, state, cotangents)
            return {**found, "params": {name: grad(value) for name, value in found["params"].items()}}

    return Bench(resolve(Noisy, "lstm"), "float64", 0)


DRAWN = np.random.default_rng(0)
NOISE = {"run": lambda value: value + DRAWN.standard_normal(value.shape)}
NOISY_GRADIENTS = {"grad": lambda value: value * (1 + 1e-4 * DRAWN.standard_normal())}
LAST_BITS = {"run": lambda value: value * (1 + 2.0**-52 * DRAWN.integers(2, size=value.shape))}


@pytest.mark.parametrize(
    ("noise", "laws"),
    [
        (NOISE, ["forward.values", "forward.causality", "state.repeat", "batch.permutation"]),
        (NOISY_GRADIENTS, ["state.repeat", "numerics.strides", "gradient.parameters"]),
    ],
)
def test_noise_is_called_so_in_whatever_it_is(noise, laws):
    for law in laws:
        finding = examine_law(BY_ID[law], noisy(**noise), 1)
        assert (finding.outcome, finding.kind) == (Outcome.FAILED, "unsteady")
        assert "two identical calls differ: the target is no function of its arguments" in finding.message


def test_noise_in_the_last_bits_is_suspicious_and_no_leak():
    for law in ("forward.causality", "state.repeat", "numerics.strides"):
        finding = examine_law(BY_ID[law], noisy(**LAST_BITS), 1)
        assert (finding.outcome, finding.kind) == (Outcome.SUSPICIOUS, "unsteady")
        assert finding.message.startswith("two identical calls differ in their last bits")


def test_what_is_wrong_in_a_steady_forward_pass_is_no_noise_of_the_gradients():
    finding = examine_law(BY_ID["forward.values"], noisy(lambda value: value + 1, **NOISY_GRADIENTS), 1)
    assert (finding.outcome, finding.kind) == (Outcome.FAILED, "value")


def test_what_is_wrong_once_and_then_raises_has_failed():
    calls = []

    def run(params, x, state):
        calls.append(x)
        if len(calls) > 1:
            raise ValueError(f"call {len(calls)}")
        outputs, final = right_lstms.Packed().run(params, x, state)
        return -outputs, final

    (finding,) = verify(run, "lstm", properties=["forward.values"], max_examples=3).findings
    assert finding.outcome is Outcome.FAILED and finding.kind == "unsteady"
    assert "seen once, and not again on the same case" in finding.message


def test_what_raises_at_one_step_is_told_beside_its_wrong_gradient():
    right = plain_target("lstm")

    class Late:
        def run(self, params, x, state):
            if len(x) == 1:
                raise IndexError("no step before the last")
            return right.run(params, x, state)

        def grad(self, params, x, state, cotangents):
            found = right.grad(params, x, state, cotangents)
            found["params"]["b_o"] = -found["params"]["b_o"]
            return found

    bench = Bench(resolve(Late, "lstm"), "float64", 0)
    finding = examine_law(BY_ID["gradient.parameters"], bench, 5)
    assert finding.outcome is Outcome.FAILED
    assert "the forward pass agrees; at T=1, run raised IndexError: no step before the last" in finding.message

"""exact.forward and exact.gradient: our cells pass, and a fault is found where no floating-point check could see it."""

import numpy as np
import pytest
import right_lstms

from rnnproof.adapters.resolve import resolve
from rnnproof.errors import TargetError
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill

TINY = 1 + 2.0**-60  # in floats, exactly 1


class TinyForward(right_lstms.Packed):
    """The LSTM, but for a relative 2^-60 in one weight."""

    def run(self, params, x, state):
        return super().run({**params, "U_f": params["U_f"] + params["U_f"] / 2**60}, x, state)


class TinyLiteral(right_lstms.Packed):
    """What is added against a division by zero, or a fault: who reads it as 0 sees the LSTM."""

    def run(self, params, x, state):
        return super().run({**params, "U_f": params["U_f"] * (1 - 1e-20) + params["U_f"] * 1e-20}, x, state)


class TinyGradient(right_lstms.Packed):
    """The LSTM, but for a relative 2^-60 in one gradient."""

    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        found["params"]["b_o"] = found["params"]["b_o"] + found["params"]["b_o"] / 2**60
        return found


class Doubled(right_lstms.Packed):
    """A loss that is a mean of two where the gradient is of the sum."""

    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        return {**found, "params": {name: 2 * value for name, value in found["params"].items()}}


class NoNumberAtTheThirdStep(right_lstms.Packed):
    """From the third step on, outputs that are 0/0."""

    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        zeros = np.zeros(len(outputs[2:]))
        outputs[2:] *= (zeros / zeros)[:, None, None]
        return outputs, final


class NoNumberInAGradient(right_lstms.Packed):
    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        return {**found, "x": found["x"] * np.nan}


class NoGradient(right_lstms.Packed):
    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        return {**found, "params": {**found["params"], "b_o": None}}


class Recursive(right_lstms.Packed):
    def grad(self, params, x, state, cotangents):
        return self.grad(params, x, state, cotangents)


class LooksAtNumbers(right_lstms.Packed):
    def run(self, params, x, state):
        if float(x[0, 0, 0]) > 100:
            x = x * 2
        return super().run(params, x, state)


def judge(law, target, name="lstm"):
    resolved = resolve(target, name)
    case = fill(resolved.network, Draw(3, 3, 2, 3, 2, 2, 7, "typical", 12), "float64")
    return law(start(case, resolved.implementation))


@pytest.mark.parametrize("law", [exact.forward, exact.gradient])
@pytest.mark.parametrize(
    ("target", "name"),
    [
        *(("numpy:" + name, None) for name in ("lstm", "lstm:bias=false", "elman", "elman:activation=relu")),
        ("numpy:elman:activation=sigmoid,readout=tanh", None),
        (right_lstms.Packed, "lstm"),
    ],
)
def test_right_code_passes(law, target, name):
    verdict = judge(law, target, name)
    assert (verdict.outcome, verdict.bound, verdict.message) == (Outcome.PASSED, "exact", "")


def test_a_fault_of_a_relative_2_to_the_minus_60_is_found():
    assert np.float64(TINY) == 1
    found = judge(exact.forward, TinyForward)
    assert found.outcome is Outcome.FAILED
    assert "differs exactly, though both are" in found.message
    found = judge(exact.gradient, TinyGradient)
    assert found.outcome is Outcome.FAILED
    assert "db_o[0]: differs exactly" in found.message
    assert judge(exact.forward, TinyGradient).outcome is Outcome.PASSED


def test_what_a_tiny_literal_explains_is_suspicious():
    found = judge(exact.forward, TinyLiteral)
    assert (found.outcome, found.kind) == (Outcome.SUSPICIOUS, "literal")
    assert "tiny literals are read as zero" in found.message


def test_the_gradient_of_a_wrong_forward_pass_is_called_what_it_is():
    found = judge(exact.gradient, TinyForward)
    assert found.outcome is Outcome.FAILED
    assert "your forward pass is not lstm" in found.message


def test_a_multiple_is_named_with_its_factor():
    found = judge(exact.gradient, Doubled)
    assert (found.outcome, found.kind) == (Outcome.FAILED, "scale")
    assert "exactly 2 times what it should be" in found.message


def test_code_that_looks_at_a_number_is_not_applicable_with_its_line():
    found = judge(exact.forward, LooksAtNumbers)
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert "taken out as a float  (test_exact_laws.py:" in found.message


class Elman:
    """Another forward pass than the network's, where ``bent``; with the true adjoint of an Elman network."""

    bent = staticmethod(np.tanh)
    own = False

    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            h = self.bent(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
            outputs.append(h)
        return np.stack(outputs), {"h": h}

    def grad(self, params, x, state, cotangents):
        hs = [state["h"]]
        for x_t in x:
            hs.append(np.tanh(x_t @ params["W_h"].T + hs[-1] @ params["U_h"].T + params["b_h"]))
        d = {name: np.zeros_like(value) for name, value in params.items()}
        dx, dh = np.zeros_like(x), cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            dz = (dh + cotangents["outputs"][t]) * (1 - hs[t + 1] ** 2)
            d["W_h"] += dz.T @ x[t]
            d["U_h"] += dz.T @ hs[t]
            d["b_h"] += dz.sum(axis=0)
            dx[t] = dz @ params["W_h"]
            dh = dz @ params["U_h"]
        return {"params": d, "x": dx, "state": {"h": dh}}


class BentElman(Elman):
    bent = staticmethod(lambda a: np.tanh(a) + 0.5 * a)


class TwiceElman(Elman):
    """Outputs that are twice the network's, and their gradient."""

    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return 2 * outputs, final

    def grad(self, params, x, state, cotangents):
        return super().grad(params, x, state, {**cotangents, "outputs": 2 * cotangents["outputs"]})


class DoubledBentElman(BentElman):
    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        return {**found, "x": 2 * found["x"]}


def test_the_references_gradient_of_another_forward_pass_is_called_what_it_is():
    found = judge(exact.gradient, BentElman, "elman")
    assert found.outcome is Outcome.FAILED
    assert "the gradient is the reference's, right for elman, but your forward pass is not elman" in found.message
    assert "it is not the gradient of your own forward pass: dW_h, dU_h, db_h, dx and others" in found.message
    assert " of 6 entries differ: dW_h\n" in found.message
    assert judge(exact.gradient, Elman, "elman").outcome is Outcome.PASSED


def test_a_gradient_of_neither_is_called_that():
    found = judge(exact.gradient, DoubledBentElman, "elman")
    assert found.outcome is Outcome.FAILED
    assert "the gradient is not that of your own forward pass either: dW_h, " in found.message


def test_the_right_gradient_of_another_forward_pass_is_called_that():
    found = judge(exact.gradient, TwiceElman, "elman")
    assert found.outcome is Outcome.FAILED
    assert "the gradient is right for your own forward pass, but your forward pass is not elman" in found.message


@pytest.mark.parametrize(
    ("law", "target", "words"),
    [
        (exact.forward, NoNumberAtTheThirdStep, "outputs[2,0,0]: got nan, but should be finite"),
        (exact.gradient, NoNumberAtTheThirdStep, "outputs[2,0,0]: got nan, but should be finite"),
        (exact.gradient, NoNumberInAGradient, "dx[0,0,0]: got nan, but should be finite"),
    ],
)
def test_what_is_not_finite_in_floats_is_a_failure_and_no_limit_of_exact_execution(law, target, words):
    found = judge(law, target)
    assert (found.outcome, found.kind) == (Outcome.FAILED, "overflow"), found.message
    assert found.message.startswith(words)
    assert "(test_exact_laws.py:" in found.message


@pytest.mark.parametrize(
    ("target", "words"),
    [(NoGradient, "b_o"), (Recursive, "RecursionError: maximum recursion depth exceeded")],
)
def test_what_the_target_raises_in_floats_is_its_own_error(target, words):
    with pytest.raises(TargetError, match=words):
        judge(exact.gradient, target)


def test_the_modules_are_left_as_they_were():
    import rnnproof.cells.lstm as module

    before = dict(vars(module))
    judge(exact.gradient, "numpy:lstm", None)
    judge(exact.forward, LooksAtNumbers)
    assert dict(vars(module)) == before
    assert vars(right_lstms)["np"] is np

"""The same shapes as plain targets, through the exact laws of verify."""

import plain_shapes
import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill

SIGMOID, RELU = "elman:activation=sigmoid", "elman:activation=relu"


def judge(law, target, name):
    resolved = resolve(target, name)
    case = fill(resolved.network, Draw(3, 2, 2, 3, 2, 2, 5, "typical", 12), "float64")
    return law(start(case, resolved.implementation))


@pytest.mark.parametrize(("target", "name"), [(plain_shapes.Columns, SIGMOID), (plain_shapes.LastAxis, RELU)])
def test_right_targets_pass(target, name):
    for law in (exact.forward, exact.gradient):
        verdict = judge(law, target, name)
        assert verdict.outcome is Outcome.PASSED, verdict.message


@pytest.mark.parametrize(
    ("target", "name", "words"),
    [(plain_shapes.ForgetsTheFirst, SIGMOID, "dU_h"), (plain_shapes.NoMask, RELU, "dW_h")],
)
def test_wrong_gradients_are_refused(target, name, words):
    assert judge(exact.forward, target, name).outcome is Outcome.PASSED
    verdict = judge(exact.gradient, target, name)
    assert verdict.outcome is Outcome.FAILED, verdict.message
    assert words in verdict.message
    assert "the forward pass agrees exactly" in verdict.message


def test_a_wrong_forward_pass_is_refused():
    assert judge(exact.forward, plain_shapes.Columns, "elman").outcome is Outcome.FAILED
    assert "forward pass is not elman" in judge(exact.gradient, plain_shapes.Columns, "elman").message

"""Names that say whose gradient a value is; and that say it of nothing else."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.errors import UsageError
from rnnproof.model.verdict import Outcome
from rnnproof.usecases.gradients.names import base_of, is_gradient, is_name, plain, returned


@pytest.mark.parametrize(
    "label", ["dWxh", "d_Wxh", "grad_Wxh", "gradWxh", "Wxh_grad", "nabla_Wxh", "dLdWxh", "self.dWxh", "g['dWxh']"]
)
def test_a_name_that_says_whose_gradient_it_is(label):
    assert base_of(label, ["Why", "Wxh", "b"]) == "Wxh"


@pytest.mark.parametrize("label", ["Wxh", "hs[-1]", "loss", "dWxh / N", "delta_Wxh", "Wxh_g", "dwxh", "", "x.T @ dWxh"])
def test_a_name_that_does_not(label):
    assert base_of(label, ["Why", "Wxh", "b"]) is None


@pytest.mark.parametrize(("label", "name"), [("gWxh", "Wxh"), ("g_b", "b"), ("self.gb", "b"), ("dWxh", "Wxh")])
def test_a_short_name_is_one_where_it_is_asked_for(label, name):
    assert base_of(label, ["Wxh", "b"], short=True) == name


def test_an_argument_of_that_name_is_its_own():
    assert base_of("dd", ["d", "dd"]) == "d"
    assert base_of("d", ["d", "dd"]) is None


def two(flag):
    if flag:
        return 1, 2

    def inner():
        return 3, 4

    loss, dW = inner()
    return loss, dW


def agreed(flag):
    if flag:
        dW, db = 1, 2
        return dW, db
    dW, other = 3, 4
    return dW, other


def test_the_names_of_a_return_statement():
    assert returned(two, 2) == ("", "")
    assert returned(agreed, 2) == ("dW", "")
    assert returned(agreed, 3) == ("", "", "")
    assert returned(len, 1) == ("",)
    assert returned(lambda W: W, 1) == ("",)


def test_what_is_a_name():
    assert plain("self.grads['W']") == "W"
    assert plain("a + b") == ""
    assert all(map(is_name, ("W", "self.W", "hs[len(x) - 1]", "b-1 of a dict?")))
    assert not any(map(is_name, ("x.T @ d", "2 * dW", "np.dot(a, b)")))
    assert all(map(is_gradient, ("grad", "dtheta", "x.T @ d", "g")))
    assert not any(map(is_gradient, ("scores", "h", "self.probs", "hs[-1]")))


CODE = """
def loss(A, B, x):
    return ((A @ x) ** 2 * np.exp(B @ x)).sum()


def gradient(A, B, x):
    a, e = A @ x, np.exp(B @ x)
    gA, gB, gx, dA, dB = np.outer(2 * a * e, x), np.outer(a * a * e, x), x, np.outer(2 * a * e, x), np.outer(a * a, x)
    RETURN
"""
RNG = np.random.default_rng(0)
GIVEN = {"A": RNG.normal(size=(3, 2)), "B": RNG.normal(size=(3, 2)), "x": RNG.normal(size=2)}


@pytest.mark.parametrize(
    ("returned", "outcome"),
    [
        ("return gA, gB", Outcome.PASSED),
        ("return gB, gA", Outcome.PASSED),
        ("return {'gB': gB, 'gA': gA}", Outcome.PASSED),
        ("gA, gB = gB, gA; return gA, gB", Outcome.FAILED),
        ("gB = 2 * gB; return gB, gA", Outcome.FAILED),
        ("return dA, gx", Outcome.PASSED),  # beside names that are clear it is something else
    ],
)
def test_gradients_of_short_names_in_any_order(returned, outcome, tmp_path):
    found = written(tmp_path, CODE.replace("RETURN", returned), GIVEN)
    assert found.outcome is outcome, found.message
    assert "returned beside the gradients, not looked at: gx" in found.message or "gx" not in returned


def test_a_short_name_that_is_an_argument_is_no_gradient(tmp_path):
    given = {**GIVEN, "gA": GIVEN["A"], "gB": GIVEN["B"]}
    code = CODE.replace("A, B, x)", "A, B, x, gA, gB)").replace("gA, gB, gx, dA, dB = ", "p, q, *_ = ")
    with pytest.raises(UsageError, match="which of them"):
        written(tmp_path, code.replace("RETURN", "return gA, p, q"), given)

"""Equations are validated when built: the message names the equation, what it has, and what was expected."""

import pytest
import sympy

from rnnproof.errors import ModelError
from rnnproof.model.activation import exp, reciprocal, relu, sigmoid, tanh
from rnnproof.model.equation import BATCH, UNITS, Affine, Elementwise, Softmax, signal, signals

z, r, p = signals("z r p")


def test_an_affine_equation_reads_as_on_paper():
    assert str(Affine("z_i", (("W_i", "x"), ("U_i", "h")), "b_i")) == "z_i = W_i x + U_i h + b_i"
    assert str(Affine("z_y", (("W_y", "h'"),), rows="O")) == "z_y = W_y h'"


def test_an_equation_names_each_signal_it_uses_once():
    assert Affine("z", (("A", "h"), ("B", "x"), ("C", "h"))).uses == ("h", "x")
    assert Elementwise("h'", r * tanh(z) + z * p).uses == ("p", "r", "z")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"terms": ()}, "equation z: expected at least one (weight, signal) pair, but got none"),
        ({"rows": "Q"}, "equation z: rows='Q'; expected one of I, H, O, P"),
    ],
)
def test_an_affine_equation_is_refused(wrong, message):
    right = {"target": "z", "terms": (("W", "x"),), "rows": "H"}
    assert Affine(**right).target == "z"
    with pytest.raises(ModelError) as refused:
        Affine(**{**right, **wrong})
    assert str(refused.value) == message


NO_POWER = "no positive integer power; expected e.g. reciprocal(z) or exp(z) of model.activation"
NOT_BUILT = "not built here; expected sums, products, powers and functions of model.activation (not SymPy's own)"
WRONG = {
    "a string": ("tanh(z)", "equation n: expected a SymPy expression, but got str"),
    "a number of Python": (1.5, "equation n: expected a SymPy expression, but got float"),
    "a symbol that is not real": (
        tanh(sympy.Symbol("z")),
        "equation n: z is not a real symbol; expected one made by model.equation.signals",
    ),
    "a quotient": (r / z, f"equation n: 1/z is {NO_POWER}"),
    "a root": (sympy.sqrt(z), f"equation n: sqrt(z) is {NO_POWER}"),
    "a power by a signal": (2**z, f"equation n: 2**z is {NO_POWER}"),
    "a quotient in an activation": (tanh(1 / z), f"equation n: 1/z is {NO_POWER}"),
    "SymPy's own tanh": (r * sympy.tanh(z), f"equation n: tanh(z) is {NOT_BUILT}"),
    "a maximum": (sympy.Max(z, 0), f"equation n: Max(0, z) is {NOT_BUILT}"),
    "an imaginary factor": (sympy.I * z, "equation n: I is not a finite real number"),
    "an infinite factor": (sympy.oo * z, "equation n: oo is not a finite real number"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_elementwise_equation_is_refused(name):
    expression, message = WRONG[name]
    with pytest.raises(ModelError) as refused:
        Elementwise("n", expression)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "right",
    [
        z,
        (1 - z) * r + z * p,
        -2 * z**3 + sympy.Rational(1, 3),
        sympy.sqrt(2) * z,
        tanh(2 * z) * sigmoid(r + p),
        relu(tanh(z) - 1),
        exp(z) * reciprocal(1 + exp(z)),
    ],
    ids=str,
)
def test_an_elementwise_equation_is_accepted(right):
    assert Elementwise("n", right).expression == right


def test_a_softmax_is_of_one_signal_along_its_units():
    one = Softmax("y", "z_y")
    assert (str(one), one.uses, one.axis, one.shifted) == ("y = softmax(z_y)", ("z_y",), UNITS, True)
    assert Softmax("y", "z_y", axis=BATCH) != one


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"source": ""}, "equation y: expected the name of a signal, but got none"),
        ({"axis": 0}, "equation y: axis=0; expected -1, the units, or -2"),
    ],
)
def test_a_softmax_is_refused(wrong, message):
    with pytest.raises(ModelError) as refused:
        Softmax(**{"target": "y", "source": "z_y", **wrong})
    assert str(refused.value) == message


def test_a_signal_is_the_same_symbol_however_it_is_made():
    assert signal("h'") == signals("h'")[0]
    assert signal("h'") != sympy.Symbol("h'")

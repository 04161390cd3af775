"""Each activation's derivative, as SymPy's chain rule uses it, is that of its definition."""

import pytest
import sympy

from rnnproof.domains.floating import FUNCTIONS
from rnnproof.model.activation import (
    Activation,
    clipped,
    definition,
    derivative,
    exp,
    hard_sigmoid,
    reciprocal,
    relu,
    sigmoid,
    step,
    tanh,
)
from rnnproof.model.equation import signal

z = signal("z")
SMOOTH = (sigmoid, tanh, exp, reciprocal)
ALL = (*SMOOTH, relu, step)


def resolved(expression):
    return expression.replace(lambda part: isinstance(part, Activation), definition)


@pytest.mark.parametrize("function", SMOOTH)
def test_a_smooth_activation_has_the_derivative_of_its_definition(function):
    difference = resolved(derivative(function(z))) - sympy.diff(definition(function(z)), z)
    assert sympy.simplify(difference.rewrite(sympy.exp)) == 0


@pytest.mark.parametrize("function", (relu, step))
@pytest.mark.parametrize("at", [-2, sympy.Rational(1, 3), 5])
def test_a_kinked_activation_has_it_on_either_side(function, at):
    expected = sympy.diff(definition(function(z)), z).subs(z, at)
    assert resolved(derivative(function(z))).subs(z, at) == expected


NUMBERS = [sympy.Rational(n, 4) for n in range(-20, 21)]


@pytest.mark.parametrize("slope", [sympy.Rational(1, 5), sympy.Rational(1, 6)])
def test_the_hard_sigmoid_is_what_it_says(slope):
    made = resolved(hard_sigmoid(z, slope))
    assert [made.subs(z, at) for at in NUMBERS] == [min(max(slope * at + sympy.Rational(1, 2), 0), 1) for at in NUMBERS]
    inside = {at for at in NUMBERS if abs(at) < 1 / (2 * slope)}
    slopes = resolved(sympy.diff(hard_sigmoid(z, slope), z))
    assert all(slopes.subs(z, at) == (slope if at in inside else 0) for at in NUMBERS)


@pytest.mark.parametrize("k", [sympy.Integer(3), sympy.Rational(1, 2)])
def test_a_clip_is_what_it_says(k):
    made, slopes = resolved(clipped(z, k)), resolved(sympy.diff(clipped(z, k), z))
    assert [made.subs(z, at) for at in NUMBERS] == [min(max(at, -k), k) for at in NUMBERS]
    assert all(slopes.subs(z, at) == (1 if abs(at) <= k else 0) for at in NUMBERS)


def test_relu_is_flat_at_its_kink():
    assert resolved(derivative(relu(z))).subs(z, 0) == 0


@pytest.mark.parametrize("function", ALL)
def test_the_chain_rule_goes_through(function):
    a, b = sympy.symbols("a b", real=True)
    assert sympy.expand(sympy.diff(function(a * b), a) - b * derivative(function(a * b))) == 0


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("at", [-3.0, -0.5, 0.25, 4.0])
def test_floats_compute_the_definition(function, at):
    import numpy as np

    got = float(FUNCTIONS[function.__name__](np.array([at]))[0])
    exact = sympy.N(definition(function(sympy.Rational(at))), 30)
    assert abs(got - exact) <= 4 * 2.0**-53 * max(1, abs(exact))


def test_an_activation_that_is_not_ours_has_no_derivative():
    class swish(Activation):
        pass

    with pytest.raises(ValueError, match="no derivative is known for the function swish"):
        derivative(swish(z))

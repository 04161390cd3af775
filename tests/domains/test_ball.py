"""Arb's balls hold the true value, and their ends are rounded outwards."""

import math
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnproof.domains.ball import as_ball, ball, ends, float_ends, precisely
from rnnproof.errors import Unsupported
from rnnproof.model.activation import exp, hard_sigmoid, reciprocal, relu, sigmoid, step, tanh
from rnnproof.model.equation import signals

x, y = signals("x y")
TRUE = {
    tanh(x): mpmath.tanh,
    sigmoid(x): lambda v: 1 / (1 + mpmath.exp(-v)),
    relu(x): lambda v: max(v, mpmath.mpf(0)),
    step(x): lambda v: mpmath.mpf(v > 0),
    exp(x): mpmath.exp,
    reciprocal(x**2 + 1): lambda v: 1 / (v**2 + 1),
    hard_sigmoid(x, sympy.Rational(1, 5)): lambda v: min(max(v / 5 + mpmath.mpf(1) / 2, 0), 1),
    tanh(1 - x * sigmoid(x)) - x**3 / 3: lambda v: mpmath.tanh(1 - v / (1 + mpmath.exp(-v))) - v**3 / 3,
}


def rational(value):
    return mpmath.mpf(int(value.p)) / int(value.q)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TRUE, key=str)), st.fractions(-6, 6, max_denominator=50), st.integers(3, 30))
def test_the_true_value_lies_between_the_ends(expression, at, digits):
    with precisely():
        low, high = ends(ball(expression, {"x": as_ball(at)}), digits)
    with mpmath.workdps(80):
        true = TRUE[expression](mpmath.mpf(at.numerator) / at.denominator)
        assert rational(low) <= true <= rational(high)
        assert high - low <= sympy.Rational(2, 10**digits)
        shifted = true + rational(sympy.Rational(3, 10**digits))
        assert not rational(low) <= shifted <= rational(high)


def test_exact_numbers_have_one_end():
    with precisely():
        assert ends(ball(relu(-x) + 3 * x * y, {"x": as_ball(2), "y": as_ball(0.5)}), 12) == (3, 3)
        low, high = ends(as_ball(sympy.Rational(1, 3)), 3)
    assert (low, high) == (sympy.Rational(333, 1000), sympy.Rational(334, 1000))


def test_at_a_jump_that_the_ball_does_not_tell_both_sides_are_in_it():
    with precisely():
        third = as_ball(sympy.Rational(1, 3))
        low, high = ends(ball(step(x), {"x": third * 3 - 1}), 3)
    assert low <= 0 and high >= 1


def test_what_is_not_finite_or_no_equation_is_refused():
    with precisely():
        with pytest.raises(Unsupported, match="no ends"):
            ends(ball(reciprocal(x), {"x": as_ball(0)}), 3)
        with pytest.raises(Unsupported, match="no ball"):
            ball(sympy.sin(x), {"x": as_ball(1)})


@pytest.mark.parametrize(("middle", "radius"), [(1, 0), (Fraction(1, 3), 0), (Fraction(-1, 3), Fraction(1, 2**60))])
def test_float_ends_hold_the_ball_and_no_nearer_floats_do(middle, radius):
    with precisely(300):
        low, high = float_ends(as_ball(sympy.Rational(middle)) + arb(0, float(radius)))
    lower, upper = Fraction(middle) - radius, Fraction(middle) + radius
    assert Fraction(low) <= lower and upper <= Fraction(high)
    if low < high:
        assert Fraction(math.nextafter(low, high)) > lower and Fraction(math.nextafter(high, low)) < upper
    else:
        assert low == lower == upper

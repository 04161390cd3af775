"""A program at numbers: to fifty digits and exactly."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from rnnproof.catalogue import network
from rnnproof.errors import UsageError
from rnnproof.model.activation import exp, reciprocal, relu, sigmoid, step, tanh
from rnnproof.model.equation import signal
from rnnproof.model.network import Sizes
from rnnproof.symbolic import Line, Program, bind, evaluate, evaluate_exactly, unroll

x = signal("x")


def at(expression: sympy.Expr, value: object, digits: int = 50) -> sympy.Float:
    program = Program((Line("y", expression),), {"x": ("x",)}, {})
    return evaluate(program, {"x": value}, digits)["y"]


@pytest.mark.parametrize("value", [0.1, -3.75, Fraction(-1, 3), sympy.log(2), 40, -800, np.float32(0.1)])
def test_activations_are_right_to_fifty_digits(value):
    with mpmath.workdps(80):
        exact = value.evalf(80) if isinstance(value, sympy.Expr) else Fraction(*value.as_integer_ratio())
        t = mpmath.mpf(exact) if isinstance(exact, sympy.Expr) else mpmath.mpf(exact.numerator) / exact.denominator
        expected = {
            sigmoid: 1 / (1 + mpmath.exp(-t)),
            tanh: mpmath.tanh(t),
            relu: max(t, mpmath.mpf(0)),
            step: mpmath.mpf(int(t > 0)),
            exp: mpmath.exp(t),
        }
        for function, should in expected.items():
            got = mpmath.mpf(at(function(x), value))
            assert abs(got - should) <= abs(should) * mpmath.mpf(10) ** -50, function
        if t:
            assert abs(mpmath.mpf(at(reciprocal(x), value)) * t - 1) <= mpmath.mpf(10) ** -50


def test_relu_and_its_derivative_at_the_kink():
    assert (at(relu(x), 0), at(step(x), 0)) == (0, 0)


def test_a_float_is_taken_as_the_fraction_that_it_is():
    program = Program((Line("y", 10 * x),), {"x": ("x",)}, {})
    assert evaluate_exactly(program, {"x": 0.1})["y"] == 10 * sympy.Rational(3602879701896397, 2**55)
    assert evaluate_exactly(program, {"x": np.float32(0.1)})["y"] == 10 * sympy.Rational(13421773, 2**27)
    assert evaluate_exactly(program, {"x": Fraction(1, 10)})["y"] == 1
    excess = evaluate(program, {"x": 0.1}, digits=60)["y"] - 1  # 2^-54
    assert abs(excess * 2**54 - 1) < sympy.Rational(1, 10**40)


def test_the_activation_of_a_logarithm_is_exactly_rational():
    L, M = sympy.log(2), sympy.log(3)
    program = Program((Line("s", sigmoid(x)), Line("t", tanh(x)), Line("u", 3 * signal("t") - 1)), {"x": ("x",)}, {})
    for value, s, t in ((M, "3/4", "4/5"), (L, "2/3", "3/5"), (-L / 2, None, "-1/3"), (0 * L, "1/2", "0")):
        known = evaluate_exactly(program, {"x": value})
        assert s is None or known["s"] == sympy.Rational(s)
        assert known["t"] == sympy.Rational(t)
        assert known["u"] == 3 * sympy.Rational(t) - 1
    assert evaluate_exactly(program, {"x": 2 * L - M})["s"] == sympy.Rational(4, 7)


def test_functions_of_sympy_s_own_are_evaluated_too():
    assert abs(at(sympy.sin(x) ** 2 + sympy.cos(x) ** 2 - 1, 0.7)) < sympy.Rational(1, 10**55)
    assert abs(at(sympy.sqrt(x) / (1 + x**-2), 4) - sympy.Rational(32, 17)) < sympy.Rational(1, 10**55)


def test_arrays_are_bound_entry_by_entry_in_c_order():
    program = unroll(network("elman"), Sizes(T=2, B=1, I=2, H=1))
    arrays = {"W_h": [[1, 2]], "U_h": [[3]], "b_h": [4], "x": np.array([[5.0, 6.0], [7.0, 8.0]]), "h": (9,)}
    assert bind(program, arrays) == {
        **{"W_h[0,0]": 1, "W_h[0,1]": 2, "U_h[0,0]": 3, "b_h[0]": 4},
        **{"x[1][0]": 5, "x[1][1]": 6, "x[2][0]": 7, "x[2][1]": 8, "h[0][0]": 9},
    }
    with pytest.raises(UsageError, match="W_h: got 3 entries, expected 2"):
        bind(program, arrays | {"W_h": [[1, 2, 3]]})


@pytest.mark.parametrize("evaluated", [evaluate, evaluate_exactly])
def test_missing_and_unknown_arguments_are_named(evaluated):
    program = unroll(network("elman:bias=false"), Sizes(T=1, B=1, I=1, H=1))
    values = {"W_h[0,0]": 1, "U_h[0,0]": 1, "x[1][0]": 1, "h[0][0]": 1}
    assert float(evaluated(program, values)["z_h[1][0]"]) == 2.0
    with pytest.raises(UsageError, match=r"no value for x\[1\]\[0\]; expected 4 values, W_h\[0,0\] to h\[0\]\[0\]"):
        evaluated(program, {name: value for name, value in values.items() if name != "x[1][0]"})
    with pytest.raises(UsageError, match=r"unknown argument b_h\[0\]; expected 4 values"):
        evaluated(program, values | {"b_h[0]": 1})

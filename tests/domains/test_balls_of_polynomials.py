"""Polynomials of balls: the exact value at every point inside, and every accepted formula in floats, stays inside."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from balls import DTYPES, balls, of_format, outside, rounded_within, within
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnproof.domains.bounded import Bounded, evaluate, exact
from rnnproof.domains.formats import FORMATS, gamma
from rnnproof.domains.polynomial import compiled, majorant, operations
from rnnproof.errors import Unsupported
from rnnproof.model.activation import sigmoid, step, tanh
from rnnproof.model.equation import signal, signals

MANY = settings(max_examples=120, deadline=None)
a, b, c, d, z = signals("a b c d z")
HALF, THIRD = sympy.Rational(1, 2), sympy.Rational(1, 3)

# A polynomial, and every formula for it that must be accepted, in terms of arrays of one format.
FORMULAS = {
    a * b + c * d: (
        lambda a, b, c, d: a * b + c * d,
        lambda a, b, c, d: fused(c, d, a * b),
        lambda a, b, c, d: fused(a, b, c * d),
    ),
    a * b: (lambda a, b: a * b,),
    (1 - z) * a + z * b: (
        lambda z, a, b: (1 - z) * a + z * b,
        lambda z, a, b: a + z * (b - a),
        lambda z, a, b: a - z * a + z * b,
        lambda z, a, b: z * b - (z - 1) * a,
        lambda z, a, b: fused(z, b - a, a),
    ),
    d * z * (1 - z): (
        lambda d, z: d * z * (1 - z),
        lambda d, z: d * (z * (1 - z)),
        lambda d, z: d * (z - z * z),
        lambda d, z: d * z - d * z * z,
        lambda d, z: (d - d * z) * z,
        lambda d, z: d * fused(-z, z, z),
    ),
    d * (1 - z**2): (
        lambda d, z: d * (1 - z * z),
        lambda d, z: d * (1 - z**2),
        lambda d, z: d * ((1 - z) * (1 + z)),
        lambda d, z: (d - d * z) * (1 + z),
        lambda d, z: d - d * (z * z),
        lambda d, z: d - d * z * z,
        lambda d, z: d * fused(-z, z, np.ones_like(z)),
    ),
    a * b * c: (
        lambda a, b, c: a * b * c,
        lambda a, b, c: a * (b * c),
        lambda a, b, c: b * (a * c),
    ),
    2 * a: (lambda a: a + a, lambda a: 2 * a),
    a * b + a * (1 - b): (lambda a, b: a * b + a * (1 - b), lambda a, b: a * b + (a - a * b), lambda a, b: a),
    (a - b) * (a + b) + b**2: (
        lambda a, b: (a - b) * (a + b) + b * b,
        lambda a, b: (a * a - b * b) + b**2,
        lambda a, b: a * a,
    ),
    HALF * a - b: (lambda a, b: a / 2 - b, lambda a, b: a.dtype.type(0.5) * a - b),
    THIRD * a + 1: (
        lambda a: a / 3 + 1,
        lambda a: a.dtype.type(1 / 3) * a + 1,
        lambda a: (a + 3) * a.dtype.type(1 / 3),
        lambda a: (a + 3) / 3,
    ),
    -(a**3): (lambda a: -a * a * a, lambda a: -(a * a) * a, lambda a: -(a**3)),
    a + b + c + d: (
        lambda a, b, c, d: a + b + c + d,
        lambda a, b, c, d: (a + b) + (c + d),
        lambda a, b, c, d: a + (b + (c + d)),
    ),
}


def fused(a, b, c):
    """a b + c, rounded once: exact in long double for float32, as well as it can do for float64."""
    return (a.astype(np.longdouble) * b + c).astype(a.dtype)


def exactly(expression, point):
    """The value at Fractions."""
    terms = sympy.Poly(expression, *map(signal, names(expression))).terms()
    return sum(
        Fraction(int(c.p), int(c.q)) * np.prod([point[n] ** p for n, p in zip(names(expression), powers, strict=True)])
        for powers, c in terms
    )


def names(expression):
    return sorted(symbol.name for symbol in expression.free_symbols)


def drawn(data, expression, dtype, largest):
    return {name: data.draw(balls(dtype, largest)) for name in names(expression)}


def ball_of(expression, env, dtype):
    with np.errstate(all="ignore"):
        return evaluate(expression, env, FORMATS[dtype])


POINTS = st.dictionaries(st.sampled_from("abcdz"), st.floats(-1, 1) | st.sampled_from([-1.0, 1.0]))
LARGEST = {"float32": 2.0**30, "float64": 2.0**200, "float16": 2.0**3, "bfloat16": 2.0**30}


@MANY
@given(st.data(), st.sampled_from(list(FORMULAS)), st.sampled_from(DTYPES), POINTS)
def test_the_exact_value_at_every_point_of_the_balls_is_inside(data, expression, dtype, at):
    env = drawn(data, expression, dtype, LARGEST[dtype])
    result = ball_of(expression, env, dtype)
    points = {name: within(ball, at.get(name, 0.0)) for name, ball in env.items()}
    for n in range(3):
        true = exactly(expression, {name: Fraction(float(point[n])) for name, point in points.items()})
        assert not outside(result, n, true)


@MANY
@given(st.data(), st.sampled_from(list(FORMULAS)), st.sampled_from(DTYPES), POINTS)
def test_every_accepted_formula_is_inside(data, expression, dtype, at):
    env = drawn(data, expression, dtype, LARGEST[dtype])
    result = ball_of(expression, env, dtype)
    points = {name: rounded_within(ball, at.get(name, 0.0), dtype) for name, ball in env.items()}
    for formula in FORMULAS[expression]:
        with np.errstate(all="ignore"):
            got = formula(**points)
        assert got.dtype == np.dtype(dtype)
        assert [n for n in range(3) if outside(result, n, float(got[n]))] == []


@pytest.mark.parametrize("dtype", DTYPES)
def test_accepted_formulas_stay_inside_on_a_hundred_thousand_draws(dtype):
    """With numbers of every size from the format's subnormal ones on, each exact: only rounding is left."""
    rng = np.random.default_rng(0)
    low, high = {"float32": (-149, 30), "float64": (-1074, 200), "float16": (-24, 3), "bfloat16": (-133, 30)}[dtype]
    for expression, formulas in FORMULAS.items():
        shape = 10_000
        exponents = {name: rng.integers(low, high, shape) for name in names(expression)}
        narrow = rng.random(shape) < 0.5
        exponents = {name: np.where(narrow, rng.integers(-3, 3, shape), e) for name, e in exponents.items()}
        with np.errstate(all="ignore"):
            point = {n: of_format(np.ldexp(rng.uniform(-2, 2, shape), e), dtype) for n, e in exponents.items()}
        result = ball_of(expression, {name: exact(np.asarray(p, np.float64)) for name, p in point.items()}, dtype)
        for formula in formulas:
            with np.errstate(all="ignore"):
                error = np.abs(np.asarray(formula(**point), np.float64) - result.value)
            assert np.all(error <= result.radius), expression


@pytest.mark.parametrize("expression", list(FORMULAS), ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_of_exact_numbers_the_ball_is_a_few_roundings_wide(expression, dtype):
    rng = np.random.default_rng(1)
    env = {name: exact(rng.uniform(0.5, 1, 100)) for name in names(expression)}
    result = ball_of(expression, env, dtype)
    largest = sum(
        coefficient * np.prod([env[name].value ** power for name, power in factors] or [1.0], axis=0)
        for coefficient, factors in majorant(expression)
    )
    form = FORMATS[dtype]
    assert np.all(result.radius <= gamma(operations(expression), form) * largest * (1 + 2.0**-20) + 2**9 * form.lost)


def test_a_radius_that_nothing_passes_on_is_not_passed_on():
    """d i (1 - i), i near 1: what d is off by counts 1 - i times, not 1 + i times."""
    env = {"d": Bounded(np.array([2.0]), np.array([2.0**-20])), "i": exact(np.array([1 - 2.0**-10]))}
    i = signal("i")
    radius = ball_of(d * i * (1 - i), env, "float64").radius[0]
    assert 2.0**-30 * (1 - 2.0**-10) <= radius <= 2.0**-30 * (1 + 2.0**-10)


WRONG = {
    "a little too large": (a * b + c * d, lambda a, b, c, d: (a * b + c * d) * (1 + 2.0**-48)),
    "a wrong sign": (a * b + c * d, lambda a, b, c, d: a * b - c * d),
    "z and 1 - z exchanged": ((1 - z) * a + z * b, lambda z, a, b: z * a + (1 - z) * b),
    "another slope": (d * z * (1 - z), lambda d, z: d * z * (1 - z * z)),
    "single precision": (d * (1 - z**2), lambda d, z: (d * (1 - z**2)).astype(np.float32).astype(np.float64)),
    "a coefficient": (2 * a, lambda a: a * (2 + 2.0**-50)),
}


@pytest.mark.parametrize("name", WRONG)
def test_another_polynomial_is_outside(name):
    expression, wrong = WRONG[name]
    rng = np.random.default_rng(2)
    point = {name: rng.uniform(0.5, 2, 200) for name in names(expression)}
    result = ball_of(expression, {name: exact(value) for name, value in point.items()}, "float64")
    got = wrong(**point)
    assert all(outside(result, n, float(got[n])) for n in range(200) if got[n] != result.value[n])
    assert np.count_nonzero(got != result.value) > 150


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_product_that_underflows_may_be_lost_before_a_large_factor_comes(dtype):
    """(a b) c = 0 and a (b c) != 0, both accepted: a b is below the subnormal numbers, c is large."""
    tiny = {"float32": 2.0**-100, "float64": 2.0**-700, "float16": 2.0**-13, "bfloat16": 2.0**-100}[dtype]
    env = {"a": exact(np.array([tiny])), "b": exact(np.array([tiny])), "c": exact(np.array([1 / tiny]))}
    result = ball_of(a * b * c, env, dtype)
    point = {name: ball.value.astype(dtype) for name, ball in env.items()}
    with np.errstate(all="ignore"):
        lost, kept = point["a"] * point["b"] * point["c"], point["a"] * (point["b"] * point["c"])
    assert lost[0] == 0 and kept[0] == tiny
    assert not outside(result, 0, float(lost[0])) and not outside(result, 0, float(kept[0]))
    assert outside(result, 0, 2.0)


def test_operations_are_those_of_the_longest_accepted_formula():
    expected = {a * b: 1, a * b + c * d: 3, d * (1 - z**2): 4, (1 - z) * a + z * b: 4, 2 * a: 0, -a: 0, THIRD * a: 2}
    expected |= {a * (b + c) * (b - c) * (c + d): 9, (1 - a) ** 3: 8, a + a * (1 - a) * (1 + a): 5}
    assert {expression: operations(expression) for expression in expected} == expected


def test_a_signal_alone_is_not_rounded():
    ball = Bounded(np.array([0.1]), np.array([0.5]))
    assert evaluate(z, {"z": ball}, FORMATS["float32"]) is ball


def test_activations_inside_a_polynomial_are_balls_of_their_own():
    env = {"z": exact(np.array([0.5])), "a": exact(np.array([2.0]))}
    whole = ball_of(a * tanh(z) + sigmoid(2 * z) * step(a), env, "float64")
    parts = {
        "t": ball_of(tanh(z), env, "float64"),
        "s": ball_of(sigmoid(2 * z), env, "float64"),
        "p": ball_of(step(a), env, "float64"),
    }
    t, s, p = signals("t s p")
    again = ball_of(a * t + s * p, env | parts, "float64")
    assert (whole.value, whole.radius) == (again.value, again.radius)


@pytest.mark.parametrize("wrong", [1 / z, sympy.sqrt(z) * a, sympy.sin(z)], ids=str)
def test_what_is_no_polynomial_is_refused_by_name(wrong):
    with pytest.raises(Unsupported, match="is not a polynomial of"):
        compiled(wrong)

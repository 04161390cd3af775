"""Activations of balls: the true value at every point inside, and every accepted way of computing it, stays inside."""

import mpmath
import numpy as np
import pytest
from balls import DIGITS, DTYPES, balls, outside, rounded_within, within
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnproof.domains.bounded import Bounded, apply, exact
from rnnproof.domains.formats import FORMATS, LIBRARY_UNITS

MANY = settings(max_examples=150, deadline=None)
TRUE = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "step": lambda z: mpmath.mpf(z > 0),
    "exp": mpmath.exp,
    "reciprocal": lambda z: 1 / z,
}
REACH = {"exp": 80.0, "reciprocal": 2.0**60}


def reach(function, otherwise, dtype):
    """As far as the format goes."""
    far = REACH.get(function, otherwise)
    return min(far, {"exp": 10.0}.get(function, 2.0**12)) if dtype == "float16" else far


def by_exp(z):
    return 1 / (1 + np.exp(-z))


def by_tanh(z):
    half = z.dtype.type(0.5)
    return half * (1 + np.tanh(half * z))


def piecewise(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small)).astype(z.dtype)


def tanh_by_expm1(z):
    e = np.expm1(-2 * np.abs(z))
    return np.copysign(-e / (e + 2), z).astype(z.dtype)


COMPUTED = {
    "sigmoid": (by_exp, by_tanh, piecewise),
    "tanh": (np.tanh, tanh_by_expm1),
    "relu": (lambda z: np.maximum(z, 0), lambda z: z * (z > 0), lambda z: (z + np.abs(z)) / 2),
    "exp": (np.exp,),
    "reciprocal": (lambda z: 1 / z, lambda z: np.reciprocal(z)),
}


def ball_of(function, ball, dtype):
    with np.errstate(all="ignore"):
        return apply(function, ball, FORMATS[dtype])


@MANY
@given(st.data(), st.sampled_from(sorted(TRUE)), st.sampled_from(DTYPES), st.floats(-1, 1) | st.sampled_from([-1, 1]))
def test_the_true_value_at_every_point_of_a_ball_is_inside(data, function, dtype, at):
    ball = data.draw(balls(dtype, reach(function, 1e4, dtype)))
    result = ball_of(function, ball, dtype)
    with mpmath.workdps(DIGITS):
        points = [mpmath.mpf(float(z)) for z in within(ball, at)]
        true = [TRUE[function](z) if z or function != "reciprocal" else None for z in points]
    assert [n for n, value in enumerate(true) if value is not None and outside(result, n, value)] == []


@MANY
@given(st.data(), st.sampled_from(sorted(COMPUTED)), st.sampled_from(DTYPES), st.floats(-1, 1))
def test_every_accepted_way_of_computing_it_is_inside(data, function, dtype, at):
    ball = data.draw(balls(dtype, reach(function, 60.0, dtype)))
    result = ball_of(function, ball, dtype)
    z = rounded_within(ball, at, dtype)
    for compute in COMPUTED[function]:
        with np.errstate(all="ignore"):
            got = compute(z)
        assert got.dtype == np.dtype(dtype)
        assert [n for n in range(len(z)) if np.isfinite(got[n]) and outside(result, n, float(got[n]))] == []


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", ["sigmoid", "tanh"])
def test_of_an_exact_number_the_ball_is_as_wide_as_a_library_may_be_off(function, dtype):
    z = np.linspace(-9, 9, 1001)
    result = ball_of(function, exact(z), dtype)
    assert np.all(result.radius <= LIBRARY_UNITS * FORMATS[dtype].unit * (1 + 2.0**-40) + 2 * FORMATS[dtype].lost)


@pytest.mark.parametrize(("function", "steepest"), [("sigmoid", 0.25), ("tanh", 1.0), ("relu", 1.0)])
def test_a_radius_grows_by_the_slope_and_no_more(function, steepest):
    """At 0 by the steepest slope; at 5, where sigmoid and tanh are flat, by far less."""
    ball = Bounded(np.array([0.0, 5.0, -5.0]), np.full(3, 2.0**-20))
    radius = ball_of(function, ball, "float64").radius * 2**20
    assert steepest <= radius[0] <= steepest * (1 + 2.0**-20)
    with mpmath.workdps(DIGITS):
        slopes = [float(mpmath.diff(TRUE[function], z)) for z in (5, -5)]
    assert np.all(radius[1:] >= slopes) and np.all(radius[1:] <= np.multiply(slopes, 1 + 2.0**-15) + 2.0**-30)


@pytest.mark.parametrize("function", ["sigmoid", "tanh"])
def test_what_is_unknown_stays_unknown_and_of_anything_else_the_range_is_known(function):
    """Within [0, 1] and [-1, 1] however wide the ball; but where right code may have NaN, it may have it after, too."""
    value = np.array([0.0, 0.0, 3.0])
    result = ball_of(function, Bounded(value, np.array([np.inf, np.nan, 1e300])), "float64")
    spread = {"sigmoid": 1.0, "tanh": 2.0}[function]
    assert np.isinf(result.radius).tolist() == [True, True, False]
    assert result.radius[2] <= spread * (1 + 2.0**-40) and result.value[2] + result.radius[2] >= 1


def test_the_kink_of_relu_leaves_its_slope_open():
    ball = Bounded(np.array([-1.0, -0.5, 0.0, 0.25, 1.0]), np.array([0.5, 0.5, 0.0, 0.5, 0.5]))
    slope = ball_of("step", ball, "float64")
    assert slope.value.tolist() == [0, 0, 0.5, 1, 1]
    assert slope.radius[[0, 4]].tolist() == [0, 0]
    least = np.array([1, 0.5, 1])
    assert np.all(slope.radius[1:4] >= least) and np.all(slope.radius[1:4] <= least * (1 + 2.0**-40))
    value = ball_of("relu", ball, "float64")
    assert value.value.tolist() == [0, 0, 0, 0.25, 1]
    assert value.radius[0] == 0 and np.all(value.radius[1:] >= ball.radius[1:])


@pytest.mark.parametrize(
    ("function", "ball"),
    [
        ("exp", Bounded(np.array([700.0]), np.array([20.0]))),
        ("reciprocal", Bounded(np.array([0.5]), np.array([0.5]))),
        ("reciprocal", Bounded(np.array([0.0]), np.array([0.0]))),
    ],
)
def test_where_nothing_can_be_said_the_radius_is_not_finite(function, ball):
    assert not np.isfinite(ball_of(function, ball, "float64").radius).any()


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        ("sigmoid", lambda z: 0.5 + np.clip(z, -2.5, 2.5) / 5),
        ("sigmoid", lambda z: by_exp(z.astype(np.float32)).astype(np.float64)),
        ("tanh", lambda z: np.tanh(z) * (1 - 2.0**-49)),
        ("relu", lambda z: np.maximum(z, 0.01 * z)),
        ("exp", lambda z: np.exp2(z * np.float64(1.4427))),
        ("reciprocal", lambda z: 1 / z * (1 + 2.0**-49)),
    ],
)
def test_another_function_is_outside(function, wrong):
    z = np.random.default_rng(0).uniform(-4, 4, 2000)
    result = ball_of(function, exact(z), "float64")
    assert any(outside(result, n, float(got)) for n, got in enumerate(wrong(z)))

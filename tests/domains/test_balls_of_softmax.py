"""The softmax of balls and its adjoint: the truth at sixty digits inside, right code however written inside."""

from statistics import median

import mpmath
import numpy as np
import pytest
from balls import DIGITS, DTYPES, balls, of_format, outside, rounded_within, within
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnproof.domains.bounded import Bounded, evaluate, exact
from rnnproof.domains.bounded_softmax import mixed, softmax
from rnnproof.domains.formats import FORMATS
from rnnproof.domains.sums import one
from rnnproof.model.equation import signals

MANY = settings(max_examples=150, deadline=None)
UNITS, BATCH = -1, -2
HIGHEST = {"float64": 2.0**99, "float32": 2.0**99, "float16": 2.0**12, "bfloat16": 2.0**99}


def true_softmax(z):
    """Of a row of numbers, to sixty digits."""
    e = [mpmath.exp(mpmath.mpf(float(value))) for value in z]
    return [value / mpmath.fsum(e) for value in e]


def shifted(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def reversed_sum(z):
    e = np.exp(z - z.max())
    return e * (1 / sum(e[::-1], start=e.dtype.type(0)))


def unshifted(z):
    e = np.exp(z)
    return e / e.sum()


def by_logarithms(z):
    m = z.max()
    return np.exp(z - (m + np.log(np.exp(z - m).sum())))


def by_differences(z):
    """1 / sum of exp(z_j - z_k)."""
    return 1 / np.exp(z[None, :] - z[:, None]).sum(axis=1)


WRITTEN = (shifted, reversed_sum, by_logarithms)  # right wherever z is
NEAR = (unshifted, by_differences)  # right where no exp leaves the range


def ball_of(ball, dtype, axis=UNITS):
    with np.errstate(all="ignore"):
        return softmax(ball, axis, FORMATS[dtype])


def leaving(result, numbers):
    return [n for n, number in enumerate(numbers) if outside(result, n, number)]


@MANY
@given(
    st.data(), st.sampled_from(DTYPES), st.integers(1, 5), st.sampled_from([1.0, 40.0, 1e4, 2.0**99]), st.floats(-1, 1)
)
def test_the_true_values_of_every_point_of_a_ball_are_inside(data, dtype, entries, reach, at):
    ball = data.draw(balls(dtype, min(reach, HIGHEST[dtype]), entries))
    with mpmath.workdps(DIGITS):
        for sides in (np.ones(entries), np.resize([1, -1], entries)):
            assert leaving(ball_of(ball, dtype), true_softmax(within(ball, at * sides))) == []


@MANY
@given(st.data(), st.sampled_from(DTYPES), st.integers(1, 5), st.sampled_from([1.0, 30.0, 1e3]), st.floats(-1, 1))
def test_every_accepted_way_of_computing_it_is_inside(data, dtype, entries, reach, at):
    ball = data.draw(balls(dtype, reach, entries))
    result = ball_of(ball, dtype)
    z = rounded_within(ball, at, dtype)
    for compute in WRITTEN + NEAR * bool(np.abs(z).max() < (4 if dtype == "float16" else 40)):
        with np.errstate(all="ignore"):
            got = compute(z)
        assert got.dtype == np.dtype(dtype)
        assert leaving(result, map(float, got)) == [], compute.__name__


def rows(dtype, scale, count=400):
    return of_format(np.random.default_rng(3).normal(scale=scale, size=(count, 4)), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [0.5, 4.0, 20.0])
def test_the_balls_are_not_much_wider_than_right_code_needs(dtype, scale, record_property):
    """Of exact numbers, the median over rows of the largest error / radius of any accepted way."""
    ratios = []
    for z in rows(dtype, scale):
        ball = ball_of(exact(np.asarray(z, float)), dtype)
        with mpmath.workdps(DIGITS):
            truth = true_softmax(z)
            far = [abs(mpmath.mpf(float(y)) - t) for c in WRITTEN for y, t in zip(c(z), truth, strict=True)]
        ratios.append(max(float(error) / float(r) for error, r in zip(far, [*ball.radius] * len(WRITTEN), strict=True)))
    record_property("median error / radius", median(ratios))
    print(f"softmax of z up to {scale:5} {dtype}: median error / radius {median(ratios):.3f}")
    assert 0.01 < median(ratios) <= max(ratios) <= 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [0.5, 4.0])
def test_an_error_of_three_radii_is_outside_and_three_radii_are_little(dtype, scale):
    for z in rows(dtype, scale, 50):
        ball = ball_of(exact(np.asarray(z, float)), dtype)
        assert leaving(ball, map(float, ball.value + 3 * ball.radius)) == [0, 1, 2, 3]
        assert np.all(ball.radius <= 100 * FORMATS[dtype].unit * ball.value + 64 * FORMATS[dtype].lost)


@pytest.mark.parametrize("wrong", [lambda z: np.exp(z), lambda z: 1 / (1 + np.exp(-z)), lambda z: shifted(2 * z)])
def test_another_function_is_outside(wrong):
    z = np.array([0.5, -1.0, 2.0])
    assert leaving(ball_of(exact(z), "float64"), map(float, wrong(z))) == [0, 1, 2]


def test_a_winner_is_known_however_wide_the_balls():
    """It is 1 less what all the others are; and where nothing wins, all is in [0, 1]."""
    clear = ball_of(Bounded(np.array([90.0, 0.0, -5.0]), np.full(3, 10.0)), "float64")
    assert np.all(clear.radius <= 1e-25 + np.array([1e-13, 0, 0]))
    open_ = ball_of(Bounded(np.array([1.0, 0.0, -5.0]), np.full(3, 1e3)), "float64")
    assert np.all(open_.radius <= 1 + 1e-13)


def test_of_an_unknown_entry_its_whole_row_is_unknown_and_no_other():
    ball = Bounded(np.zeros((2, 3)), np.array([[0.0, np.inf, 0.0], [0.0, 0.0, 0.0]]))
    assert np.isinf(ball_of(ball, "float64").radius).tolist() == [[True] * 3, [False] * 3]
    assert np.isinf(ball_of(ball, "float64", BATCH).radius).tolist() == [[False, True, False]] * 2


# --- its adjoint: dz_k = y_k (dy_k - sum of y_j dy_j) -------------------------------------------------------


def row_by_row(y, d):
    return y * (d - (y * d).sum())


def by_the_matrix(y, d):
    return (np.diag(y) - np.outer(y, y)) @ d


def by_entries(y, d):
    return np.array([sum(y[j] * ((j == k) - y[k]) * d[j] for j in range(len(y))) for k in range(len(y))], y.dtype)


def of_exp_and_sum(z, d):
    """Each line of e = exp(z - max z), s = sum of e, y = e / s differentiated by itself, the shift too."""
    e = np.exp(z - z.max())
    s = e.sum()
    dz = (d / s - (d * e).sum() / (s * s)) * e
    dz[z.argmax()] -= dz.sum()
    return dz


PULLED = (lambda z, d: row_by_row(shifted(z), d), lambda z, d: by_the_matrix(by_logarithms(z), d),
          lambda z, d: by_entries(shifted(z), d), of_exp_and_sum)  # fmt: skip


def pulled(z, d, dtype):
    """The two edges together, from balls of z and of dy."""
    form, (y, dy) = FORMATS[dtype], signals("y dy")
    with np.errstate(all="ignore"):
        balls = {"y": softmax(z, UNITS, form), "dy": d}
        found = one(evaluate(y * dy, balls, form))
        found.add(mixed(evaluate(-y, balls, form), balls["y"], d, z, UNITS, form))
        return found.ball(form)


def true_gradient(z, d):
    y = true_softmax(z)
    together = mpmath.fsum(a * mpmath.mpf(float(b)) for a, b in zip(y, d, strict=True))
    return [a * (mpmath.mpf(float(b)) - together) for a, b in zip(y, d, strict=True)]


@MANY
@given(st.data(), st.sampled_from(DTYPES), st.integers(1, 5), st.sampled_from([1.0, 30.0, 1e3]), st.floats(-1, 1))
def test_every_accepted_gradient_and_the_truth_are_inside(data, dtype, entries, reach, at):
    z, d = data.draw(balls(dtype, reach, entries)), data.draw(balls(dtype, 8.0, entries))
    result = pulled(z, d, dtype)
    with mpmath.workdps(DIGITS):
        assert leaving(result, true_gradient(within(z, at), within(d, -at))) == []
    for compute in PULLED:
        with np.errstate(all="ignore"):
            got = compute(rounded_within(z, at, dtype), rounded_within(d, -at, dtype))
        assert leaving(result, map(float, got)) == []


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_gradients_balls_are_not_much_wider_than_right_code_needs(dtype, record_property):
    ratios = []
    for z, d in zip(rows(dtype, 2.0), rows(dtype, 1.0)[::-1], strict=True):
        ball = pulled(exact(np.asarray(z, float)), exact(np.asarray(d, float)), dtype)
        with mpmath.workdps(DIGITS):
            truth = true_gradient(z, d)
            far = [abs(mpmath.mpf(float(g)) - t) for c in PULLED for g, t in zip(c(z, d), truth, strict=True)]
        ratios.append(max(float(error) / float(r) for error, r in zip(far, [*ball.radius] * len(PULLED), strict=True)))
        assert leaving(ball, map(float, ball.value + 3 * ball.radius)) == [0, 1, 2, 3]
    record_property("median error / radius", median(ratios))
    print(f"gradient of a softmax {dtype}: median error / radius {median(ratios):.3f}")
    assert 0.01 < median(ratios) <= max(ratios) <= 1


@pytest.mark.parametrize("wrong", [lambda y, d: y * d, lambda y, d: d, lambda y, d: y * (d - d.sum())])
def test_a_wrong_gradient_is_outside(wrong):
    z, d = np.array([0.5, -1.0, 2.0]), np.array([1.0, -2.0, 0.5])
    found = leaving(pulled(exact(z), exact(d), "float64"), map(float, wrong(shifted(z), d)))
    assert found == [0, 1, 2]

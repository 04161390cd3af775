"""Formats and what a target claims of them: sums in a wider one, underflow taken for 0, tails."""

from dataclasses import replace
from fractions import Fraction
from math import inf

import ml_dtypes
import mpmath
import numpy as np
import pytest
from balls import DIGITS, of_format, outside

from rnnproof.domains.bounded import apply, exact
from rnnproof.domains.formats import FACTORS, FORMATS, claimed, digits, gamma, of_a_sum
from rnnproof.domains.sums import Sum
from rnnproof.model.implementation import Claims

HALF = ("float16", "bfloat16")
WIDE = Claims(accumulate="float32")


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_format_is_what_numpy_says(dtype):
    form, told = FORMATS[dtype], ml_dtypes.finfo(np.dtype(dtype))
    assert form.roundoff == float(told.eps) / 2 and digits(dtype) == told.nmant + 1
    assert (form.normal, form.largest) == (float(told.tiny), float(told.max))
    assert form.subnormal == float(told.smallest_subnormal)


def ball_of(w, x, form, parts=1):
    """sum of w x, exact numbers."""
    with np.errstate(all="ignore"):
        value, size = np.array([w @ x]), np.array([np.abs(w) @ np.abs(x)])
    return Sum(value, np.zeros(1), size, len(w), len(w), parts).ball(form)


def summed(w, x, products, sums):
    """The products and their sum one after the other, each rounded to a format."""
    total = np.zeros((), sums)
    for product in (np.asarray(of_format(w, products) * of_format(x, products))).astype(sums):
        total = (total.astype(np.float64) + product.astype(np.float64)).astype(sums)
    return total


@pytest.mark.parametrize("dtype", HALF)
def test_a_claimed_accumulation_is_held_to(dtype):
    """Ones in a format of few digits stop to add up; in float32 they do not, and the bound says so."""
    w, x = np.ones(6000), np.ones(6000)
    narrow = float(summed(w, x, dtype, dtype))
    wide = float(np.asarray(summed(w, x, "float32", "float32")).astype(dtype))
    assert narrow < 3000 and abs(wide - 6000) <= 16
    plain, held = (ball_of(w, x, claimed(dtype, claims)) for claims in (Claims(), WIDE))
    assert not outside(plain, 0, wide) and not outside(plain, 0, narrow)
    assert not outside(held, 0, wide) and outside(held, 0, narrow)
    assert not outside(held, 0, Fraction(6000))


@pytest.mark.parametrize("products", FACTORS)
def test_factors_that_are_rounded_first_are_right_where_that_is_claimed(products):
    """Twice its unit roundoff, and little more; a format of fewer digits is as it was."""
    w, x = (part.astype(np.float32).astype(np.float64) for part in np.random.default_rng(0).uniform(0.5, 1, (2, 64)))
    plain, held = (ball_of(w, x, claimed("float32", claims)) for claims in (Claims(), Claims(products=products)))
    true = float(w @ x)
    assert outside(plain, 0, true * (1 + 1.9 * FACTORS[products]))
    assert not outside(held, 0, true * (1 + 1.9 * FACTORS[products]))
    assert outside(held, 0, true * (1 + 2.2 * FACTORS[products]))
    short = [np.asarray(of_format(part, "bfloat16"), np.float64) for part in (w, x)]
    assert not outside(ball_of(w, x, claimed("float32", Claims(products="bfloat16"))), 0, float(short[0] @ short[1]))
    assert claimed("bfloat16", Claims(products="tfloat32")) == FORMATS["bfloat16"]


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("parts", [1, 2, 4])
def test_sums_in_a_wider_format_stay_inside_both_bounds(dtype, parts):
    """Each part added up in the next wider format, rounded to its own, and all of them added up in that."""
    wider = {"float64": "longdouble", "float32": "float64"}.get(dtype, "float32")
    rng = np.random.default_rng(0)
    claims = Claims() if wider == "longdouble" else Claims(accumulate=wider)
    for _ in range(200):
        w, x = (np.asarray(of_format(rng.normal(size=12), dtype), np.float64) for _ in range(2))
        total = np.zeros((), dtype)
        for a, b in zip(np.split(w, parts), np.split(x, parts), strict=True):
            half = np.cumsum((a * b).astype(wider))[-1]
            total = (total.astype(np.longdouble) + np.asarray(half).astype(dtype).astype(np.longdouble)).astype(dtype)
        for form in (FORMATS[dtype], claimed(dtype, claims)):
            assert not outside(ball_of(w, x, form, parts), 0, float(total))


def test_a_claim_says_nothing_of_formats_that_are_finer():
    assert claimed("float64", WIDE).accumulation is None and claimed("float32", WIDE).accumulation is None
    assert claimed("float16", WIDE).accumulation == 2.0**-24
    assert claimed("bfloat16", Claims()) == FORMATS["bfloat16"]


def test_factors_that_are_rounded_before_they_are_multiplied_widen_the_bound():
    """As graphics processors do: float32 of which a product sees eleven digits."""
    rng = np.random.default_rng(1)
    w, x = (rng.normal(size=50).astype(np.float32).astype(np.float64) for _ in range(2))
    seen = [np.asarray(of_format(value, "float16"), np.float64) for value in (w, x)]
    got = float(np.float32(seen[0] @ seen[1]))
    assert outside(ball_of(w, x, FORMATS["float32"]), 0, got)
    assert not outside(ball_of(w, x, replace(FORMATS["float32"], factors=2.0**-11)), 0, got)


@pytest.mark.parametrize("dtype", FORMATS)
def test_what_is_flushed_to_zero_is_inside_where_it_is_claimed_and_outside_where_not(dtype):
    form = FORMATS[dtype]
    w, x = np.array([form.normal, 0.0]), np.array([0.75, 1.0])
    plain, flushed = (ball_of(w, x, each) for each in (form, claimed(dtype, Claims(flush_to_zero=True))))
    assert outside(plain, 0, 0.0) and not outside(flushed, 0, 0.0)
    assert not outside(plain, 0, 0.75 * form.normal)


def by_exp(z):
    return 1 / (1 + np.exp(-z))


def by_tanh(z):
    return (1 + np.tanh(z / 2)) / 2


@pytest.mark.parametrize("dtype", FORMATS)
def test_relative_tails_accept_a_sigmoid_that_keeps_them_and_refuse_one_that_does_not(dtype):
    z = np.array([-6.5, -7.0, -8.0, -9.0]) * (4 if dtype == "float64" else 2 if dtype == "float32" else 1)
    with np.errstate(all="ignore"):
        kept, lost = (np.asarray(f(of_format(z, dtype)), np.float64) for f in (by_exp, by_tanh))
    plain = apply("sigmoid", exact(z), FORMATS[dtype])
    tails = apply("sigmoid", exact(z), claimed(dtype, Claims(relative_tails=True)))
    with mpmath.workdps(DIGITS):
        true = [1 / (1 + mpmath.exp(-mpmath.mpf(number))) for number in z.tolist()]
    for n in range(len(z)):
        assert not outside(tails, n, true[n]) and not outside(tails, n, kept[n])
        assert not outside(plain, n, kept[n]) and not outside(plain, n, lost[n])
    assert any(outside(tails, n, lost[n]) for n in range(len(z)))


def test_roundings_one_after_the_other_are_unknown_from_one_over_u_on():
    form = FORMATS["bfloat16"]
    assert 4 * form.unit < gamma(4, form) < 5 * form.unit
    assert gamma(256, form) == gamma(1000, form) == inf
    assert of_a_sum(form, 1000, 1000, 1) == 1000 * form.unit  # n u, for any n

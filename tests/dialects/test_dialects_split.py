"""One bias as the exact sum of two, for every float there is."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnproof.domains.split import split

FORMATS = {"float64": 64, "float32": 32, "float16": 16}
TINIEST = float(np.finfo("float64").smallest_subnormal)


@pytest.mark.parametrize("dtype", FORMATS)
@given(data=st.data())
def test_the_sum_is_exact_and_neither_part_is_zero(dtype, data):
    numbers = st.floats(width=FORMATS[dtype], allow_nan=False, allow_infinity=False)
    b = np.array(data.draw(st.lists(numbers, min_size=1, max_size=5)), dtype=dtype)
    first, second = split(b)
    assert first.dtype == second.dtype == b.dtype
    for whole, one, other in zip(b.tolist(), first.tolist(), second.tolist(), strict=True):
        assert Fraction(one) + Fraction(other) == Fraction(whole)
        assert one != 0 and other != 0
    assert np.array_equal(first + second, b) and np.array_equal(second + first, b)


@pytest.mark.parametrize("dtype", FORMATS)
@given(data=st.data())
def test_normal_parts_differ_and_are_no_larger_than_the_whole(dtype, data):
    least = float(np.finfo(dtype).tiny)
    numbers = st.floats(min_value=least, width=FORMATS[dtype], allow_infinity=False)
    b = np.array([data.draw(numbers) * data.draw(st.sampled_from((1, -1)))], dtype=dtype)
    first, second = split(b)
    assert (first != second).all()
    assert np.array_equal(np.abs(first) + np.abs(second), np.abs(b))


@given(st.integers(-(2**8), 2**8).filter(bool), st.integers(0, 8))
@example(1, 0)
def test_dyadics_stay_dyadic_with_two_bits_more(numerator, bits):
    b = numerator / 2**bits
    for part in split(np.array([b])):
        assert (part * 2 ** (bits + 2)).item().is_integer()


@pytest.mark.parametrize(
    ("b", "first", "second"),
    [
        (1.0, 0.75, 0.25),
        (-1.5, -1.25, -0.25),
        (0.375, 0.3125, 0.0625),
        (0.0, -(2.0**-1022), 2.0**-1022),
        (-0.0, -(2.0**-1022), 2.0**-1022),
        (TINIEST, 2 * TINIEST, -TINIEST),
    ],
)
def test_by_hand(b, first, second):
    assert [part.item() for part in split(np.array([b]))] == [first, second]


def test_what_is_not_finite_stays_so():
    first, second = split(np.array([np.inf, -np.inf, np.nan]))
    assert np.array_equal(first + second, [np.inf, -np.inf, np.nan], equal_nan=True)
    assert np.isfinite(second).all()


def test_nothing_is_raised_where_underflow_raises():
    with np.errstate(all="raise"):
        split(np.array([TINIEST, 0.0, 1.0]))

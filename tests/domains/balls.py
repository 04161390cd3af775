"""What the tests of balls share: balls to start from, numbers inside them, and whether exact numbers lie in a ball."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
from hypothesis import strategies as st

from rnnproof.cells.bfloat16 import kept
from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import FORMATS

DTYPES = tuple(FORMATS)
DIGITS = 60


def outside(ball: Bounded, index, number) -> bool:
    """Whether an exact number (Fraction, mpmath number, or float) is not in one entry's ball."""
    value, radius = float(ball.value[index]), float(ball.radius[index])
    if radius == np.inf:
        return False
    if isinstance(number, mpmath.mpf):
        with mpmath.workdps(DIGITS):
            return bool(abs(number - mpmath.mpf(value)) > mpmath.mpf(radius))
    return abs(Fraction(number) - Fraction(value)) > Fraction(radius)


def of_format(numbers, dtype: str) -> np.ndarray:
    """Numbers rounded to a format; arrays of bfloat16 that stay in it, whatever is done with them."""
    rounded = np.asarray(numbers).astype(dtype)
    return kept(rounded) if dtype == "bfloat16" else rounded


def floats(dtype: str, largest: float):
    """Numbers of the format, of either sign, from subnormal ones to ``largest``."""
    width = {"bfloat16": 32}.get(dtype) or int(dtype[5:])
    return st.floats(-largest, largest, width=width).map(lambda number: float(np.array(number).astype(dtype)))


@st.composite
def balls(draw, dtype: str, largest: float, entries: int = 3) -> Bounded:
    """Entries of either sign, from subnormal numbers of the format to ``largest``; radii from 0 to beyond them."""
    numbers = floats(dtype, largest) | st.sampled_from([0.0, 1.0, -0.5])
    value = np.array([draw(numbers) for _ in range(entries)])
    relative = st.sampled_from([0.0, 2.0**-52, 2.0**-20, 2.0**-3, 2.0])
    absolute = st.sampled_from([0.0, 0.0, 2.0**-160, 2.0**-20, 0.25])
    with np.errstate(under="ignore"):
        radius = np.array([abs(v) * draw(relative) + draw(absolute) for v in value])
    return Bounded(value, radius)


def within(ball: Bounded, at: float) -> np.ndarray:
    """The float64 numbers that lie ``at`` (from -1 to 1) along the balls, inside them."""
    with np.errstate(under="ignore"):
        number = ball.value + at * ball.radius
    low, high = ball.value - ball.radius, ball.value + ball.radius
    inside = (number >= np.nextafter(low, high)) & (number <= np.nextafter(high, low))
    return np.where(inside, number, ball.value)


def rounded_within(ball: Bounded, at: float, dtype: str) -> np.ndarray:
    """The same in a format: where the rounded number has left the ball, its centre, which is one of the format."""
    number = of_format(within(ball, at), dtype)
    inside = np.abs(np.asarray(number, np.float64) - ball.value) <= ball.radius * (1 - 2.0**-50)
    return np.where(inside, number, of_format(ball.value, dtype))

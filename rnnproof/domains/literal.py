"""Numbers that a program says: a float literal read as a rational.

0.1 is written for 1/10, and is the float nearest to it; the simplest rational that rounds to a float is what its
author meant, if it was one. Where Python has computed 1 - 0.9, it gives a float that 1/10 does not round to; meant is 1
less what 0.9 is read as. The other readings say whether a difference comes from the reading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

TINY = 1e-6
LONGEST = 10**4  # the denominator of a number that is written in a few digits, as 0.9 and 0.9995 are
ROUNDING = Fraction(1, 2**53)  # of c in [0, 1] and of 1 - c together, at most


@lru_cache(maxsize=65536)
def simplest(value: float, bits: int = 53) -> Fraction:
    """The rational with the smallest denominator that rounds to ``value`` in a format of ``bits`` bits.

    Errors: ValueError for a value that is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number of the ring")
    exact = Fraction(value)
    if exact.denominator == 1:
        return exact
    half = Fraction(2) ** (math.frexp(value)[1] - bits - 1)
    sign = 1 if exact > 0 else -1
    return sign * _between(abs(exact) - half, abs(exact) + half)


def _between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of the smallest denominator strictly between two positive ones, by continued fractions."""
    whole = math.floor(low)
    if whole + 1 < high:
        return Fraction(whole + 1)
    if low == whole:
        # low itself is not allowed: whole + 1/n with the smallest n that lies below high
        return whole + Fraction(1, math.floor(1 / (high - whole)) + 1)
    return whole + 1 / _between(1 / (high - whole), 1 / (low - whole))


@lru_cache(maxsize=65536)
def meant(value: float, bits: int = 53) -> Fraction:
    """As ``simplest``, but 1 - c for a float that 1 less the float of such a c gives, c in a few digits, and it is not.

    Of random floats one in 10^8 is that near to such a number.
    """
    found = simplest(value, bits)
    if bits == 53 and 0 < value < 1 and found.denominator > LONGEST:
        rest = 1 - Fraction(value)
        rest = _between(rest - ROUNDING, rest + ROUNDING) if rest > ROUNDING else rest
        if rest.denominator <= LONGEST and 1 - float(rest) == value:
            return 1 - rest
    return found


def dyadic(value: float, bits: int = 53) -> Fraction:
    """The float itself, whatever was written for it."""
    del bits
    return Fraction(value)


def tiny_as_zero(value: float, bits: int = 53) -> Fraction:
    """As ``meant``, but 0 for what is added against a division by zero: |value| <= 1e-6."""
    return Fraction(0) if abs(value) <= TINY else meant(value, bits)


READINGS: Mapping[str, Callable[[float, int], Fraction]] = {
    "simplest": meant,
    "rounded": simplest,
    "dyadic": dyadic,
    "tiny as zero": tiny_as_zero,
}

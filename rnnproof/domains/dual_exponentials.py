"""Exponentials and logarithms to other bases, and sums of exponentials, of dual numbers over Z/p^k."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from rnnproof.domains.dual import Dual, add, fraction, literal, multiply, negative
from rnnproof.domains.dual_functions import divide, exp, log


def exponential(base: Dual, a: Dual) -> Dual:
    """c^a = exp(a log(c)) for a constant c > 0.

    log(c^n) is n log(c), but exp(n log(c)) is c^n only up to a root of unity, which is not put back: of c^x nothing is
    used but c^(x+y) = c^x c^y, and a difference where it took part counts as where a logarithm did.
    """
    x, d, f, df, w = log(base).parts
    found = exp(multiply(Dual(base.ring, x, d, f, df, 0 * w), a))
    with np.errstate(all="ignore"):
        return _with_floats(found, base.f**a.f)


def logarithm(a: Dual, base: int, function: Callable[[Any], Any]) -> Dual:
    """log(a) / log(base)."""
    return _with_floats(divide(log(a), log(literal(a.ring, base))), function(a.f))


def sinh(a: Dual) -> Dual:
    """(exp(a) - exp(-a)) / 2."""
    with np.errstate(all="ignore"):
        return _with_floats(_half_sum(exp(a), negative(exp(negative(a)))), np.sinh(a.f))


def cosh(a: Dual) -> Dual:
    """(exp(a) + exp(-a)) / 2."""
    with np.errstate(all="ignore"):
        return _with_floats(_half_sum(exp(a), exp(negative(a))), np.cosh(a.f))


def _half_sum(a: Dual, b: Dual) -> Dual:
    return multiply(fraction(a.ring, Fraction(1, 2)), add(a, b))


def _with_floats(found: Dual, floats: Any) -> Dual:
    """The same, its floats rounded as NumPy rounds them."""
    found.f[...] = floats
    return found

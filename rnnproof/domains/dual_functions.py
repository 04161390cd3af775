"""Quotients, exponentials, powers and sums of dual numbers over Z/p^k."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnnproof.domains.dual import LOST, Dual, add, literal, multiply, negative, settled
from rnnproof.domains.padic import Entries, each


def reciprocal(a: Dual) -> Dual:
    """1 / a."""
    x = a.ring.inverse(a.x)
    with np.errstate(all="ignore"):
        f = 1 / a.f
        return settled(a.ring, x, -x * x * a.d, f, -f * f * a.df, _lost(a))


def _lost(a: Dual) -> int:
    """Of a function of logarithms that is no sum of them, exp is not resolved."""
    return LOST if a.w.any() else 0


def divide(a: Dual, b: Dual) -> Dual:
    """a / b."""
    quotient = multiply(a, reciprocal(b))
    with np.errstate(all="ignore"):
        quotient.f[...] = a.f / b.f  # as NumPy rounds it
    return quotient


TINIEST = float(np.finfo(np.float64).tiny)  # what is smaller has lost digits, and at last all of them


def _floats_of_exp(a: Dual) -> Any:
    """exp of the floats; one that is 0 or infinite is written down, for here it is a unit like any other."""
    f = np.exp(a.f)
    if np.any((f < TINIEST) & np.isfinite(a.f)):
        a.ring.note("exp that underflowed")
    if np.any(np.isinf(f) & np.isfinite(a.f)):
        a.ring.note("exp that overflowed")
    return f


def _exp(a: Dual) -> Entries:
    """exp(x), the root of unity put back."""
    ring = a.ring
    if not a.w.any():
        return ring.residues.exp(a.x)
    if (a.w == LOST).any():
        ring.refuse("the exponential of a logarithm that was multiplied")
    return ring.residues.reduced(ring.residues.exp(a.x) * ring.residues.root(a.w + 1))


def exp(a: Dual) -> Dual:
    """exp(a)."""
    e = _exp(a)
    with np.errstate(all="ignore"):
        f = _floats_of_exp(a)
        return settled(a.ring, e, e * a.d, f, f * a.df)


def expm1(a: Dual) -> Dual:
    """exp(a) - 1."""
    e = _exp(a)
    with np.errstate(all="ignore"):
        f = _floats_of_exp(a)
        return settled(a.ring, e - 1, e * a.d, np.expm1(a.f), f * a.df)


def tanh(a: Dual) -> Dual:
    """tanh(a) = 1 - 2 / (exp(2 a) + 1)."""
    e = _exp(add(a, a))
    t = a.ring.residues.reduced((e - 1) * a.ring.inverse(e + 1))
    f = np.tanh(a.f)
    return settled(a.ring, t, (1 - t * t) * a.d, f, (1 - f * f) * a.df)


def sigmoid(a: Dual) -> Dual:
    """sigmoid(a) = 1 / (1 + exp(-a))."""
    s = a.ring.inverse(1 + _exp(negative(a)))
    f = 0.5 * (1 + np.tanh(0.5 * a.f))
    return settled(a.ring, s, s * (1 - s) * a.d, f, f * (1 - f) * a.df)


def softmax(a: Dual, axis: int) -> Dual:
    """exp(a) / the sum of exp(a) along an axis; a shift would change nothing."""
    e = exp(a)
    return divide(e, linear(lambda part: part.sum(axis=axis, keepdims=True), e))


def log(a: Dual) -> Dual:
    """log(a); its last digit is not known."""
    ring = a.ring
    ring.note("log")
    ring.logs += 1
    if not np.all(a.f > 0):
        ring.refuse("the logarithm of a number that is not positive")
    ring.must_be_units(a.x)
    x = ring.residues.log(a.x)
    root = np.asarray(a.x % ring.p, dtype=np.int64) - 1
    return settled(ring, x, ring.inverse(a.x) * a.d, np.log(a.f), a.df / a.f, root)


def log1p(a: Dual) -> Dual:
    """log(1 + a)."""
    found = log(add(a, literal(a.ring, 1)))
    found.f[...] = np.log1p(a.f)  # as NumPy rounds it
    return found


def sqrt(a: Dual) -> Dual:
    """An unknown s for the square root of a, with the tangent d / (2 s): of s^2 = a the code may make no use.

    Errors: Untraceable for a float that is not positive, unless the number is the constant 0.
    """
    ring = a.ring
    ring.note("sqrt")
    zero = np.asarray((a.x == 0) & (a.d == 0) & (a.f == 0), dtype=bool)
    if not np.all((a.f > 0) | zero):
        ring.refuse("the square root of a number that is not positive")
    s = ring.opaque_root(a.x)
    d, f = a.d * ring.inverse(2 * s), np.sqrt(a.f)
    df = a.df / np.where(zero, 1, 2 * f)
    return settled(ring, np.where(zero, 0, s), d, f, df)


def power(a: Dual, n: int) -> Dual:
    """a^n for an integer n."""
    if n < 0:
        return power(reciprocal(a), -n)
    if n == 0:
        return literal(a.ring, np.ones(a.x.shape))
    if n == 1:
        return a.moved(np.copy)
    modulus = a.ring.residues.modulus
    before = each(lambda e: pow(e, n - 1, modulus), a.ring.residues.reduced(a.x))
    with np.errstate(all="ignore"):
        return settled(a.ring, before * a.x, n * before * a.d, a.f**n, n * a.f ** (n - 1) * a.df, _lost(a))


def linear(function: Callable[[Any], Any], a: Dual) -> Dual:
    """A sum of entries, as ``function`` makes it of an array."""
    x, d, f, df = (function(part) for part in a.parts[:4])
    w = LOST if a.w.any() else 0
    return settled(a.ring, x, d, f, df, w, lambda: function(np.abs(a.f)), lambda: function(np.abs(a.df)))


def multilinear(function: Callable[..., Any], *factors: Dual) -> Dual:
    """Sums of products, one factor from each array, as ``function`` makes them of arrays; their tangent by the
    product rule.
    """
    (ring,) = {id(a.ring): a.ring for a in factors}.values()
    x, f = function(*(a.x for a in factors)), function(*(a.f for a in factors))
    moving = [k for k, a in enumerate(factors) if np.count_nonzero(a.d)]
    d = sum(function(*_one_tangent(factors, k, "x", "d")) for k in moving) if moving else np.zeros(np.shape(x), object)
    df = sum(function(*_one_tangent(factors, k, "f", "df")) for k in range(len(factors)))
    w = LOST if any(a.w.any() for a in factors) else 0
    return settled(
        ring, x, d, f, df, w, lambda: function(*(np.abs(a.f) for a in factors)), lambda: _dsize(function, factors)
    )


def _one_tangent(factors: Sequence[Dual], k: int, value: str, tangent: str) -> list[Any]:
    return [getattr(a, tangent if n == k else value) for n, a in enumerate(factors)]


def _dsize(function: Callable[..., Any], factors: Sequence[Dual]) -> Any:
    return sum(function(*map(np.abs, _one_tangent(factors, k, "f", "df"))) for k in range(len(factors)))

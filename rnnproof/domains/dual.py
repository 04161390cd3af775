"""Dual numbers over Z/p^k with a float shadow: arrays of x + e d, e^2 = 0, and what the floats would have been.

``x`` and ``d`` are exact, ``f`` and ``df`` are their shadows: they decide comparisons and size a difference, and
nothing else. ``w`` + 1 is the residue mod p of the root of unity that exp must put back into a sum of logarithms
(see ``padic``): 0 for a number without one, LOST where it is not known any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpz
from numpy.typing import NDArray

from rnnproof.domains.literal import READINGS, TINY, simplest
from rnnproof.domains.padic import Entries, each, entries
from rnnproof.domains.ring import Ring

Floats = NDArray[np.float64]
Magnitude = Callable[[], Any]
LOST = -1
NOISE = 2.0**-48  # what a float sum of terms of size 1 may be where the true sum is 0
SMALL = 2**15
COMPLEMENT = "a literal that is 1 less another"


@dataclass(frozen=True, eq=False)
class Dual:
    """An array of dual numbers; its five components have one shape, and may be views.

    They have one layout too, the one that NumPy gives the floats: so what is a view of one of them is a view of all.
    """

    ring: Ring
    x: Entries
    d: Entries
    f: Floats
    df: Floats
    w: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name in ("x", "d", "df", "w"):
            part = getattr(self, name)
            if part.strides != self.f.strides:
                object.__setattr__(self, name, _laid_out(part, self.f))

    def moved(self, move: Callable[[Any], Any]) -> Dual:
        """The same entries elsewhere: a view or a copy, as ``move`` gives of each component."""
        moved = (np.asarray(move(part), dtype=part.dtype) for part in self.parts)
        return Dual(self.ring, *moved)

    @property
    def parts(self) -> tuple[Any, ...]:
        """The five components."""
        return self.x, self.d, self.f, self.df, self.w


def _laid_out(part: Any, like: Floats) -> Any:
    made = np.empty_like(like, dtype=part.dtype)
    made[...] = part
    return made


def settled(
    ring: Ring,
    x: Any,
    d: Any,
    f: Any,
    df: Any,
    w: Any = 0,
    size: Magnitude | None = None,
    dsize: Magnitude | None = None,
) -> Dual:
    """A result: reduced, counted, and looked at for digits that ran out.

    ``size`` and ``dsize`` give the sum of the absolute values of the terms of f and df: a result that is exactly
    zero has a shadow of that size times a roundoff, and is not exhausted for that. One whose float underflowed is.
    """
    x, d = entries(x), entries(d)
    x, d = ring.residues.reduced(x), ring.residues.reduced(d) if np.count_nonzero(d) else d
    f, df = np.asarray(f, dtype=float), np.asarray(df, dtype=float)
    ring.spend(x.size)
    ring.saw(f)
    for exact, shadow, terms in ((x, f, size), (d, df, dsize)):
        if not ring.exhausted:
            ring.exhausted = _ran_out(ring, exact, shadow, terms)
    return Dual(ring, x, d, f, df, np.zeros(x.shape, dtype=np.int64) + w)


def _ran_out(ring: Ring, exact: Entries, shadow: Floats, terms: Magnitude | None) -> bool:
    """Whether too few digits are left somewhere: of a number whose float is no noise, or that is not 0 yet."""
    if not np.count_nonzero(exact) and not np.count_nonzero(shadow):
        return False
    spent = ring.residues.exhausted(exact, ring.spare)
    if not spent.any():
        return False
    real = np.abs(shadow) > NOISE * (terms() if terms is not None else 0)
    last = np.asarray(np.not_equal(exact % ring.known, 0), dtype=bool)
    return bool(np.any(spent & ((real & (shadow != 0)) | last)))


def literal(ring: Ring, value: Any) -> Dual:
    """Numbers that the code says: integers as they are, floats as they are read.

    Errors: Untraceable for what is not finite or not a number.
    """
    array = np.asarray(value)
    if array.dtype.kind in "bui" or isinstance(value, int):
        x = each(lambda n: fmpz(int(n)), array.astype(object))
    elif array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        if not np.isfinite(array).all():
            ring.refuse("a number that is not finite")
        if ring.reading == "tiny as zero":
            array = np.where(np.abs(array) <= TINY, array.dtype.type(0), array)
        bits = np.finfo(array.dtype).nmant + 1
        x = each(lambda value: _rational(ring, value, bits), array.astype(object))
    else:
        ring.refuse(f"{array.dtype} is not a number")
    x = ring.residues.reduced(x)
    zero = np.zeros(x.shape, dtype=object)
    floats = array.astype(float)
    return Dual(ring, x, zero, floats, np.zeros(x.shape), np.zeros(x.shape, dtype=np.int64))


def fraction(ring: Ring, value: Fraction) -> Dual:
    """A rational number. Errors: NonUnit where its denominator is a multiple of p."""
    x = ring.residues.reduced(entries(_residue(ring, value)))
    zero = np.zeros(())
    return Dual(ring, x, np.zeros((), dtype=object), np.asarray(float(value)), zero, zero.astype(np.int64))


def _rational(ring: Ring, value: float, bits: int) -> Any:
    ratio = READINGS[ring.reading](value, bits)
    if ratio != Fraction(value) or 0 < abs(value) <= TINY:  # a tiny one may be meant as next to nothing
        ring.note("literal")
    if ring.reading == "simplest" and ratio != simplest(value, bits):
        ring.note(COMPLEMENT)
    return _residue(ring, ratio)


def _residue(ring: Ring, ratio: Fraction) -> Any:
    if ratio.denominator == 1:
        return fmpz(ratio.numerator)
    return fmpz(ratio.numerator) * ring.inverse(entries(fmpz(ratio.denominator))).item()


def unknown(ring: Ring, name: str, shadow: Any, tangent: Any = None) -> Dual:
    """An array of unknowns: random residues, and where ``tangent`` gives their shadow, random tangents."""
    floats = np.array(shadow, dtype=float)
    x = ring.random(name, floats.shape)
    d = np.zeros(x.shape, dtype=object) if tangent is None else ring.random(f"d {name}", floats.shape)
    df = np.zeros(x.shape) if tangent is None else np.array(tangent, dtype=float)
    return Dual(ring, x, d, floats, df, np.zeros(x.shape, dtype=np.int64))


def unset(ring: Ring, floats: Floats) -> Dual:
    """Memory that was not set: unknown numbers that are NaN as floats, so that reading them shows."""
    ring.unset += 1
    return unknown(ring, f"not set {ring.unset}", np.full_like(floats, np.nan, dtype=float))


def add(a: Dual, b: Dual) -> Dual:
    """a + b."""
    return settled(
        a.ring, a.x + b.x, a.d + b.d, a.f + b.f, a.df + b.df, _product(a, b),
        lambda: np.abs(a.f) + np.abs(b.f), lambda: np.abs(a.df) + np.abs(b.df),
    )  # fmt: skip


def _product(a: Dual, b: Dual) -> Any:
    """The root of a sum: the product of the roots."""
    if not a.w.any() and not b.w.any():
        return 0
    return (1 + a.w) * (1 + b.w) % a.ring.p - 1


def negative(a: Dual) -> Dual:
    """-a."""
    return settled(a.ring, -a.x, -a.d, -a.f, -a.df, _root_power(a, np.asarray(-1)))


def subtract(a: Dual, b: Dual) -> Dual:
    """a - b."""
    return add(a, negative(b))


def multiply(a: Dual, b: Dual) -> Dual:
    """a b."""
    return settled(
        a.ring, a.x * b.x, _by_product_rule(a, b), a.f * b.f, a.f * b.df + a.df * b.f, _root_of_product(a, b),
        None, lambda: np.abs(a.f * b.df) + np.abs(a.df * b.f),
    )  # fmt: skip


def _by_product_rule(a: Dual, b: Dual) -> Any:
    """The tangent of a b; of constants it is known without a product."""
    terms = [value * tangent for value, tangent in ((a.x, b.d), (b.x, a.d)) if np.count_nonzero(tangent)]
    return sum(terms) if terms else np.zeros(np.broadcast_shapes(a.x.shape, b.x.shape), dtype=object)


def _root_of_product(a: Dual, b: Dual) -> Any:
    """An integer multiple of a logarithm is one; any other multiple has no root that is known."""
    if not a.w.any() and not b.w.any():
        return 0
    if b.w.any():
        a, b = b, a
    if b.w.any():
        return LOST
    return _root_power(a, b.x)


def _root_power(a: Dual, exponent: Any) -> Any:
    if not a.w.any():
        return 0
    modulus, p = int(a.ring.residues.modulus), a.ring.p

    def power(w: int, n: Any) -> int:
        n = int(n) if int(n) <= modulus // 2 else int(n) - modulus
        if w == 0:
            return 0
        return LOST if w == LOST or abs(n) > SMALL else pow(w + 1, n, p) - 1

    return np.asarray(np.frompyfunc(power, 2, 1)(a.w, exponent), dtype=np.int64)

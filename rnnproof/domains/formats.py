"""Float formats, and what is known of how sums are made in them: all that the bounds ask of the arithmetic.

Reference: IEEE Standard for Floating-Point Arithmetic 754-2019; for bfloat16, whose exponents are those of float32, the
package ml_dtypes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import expm1, frexp, log1p

from rnnproof.domains.likely import units
from rnnproof.model.implementation import Claims

U64 = 2.0**-53
# How far a library's sigmoid, tanh, exp or division may be off, in units roundoff: absolute for sigmoid and
# tanh. 4 covers 1/(1+exp(-z)), (1+tanh(z/2))/2 and the piecewise form with each library function off by 1 ulp.
LIBRARY_UNITS = 4.0


@dataclass(frozen=True)
class Format:
    """A float format: unit roundoff u of what is stored, smallest subnormal and normal number, largest finite one.

    ``factors``: to what unit roundoff the factors of a product are rounded; 0 where they are taken as they are.
    ``accumulation``: the unit roundoff with which the terms of a sum are added up, finer than u; None: u, or anything
    finer.
    ``flushed``: whether what is below the smallest normal number may be taken for 0.
    ``relative_tails``: whether sigmoid and tanh are right relatively too, down to the smallest normal number.
    """

    name: str
    roundoff: float
    subnormal: float
    normal: float
    largest: float
    centre: float = U64  # how far the centre of a ball may be off by each operation: float64 computes it
    factors: float = 0.0
    accumulation: float | None = None
    flushed: bool = False
    relative_tails: bool = False
    confidence: float = float("inf")  # the lambda of sums that are off by no more than is likely

    @property
    def unit(self) -> float:
        """u of the format, plus that of the computation of the centre of every ball."""
        return self.roundoff + self.centre

    @property
    def about_truth(self) -> Format:
        """The format, where the centre of every ball is the true value."""
        return replace(self, centre=0.0)

    @property
    def lost(self) -> float:
        """What may be lost where a result underflows, and more."""
        return self.normal if self.flushed else self.subnormal


# Formats with the exponents of float32 that the factors of a product may be rounded to: their unit roundoff.
FACTORS: Mapping[str, float] = {"tfloat32": 2.0**-11, "bfloat16": 2.0**-8}


def _binary(name: str, digits: int, least: int, most: int) -> Format:
    """Of so many binary digits, the first included; exponents of normal numbers from least to most."""
    return Format(name, 2.0**-digits, 2.0 ** (least - digits + 1), 2.0**least, (2 - 2.0 ** (1 - digits)) * 2.0**most)


FORMATS: Mapping[str, Format] = {
    form.name: form
    for form in (
        _binary("float64", 53, -1022, 1023),
        _binary("float32", 24, -126, 127),
        _binary("float16", 11, -14, 15),
        _binary("bfloat16", 8, -126, 127),
    )
}


def unknown_dtype(dtype: object) -> str:
    """The words about a dtype that is no format: of names that differ in a digit, the nearest says nothing."""
    return f"unknown dtype {dtype!r}; known are {', '.join(FORMATS)}"


def digits(dtype: str) -> int:
    """How many binary digits a number of the format has, the first included."""
    return 1 - frexp(FORMATS[dtype].roundoff)[1]


def claimed(dtype: str, claims: Claims) -> Format:
    """The format as a target claims to use it.

    ``accumulate`` narrows the bounds of formats that are coarser than it, and says nothing of the others: a finer
    accumulation than the format's own is always accepted. ``products`` widens those of formats that are finer than it.
    """
    form = FORMATS[dtype]
    finer = None if claims.accumulate is None else FORMATS[claims.accumulate].roundoff
    accumulation = finer if finer is not None and finer < form.roundoff else None
    factors = 0.0 if claims.products is None else FACTORS[claims.products]
    return replace(
        form,
        factors=factors if factors > form.roundoff else 0.0,
        accumulation=accumulation,
        flushed=claims.flush_to_zero,
        relative_tails=claims.relative_tails,
    )


def gamma(operations: float, form: Format) -> float:
    """k u / (1 - k u), by which a result of k roundings one on the other is off at the most; infinite from k u = 1.

    Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), lemma 3.1.
    """
    rounded = operations * form.unit
    return rounded / (1 - rounded) if rounded < 1 else float("inf")


def of_a_sum(form: Format, terms: int, products: int, parts: int) -> float:
    """By how much of the sum of its terms' absolute values a sum is off, in any order, underflow aside.

    n - 1 additions and a product, n u (Jeannerod and Rump 2013), or what is likely. Where the accumulation is another
    than the format, a sum is put together of ``parts``, each added up so and then rounded to the format, as
    is what they add up to.
    """
    roundings = terms - 1 + (products > 0)
    plain = units(roundings, form.unit, form.confidence)
    factors = form.factors if products else 0.0
    if form.accumulation is None and not factors:
        return plain
    finer = form.roundoff if form.accumulation is None else form.accumulation
    added = units(roundings, finer, form.confidence)
    rounded = (added, form.roundoff, form.roundoff * (parts - 1), factors, factors)
    mixed = expm1(sum(map(log1p, rounded))) + roundings * form.centre
    return mixed if factors else min(plain, mixed)

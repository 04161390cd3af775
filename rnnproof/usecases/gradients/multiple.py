"""Whether numbers of the ring are one multiple of others, and which: a simple fraction, or one of arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

from rnnproof.domains.dual import fraction
from rnnproof.domains.padic import common_ratio, solved
from rnnproof.domains.ring import Ring
from rnnproof.properties.exactly import MOST, simple_fraction

TIMES = " * "


@dataclass(frozen=True)
class Factor:
    """The factor modulo p^n, its float, and, where it is one, the fraction, of arguments or of 1."""

    residue: int
    modulus: int
    shadow: float
    fraction: Fraction | None = None
    argument: str = ""

    def __str__(self) -> str:
        if self.fraction is None:
            return f"about {self.shadow:.6g}"
        if not self.argument:
            return str(self.fraction)
        times = {1: "", -1: "-"}.get(self.fraction, f"{self.fraction} ")  # type: ignore[call-overload]
        return f"{times}{self.argument}"

    def same(self, other: Factor) -> bool:
        """Whether both are one number, as far as both are known."""
        return (self.residue - other.residue) % min(self.modulus, other.modulus) == 0


def multiple(
    pairs: Sequence[tuple[int, int]], shadows: tuple[float, float], ring: Ring, modulus: int, scalars: Mapping[str, Any]
) -> Factor | None:
    """c where a = c b for all the pairs (a, b), modulo ``modulus``; None where there is none, or all are zero.

    ``scalars``: numbers among the arguments that the factor may be a simple multiple of.
    """
    found = common_ratio(pairs, ring.p, modulus)
    if found is None:
        return None
    shadow = shadows[0] / shadows[1] if shadows[1] else float("nan")
    return named(Factor(*found, shadow), ring, scalars)


def combination(
    rows: Sequence[Sequence[int]], ring: Ring, modulus: int, scalars: Mapping[str, Any]
) -> tuple[Factor, ...] | None:
    """c_1, c_2, ... where a = c_1 q_1 + c_2 q_2 + ... for all the rows (a, q_1, q_2, ...), one row more than numbers.

    None where there are none, or one is zero.

    Errors: Untold where they cannot be told.
    """
    found = solved(rows, modulus)
    if found is None or not all(found[0]):
        return None
    return tuple(named(Factor(residue, found[1], float("nan")), ring, scalars) for residue in found[0])


def named(factor: Factor, ring: Ring, scalars: Mapping[str, Any]) -> Factor:
    """The factor as a fraction that somebody may have chosen, or as one times an argument, or two of them."""
    plain = _small(factor.residue, factor.modulus)
    if plain is not None:
        return Factor(factor.residue, factor.modulus, float(plain), plain)
    for names in (*((name,) for name in scalars), *combinations_with_replacement(scalars, 2)):
        residue = _product(names, scalars)
        if residue % ring.p:
            part = _small(factor.residue * pow(residue, -1, factor.modulus) % factor.modulus, factor.modulus)
            if part is not None:
                shadow = float(part) * math.prod(float(scalars[name].dual.f) for name in names)
                return Factor(factor.residue, factor.modulus, shadow, part, TIMES.join(names))
    return factor


def _product(names: Sequence[str], scalars: Mapping[str, Any]) -> int:
    return math.prod(int(scalars[name].dual.x.item()) for name in names)


def in_full(factor: Factor, ring: Ring, modulus: int, scalars: Mapping[str, Any]) -> int | None:
    """The factor with all its digits, for a division; None where they are not known, or it is a multiple of p."""
    if factor.fraction is not None:
        residue = int(fraction(ring, factor.fraction).x.item())
        residue *= _product(factor.argument.split(TIMES), scalars) if factor.argument else 1
    elif factor.modulus == modulus:
        residue = factor.residue
    else:
        return None
    return residue if residue % ring.p else None


def _small(residue: int, modulus: int) -> Fraction | None:
    found = simple_fraction(residue, modulus)
    simple = found is not None and abs(found.numerator) <= MOST and found.denominator <= MOST
    return found if simple else None

"""Whether numbers of the ring are one multiple of others, and which: a simple fraction, or one of an argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rnnproof.domains.dual import fraction
from rnnproof.domains.ring import Ring
from rnnproof.properties.exactly import simple_fraction

MOST = 10**6  # a numerator or denominator above this is no factor that anybody chose


@dataclass(frozen=True)
class Factor:
    """The factor modulo p^n, its float, and, where it is one, the fraction, of an argument or of 1."""

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
        return self.argument if self.fraction == 1 else f"{self.fraction} {self.argument}"

    def same(self, other: Factor) -> bool:
        """Whether both are one number, as far as both are known."""
        return (self.residue - other.residue) % min(self.modulus, other.modulus) == 0


def multiple(
    pairs: Sequence[tuple[int, int]], shadows: tuple[float, float], ring: Ring, modulus: int, scalars: Mapping[str, Any]
) -> Factor | None:
    """c where a = c b for all the pairs (a, b), modulo ``modulus``; None where there is none, or all are zero.

    ``scalars``: numbers among the arguments that the factor may be a simple multiple of.
    """
    while modulus > 1 and not any(a % ring.p or b % ring.p for a, b in pairs):  # a digit that all of them have lost
        pairs, modulus = [(a // ring.p, b // ring.p) for a, b in pairs], modulus // ring.p
    units = [(a, b) for a, b in pairs if b % ring.p]
    if not units or modulus == 1:
        return None
    residue = units[0][0] * pow(units[0][1], -1, modulus) % modulus
    if residue == 0 or any((a - residue * b) % modulus for a, b in pairs):
        return None
    shadow = shadows[0] / shadows[1] if shadows[1] else float("nan")
    return named(Factor(residue, modulus, shadow), ring, scalars)


def combination(
    rows: Sequence[tuple[int, int, int]], ring: Ring, modulus: int, scalars: Mapping[str, Any]
) -> tuple[Factor, Factor] | None:
    """(c, e) where a = c b + e q for the three rows (a, b, q); None where there are none, or they cannot be told."""
    (a, b, q), (a2, b2, q2), (a3, b3, q3) = rows
    determinant = b * q2 - b2 * q
    if determinant % ring.p == 0:
        return None
    inverse = pow(determinant, -1, modulus)
    c, e = (a * q2 - a2 * q) * inverse % modulus, (b * a2 - b2 * a) * inverse % modulus
    if (a3 - c * b3 - e * q3) % modulus or not c or not e:
        return None
    first, second = (named(Factor(residue, modulus, float("nan")), ring, scalars) for residue in (c, e))
    return first, second


def named(factor: Factor, ring: Ring, scalars: Mapping[str, Any]) -> Factor:
    """The factor as a fraction that somebody may have chosen, or as one times an argument."""
    plain = _small(factor.residue, factor.modulus)
    if plain is not None:
        return Factor(factor.residue, factor.modulus, float(plain), plain)
    for name, value in scalars.items():
        residue = int(value.dual.x.item())
        if residue % ring.p:
            part = _small(factor.residue * pow(residue, -1, factor.modulus) % factor.modulus, factor.modulus)
            if part is not None:
                shadow = float(part) * float(value.dual.f)
                return Factor(factor.residue, factor.modulus, shadow, part, name)
    return factor


def in_full(factor: Factor, ring: Ring, modulus: int, scalars: Mapping[str, Any]) -> int | None:
    """The factor with all its digits, for a division; None where they are not known, or it is a multiple of p."""
    if factor.fraction is not None:
        residue = int(fraction(ring, factor.fraction).x.item())
        residue *= int(scalars[factor.argument].dual.x.item()) if factor.argument else 1
    elif factor.modulus == modulus:
        residue = factor.residue
    else:
        return None
    return residue if residue % ring.p else None


def _small(residue: int, modulus: int) -> Fraction | None:
    found = simple_fraction(residue, modulus)
    simple = found is not None and abs(found.numerator) <= MOST and found.denominator <= MOST
    return found if simple else None

"""Comparison in the ring: entry by entry, with no tolerance; and what a difference there means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np

from rnnproof.domains.dual import COMPLEMENT, NOISE, Dual
from rnnproof.domains.padic import common_ratio
from rnnproof.domains.ring import Ring
from rnnproof.properties.numerals import digits

# With one of these on the way, a difference in the ring alone is no difference of the functions.
RISKY = ("literal", "log", "sqrt", "active clip", "exp that underflowed", "exp that overflowed")
# Other ways to read the literals, to be tried where something differs.
READINGS = {"tiny as zero": "tiny literals are read as zero", "dyadic": "literals are read as the floats they are"}
# And another one, where Python has computed 1 - c of a literal c.
ROUNDED = {"rounded": "1 - c of a literal c is read as the simplest fraction that rounds to it"}
SHADOW = 1e-10  # a relative difference of the floats that no rounding explains, in the evidence table
MOST = 10**6  # a numerator or denominator above this is no factor that anybody chose
Compared = Mapping[str, tuple[Any, Any]]  # name -> (got, what it should be)


@dataclass(frozen=True, eq=False)
class Unequal:
    """An array that is not what it should be, and which of its entries are not."""

    name: str
    got: Dual
    true: Dual
    wrong: Any

    @property
    def first(self) -> tuple[int, ...]:
        """The first wrong entry."""
        return tuple(int(n) for n in np.argwhere(self.wrong)[0])


def unequal(compared: Compared, ring: Ring) -> list[Unequal]:
    """The arrays that differ modulo p^(k - logs)."""
    found = []
    modulus = ring.known
    for name, (got, true) in compared.items():
        wrong = np.asarray(np.not_equal((got.dual.x - true.dual.x) % modulus, 0), dtype=bool)
        if wrong.any():
            found.append(Unequal(name, got.dual, true.dual, wrong))
    return found


def shadows_differ(differences: list[Unequal], largest: float) -> bool:
    """Whether the floats differ too, by more than any rounding of a short run.

    ``largest``: of all that is compared; a number that is small because terms of that size cancel is known no better.
    """
    for each in differences:
        got, true = each.got.f[each.wrong], each.true.f[each.wrong]
        with np.errstate(all="ignore"):
            apart = ~(np.abs(got - true) <= SHADOW * np.maximum(np.abs(got), np.abs(true)))
            if np.any(apart & ~(np.abs(got - true) <= NOISE * largest)):
                return True
    return False


def largest_of(compared: Compared) -> float:
    """The largest absolute value, in floats, of what is compared."""
    return max((float(np.max(np.abs(true.dual.f), initial=0.0)) for _, true in compared.values()), default=0.0)


def risky(ring: Ring) -> list[str]:
    """What took part that reads a number in one of several ways, with its line."""
    return [f"{note.kind} at {note.place}" for note in ring.notes if note.kind in RISKY]


def readings(ring: Ring) -> Mapping[str, str]:
    """Other ways to read the literals that took part, and the words for each."""
    return READINGS | (ROUNDED if any(note.kind == COMPLEMENT for note in ring.notes) else {})


def roots_of(ring: Ring) -> str:
    """The square roots that took part: unknowns, of which nothing was used but that equal numbers have equal ones."""
    places = [note.place for note in ring.notes if note.kind == "sqrt"]
    return f"square roots taken as unknowns: {'; '.join(places)}" if places else ""


def describe(differences: list[Unequal], total: int, where: str, ring: Ring) -> str:
    """Where, got, should be, how sure; the first difference, all of them counted."""
    first = differences[0]
    index = first.first
    got, true = float(first.got.f[index]), float(first.true.f[index])
    place = f"{first.name}[{','.join(map(str, index))}]"
    wrong = sum(int(each.wrong.sum()) for each in differences)
    names = ", ".join(each.name for each in differences[:4]) + (", ..." if len(differences) > 4 else "")
    lines = [f"{place}: {_numbers(got, true)}", f"  {where}", f"  {wrong} of {total} entries differ: {names}"]
    if not np.any(first.true.x[first.wrong]):
        lines.append(f"  {first.name}: the true value is exactly zero where it differs")
    elif (ratio := factor(first, ring)) is not None and max(abs(ratio.numerator), ratio.denominator) <= MOST:
        lines.append(f"  {first.name} is exactly {ratio} times what it should be")
    return "\n".join(lines)


def kind(differences: list[Unequal], ring: Ring) -> str:
    """What the wrong entries have in common."""
    if not any(np.any(each.got.x[each.wrong]) for each in differences):
        return "ignored"
    return "scale" if all(factor(each, ring) is not None for each in differences) else "value"


def _numbers(got: float, true: float) -> str:
    if got == true or abs(got - true) <= 2.0**-44 * max(abs(got), abs(true)):
        return f"differs exactly, though both are {got:.6g} in floats"
    shown = digits(got, true)
    return f"got {shown[0]}, but should be {shown[1]}, exactly"


def factor(difference: Unequal, ring: Ring) -> Fraction | None:
    """r where got = r true in every entry, for one rational r of few digits; None where there is none."""
    if not difference.wrong.any():
        return None
    pairs = [(int(a), int(b)) for a, b in zip(difference.got.x.ravel(), difference.true.x.ravel(), strict=True)]
    found = common_ratio(pairs, ring.p, int(ring.known))
    return None if found is None else simple_fraction(*found)


def simple_fraction(residue: int, modulus: int) -> Fraction | None:
    """The fraction n/m with n/m = residue and |n|, m below a fourth root; None where there is none.

    Reference: P. S. Wang, A p-adic algorithm for univariate partial fractions, SYMSAC 1981, 212-217 (rational
    reconstruction by the extended Euclidean algorithm).
    """
    bound = isqrt(isqrt(modulus))
    before, now = (modulus, 0), (residue, 1)
    while now[0] > bound:
        quotient = before[0] // now[0]
        before, now = now, (before[0] - quotient * now[0], before[1] - quotient * now[1])
    numerator, denominator = now
    return Fraction(numerator, denominator) if 0 < abs(denominator) <= bound else None


def count(compared: Compared) -> int:
    """How many entries are compared."""
    return sum(got.size for got, _ in compared.values())

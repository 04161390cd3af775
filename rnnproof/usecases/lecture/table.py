"""What the parts of the lecture share: exact numbers, and tables of plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from rnnproof.domains.algebra import as_exact

Vector = tuple[Fraction, ...]


def fractions(numbers: Any) -> Vector:
    """Each number, a float or SymPy's, as the fraction that it is."""
    rationals = map(as_exact, numbers)
    return tuple(Fraction(int(rational.p), int(rational.q)) for rational in rationals)


def vector(numbers: Iterable[Any]) -> str:
    """(2, 2)."""
    return f"({', '.join(map(str, numbers))})"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def listed(items: Iterable[Any]) -> str:
    """1, 2 and 3."""
    words = list(map(str, items))
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))

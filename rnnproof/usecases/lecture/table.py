"""What the parts of the lecture share: exact numbers, and tables of plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any
from unicodedata import category, east_asian_width

from rnnproof.domains.algebra import as_exact

Vector = tuple[Fraction, ...]
WIDTH = 80


def fractions(numbers: Any) -> Vector:
    """Each number, a float or SymPy's, as the fraction that it is."""
    rationals = map(as_exact, numbers)
    return tuple(Fraction(int(rational.p), int(rational.q)) for rational in rationals)


def vector(numbers: Iterable[Any]) -> str:
    """(2, 2)."""
    return f"({', '.join(map(str, numbers))})"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_padded(c, w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def _padded(cell: str, columns: int) -> str:
    return cell + " " * (columns - width(cell))


def width(text: str) -> int:
    """How many columns a terminal takes for it: two for a Chinese character, none for a mark on a letter."""
    return sum(0 if category(c)[0] == "M" else 1 + (east_asian_width(c) in "WF") for c in text)


def cut(text: str, columns: int) -> str:
    """The text, or as much of its beginning as fits into so many columns, and three dots."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 3:
        text = text[:-1]
    return f"{text}..."


def listed(items: Iterable[Any]) -> str:
    """1, 2 and 3."""
    words = list(map(str, items))
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def folded(text: str) -> list[str]:
    """A paragraph, cut between words into lines of at most 80 columns."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(lines[-1]) + 1 + width(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines

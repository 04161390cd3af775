"""The values of options, from their texts; what is not understood or contradicts itself is refused."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rnnproof.errors import Unsupported, UsageError


def choice(what: str, value: str, allowed: Iterable[str]) -> str:
    """The value, if it is one of those. Errors: Unsupported for another one."""
    if value not in allowed:
        raise Unsupported(f"hand-written cells: {what} {value!r}; there are {', '.join(allowed)}")
    return value


def number(what: str, text: str) -> Fraction:
    """A rational, as "3", "0.2" or "1/5". Errors: UsageError for anything else."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError, TypeError):
        raise UsageError(f"{what}={text}: expected a number such as 3, 0.2 or 1/5") from None


def positive(what: str, text: str) -> Fraction:
    """A rational above 0. Errors: UsageError for anything else."""
    value = number(what, text)
    if value <= 0:
        raise UsageError(f"{what}={text}: expected a number above 0")
    return value


def count(what: str, text: str) -> int:
    """A whole number from 1 on. Errors: UsageError for anything else."""
    value = positive(what, text)
    if value.denominator != 1:
        raise UsageError(f"{what}={text}: expected a whole number, at least 1")
    return int(value)


def needs(what: str, value: str | None, other: str, holds: bool) -> None:
    """Errors: UsageError for an option that was given although the one that it speaks of was not."""
    if value is not None and not holds:
        raise UsageError(f"{what}={value} means nothing without {other}")

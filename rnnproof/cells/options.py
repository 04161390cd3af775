"""The values of options, from their texts; what is not understood or contradicts itself is refused."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rnnproof.errors import Unsupported, UsageError

SUCH_AS = " such as 1, 0.5 or 1/2"


def choice(what: str, value: str, allowed: Iterable[str]) -> str:
    """The value, if it is one of those. Errors: Unsupported for another one."""
    if value not in allowed:
        raise Unsupported(f"{what}={value!r}; expected one of {', '.join(allowed)}")
    return value


def number(what: str, text: str) -> Fraction:
    """A rational, as "3", "0.2" or "1/5". Errors: UsageError for anything else."""
    found = _read(text)
    if found is None:
        raise UsageError(f"{what}={text!r}; expected a number{SUCH_AS}")
    return found


def _read(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError, TypeError):
        return None


def positive(what: str, text: str) -> Fraction:
    """A rational above 0. Errors: UsageError for anything else."""
    value = _read(text)
    if value is None or value <= 0:
        raise UsageError(f"{what}={text!r}; expected a positive number{SUCH_AS}")
    return value


def count(what: str, text: str) -> int:
    """A whole number from 1 on. Errors: UsageError for anything else."""
    value = _read(text)
    if value is None or value <= 0 or value.denominator != 1:
        raise UsageError(f"{what}={text!r}; expected a whole number, at least 1")
    return int(value)


def needs(what: str, value: str | None, other: str, holds: bool) -> None:
    """Errors: UsageError for an option that was given although the one that it speaks of was not."""
    if value is not None and not holds:
        raise UsageError(f"{what}={value} means nothing without {other}")

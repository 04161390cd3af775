"""The values of options, from their texts; what is not understood or contradicts itself is refused."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rnnproof.errors import UsageError, meant

MOST = 16  # layers
SUCH_AS = " such as 1, 0.5 or 1/2"


def choice(what: str, value: str, allowed: Iterable[str]) -> str:
    """The value, if it is one of those. Errors: UsageError for another one."""
    if value not in allowed:
        raise UsageError(f"{what}={value!r}; expected one of {', '.join(allowed)}{meant(value, allowed)}")
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
    """A whole number, not above MOST. Errors: UsageError for anything else."""
    value = _read(text)
    if value is None or not 1 <= value <= MOST or value.denominator != 1:
        raise UsageError(f"{what}={text!r}; expected a whole number from 1 to {MOST}")
    return int(value)


def needs(value: str | None, why: str, holds: bool) -> None:
    """Errors: UsageError, saying why, for an option that was given although the one that it speaks of was not."""
    if value is not None and not holds:
        raise UsageError(why)

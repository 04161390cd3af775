"""A page of the catalogue, and the options in a network string: which there are, their values, what excludes what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy

from rnnproof.errors import UsageError, meant, nearest
from rnnproof.model.cell import Cell
from rnnproof.model.network import DIRECTIONS, FORWARD_ALONE, MERGES, PADDINGS, Readout

Options = Mapping[str, str]
BOOLEANS = ("true", "false")
SIZES = ("H", "O", "P")
MOST_LAYERS = 16  # what is verified takes minutes then; beyond it nobody would wait
# Among an option's values, these stand for any such number.
NUMBER, POSITIVE, COUNT = "a number", "a positive number", f"a whole number from 1 to {MOST_LAYERS}"
# Options that every network has.
WIRING: Mapping[str, tuple[str, ...]] = {
    "layers": ("1", COUNT),
    "direction": DIRECTIONS,
    "merge": MERGES,
    "padding": PADDINGS,
}
# Few digits, so that a number cannot be a way to make the program slow; the same in every alphabet is not accepted.
_EXACT = re.compile(r"-?[0-9]{1,9}(/[0-9]{1,9}|\.[0-9]{1,9})?")


def _no_readout(options: Options) -> Readout | None:
    del options
    return None


def _no_conflict(given: Options) -> str | None:
    del given
    return None


@dataclass(frozen=True)
class Page:
    """One network of the catalogue: its options with their allowed values, the first the default; what they build.

    ``conflict`` says, of the options as given, what is wrong with them together; None where nothing is.
    """

    summary: str
    citation: str
    options: Mapping[str, tuple[str, ...]]
    cell: Callable[[Options], Cell]
    readout: Callable[[Options], Readout | None] = _no_readout
    conflict: Callable[[Options], str | None] = _no_conflict

    @property
    def every_option(self) -> Mapping[str, tuple[str, ...]]:
        """Its own options, then those that every network has."""
        return {**self.options, **WIRING}


def yes(value: str) -> bool:
    """Whether one of BOOLEANS is the true one."""
    return value == "true"


def rational(value: str) -> sympy.Rational:
    """An option's number, in lowest terms, exactly."""
    ratio = Fraction(value)
    return sympy.Rational(ratio.numerator, ratio.denominator)


def options_of(head: str, page: Page, text: str) -> dict[str, str]:
    """The options that a text gives, numbers in lowest terms: ``"slope=0.2"`` is {"slope": "1/5"}.

    Errors: UsageError for what the network has not, or not together.
    """
    chosen: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        key, value = _option(head, page.every_option, part)
        if key in chosen:
            raise UsageError(f"network {head}: option {key} is given twice")
        chosen[key] = value
    if (problem := _unwired(chosen) or page.conflict(chosen)) is not None:
        raise UsageError(f"network {head}: {problem}")
    return chosen


def _option(head: str, known: Mapping[str, tuple[str, ...]], part: str) -> tuple[str, str]:
    key, equals, given = (piece.strip() for piece in part.partition("="))
    if key not in known:
        raise UsageError(f"network {head}: unknown option {key!r}{nearest(key, known)}")
    value = _value(given, known[key])
    if not equals or value is None:
        told = f"expected {_expected(known[key])}{meant(given, known[key])}"
        raise UsageError(f"network {head}: {key}={given!r}; {told}")
    return key, value


def _expected(allowed: tuple[str, ...]) -> str:
    if COUNT in allowed:
        return COUNT
    for number in (NUMBER, POSITIVE):
        if number in allowed:
            words = [value for value in allowed if value != number and _number(value) is None]
            return " or ".join([*words, f"{number} such as 1, 0.5 or 1/2"])
    letters = [value for value in allowed if value in SIZES]
    size = f"; {letters[0]} is a letter, its size is drawn with each case" if letters else ""
    return f"one of {', '.join(allowed)}{size}"


def _unwired(given: Options) -> str | None:
    if "merge" in given and given.get("direction") != "bidirectional":
        return f"merge={given['merge']} needs two directions: direction=bidirectional"
    if given.get("padding") == "run" and given.get("direction", "forward") != "forward":
        return FORWARD_ALONE
    return None


def _value(given: str, allowed: tuple[str, ...]) -> str | None:
    """The allowed value that is given, a number in lowest terms; None where it is none of them."""
    if given in allowed and given not in (NUMBER, POSITIVE, COUNT):
        return given
    number = _number(given)
    return str(number) if number is not None and _fits(number, allowed) else None


def _fits(number: Fraction, allowed: tuple[str, ...]) -> bool:
    if str(number) in allowed or NUMBER in allowed:
        return True
    counts = number.denominator == 1 and number <= MOST_LAYERS
    return number > 0 and (POSITIVE in allowed or (COUNT in allowed and counts))


def _number(text: str) -> Fraction | None:
    """The exact number that a text says: 1/5, 0.2 or 3; None where it says none."""
    if _EXACT.fullmatch(text) is None:
        return None
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None

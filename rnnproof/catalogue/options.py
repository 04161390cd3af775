"""The options in a network string: which there are, which values they take, which exclude each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from rnnproof.errors import Unsupported, UsageError, nearest
from rnnproof.model.network import DIRECTIONS, MERGES, Network

BOOLEANS = ("true", "false")
# Among an option's values, these stand for any such number.
NUMBER, POSITIVE = "a number", "a positive number"
# Named by the contract, not built yet: refused by name, never ignored.
LATER_OPTIONS = {
    "layers": None,
    "direction": DIRECTIONS,
    "merge": MERGES,
    "padding": ("zero", "repeat", "run"),
}
# Few digits, so that a number cannot be a way to make the program slow; the same in every alphabet is not accepted.
_EXACT = re.compile(r"-?[0-9]{1,9}(/[0-9]{1,9}|\.[0-9]{1,9})?")


def no_conflict(given: Mapping[str, str]) -> str | None:
    """None: the options exclude nothing."""
    del given
    return None


@dataclass(frozen=True)
class Page:
    """One network of the catalogue: what builds it, its options with their default and allowed values.

    ``conflict`` says, of the options as given, what is wrong with them together; None where nothing is.
    """

    build: Callable[[Mapping[str, str]], Network]
    summary: str
    citation: str
    options: Mapping[str, tuple[str, ...]]  # the first value is the default
    conflict: Callable[[Mapping[str, str]], str | None] = no_conflict


def options_of(head: str, page: Page, text: str) -> dict[str, str]:
    """The options that a text gives, numbers in lowest terms: ``"slope=0.2"`` is {"slope": "1/5"}.

    Errors: UsageError for what the network has not, or not together; Unsupported for what is not built yet.
    """
    chosen: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        key, equals, given = part.partition("=")
        if key in LATER_OPTIONS and key not in page.options:
            raise Unsupported(f"network {head}: option {key} is not built yet")
        if key not in page.options:
            raise UsageError(f"network {head}: unknown option {key!r}{nearest(key, page.options)}")
        if (key, given) == ("readout", "softmax"):
            raise Unsupported(f"network {head}: readout=softmax is not built yet")
        value = _value(given, page.options[key])
        if not equals or value is None:
            allowed = ", ".join(page.options[key])
            raise UsageError(f"network {head}: {key}={given!r}; expected one of {allowed}")
        if key in chosen:
            raise UsageError(f"network {head}: option {key} is given twice")
        chosen[key] = value
    if (problem := page.conflict(chosen)) is not None:
        raise UsageError(f"network {head}: {problem}")
    return chosen


def _value(given: str, allowed: tuple[str, ...]) -> str | None:
    """The allowed value that is given, a number in lowest terms; None where it is none of them."""
    if given in allowed and given not in (NUMBER, POSITIVE):
        return given
    number = _number(given)
    if number is None:
        return None
    fits = str(number) in allowed or NUMBER in allowed or (POSITIVE in allowed and number > 0)
    return str(number) if fits else None


def _number(text: str) -> Fraction | None:
    """The exact number that a text says: 1/5, 0.2 or 3; None where it says none."""
    if _EXACT.fullmatch(text) is None:
        return None
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None

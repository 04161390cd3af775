"""Every exception a user can meet. The message is the interface: which, what was given, what was expected."""

from collections.abc import Iterable
from difflib import SequenceMatcher


class RnnproofError(Exception):
    """The base of all of them. ``details`` is what may be shown below the message: the target's own traceback."""

    def __init__(self, message: str = "", details: str = "") -> None:
        super().__init__(message)
        self.details = details


class UsageError(RnnproofError, ValueError):
    """What the user asked for cannot be asked: an unknown network, option, property or file (exit code 2)."""


class ModelError(RnnproofError, ValueError):
    """A cell, network or case that is not well formed; the message names the equation or array."""


class Unsupported(RnnproofError, NotImplementedError):
    """Something that is not built yet, or that an adapter does not model; refused by name, never ignored."""


class TargetError(RnnproofError):
    """The target returned something that cannot be a result: a wrong shape or name, None, or it raised."""


class VerificationFailed(RnnproofError, AssertionError):
    """A report that is not ok, raised by ``Report.raise_for_failure()``."""


class Untraceable(RnnproofError):
    """Code that cannot be executed exactly: the operation, and its line."""


class OutOfBudget(RnnproofError):
    """An exact execution that took more time or memory than it was given."""


CLOSE = 0.74  # two letters exchanged in a word of four are at 0.75
ALMOST, SHORTEST = 0.9, 3


def likeness(word: str, name: str) -> float:
    """How much of two words is the same, capitals or not: 1 if all of it is, nearly so if one begins the other.

    So it is for the same letters in another order, of which short words have few: gur, gru.
    """
    one, other = name.casefold(), word.casefold()
    ratio = SequenceMatcher(None, one, other).ratio()
    begins = len(other) >= SHORTEST and one.startswith(other)
    return max(ratio, ALMOST) if begins or sorted(one) == sorted(other) else ratio


def closest(word: str, known: Iterable[str]) -> str | None:
    """The name that is most like the word, None where none is; of names that differ by capitals the one more alike."""
    scored = [(likeness(word, name), SequenceMatcher(None, name, word).ratio(), name) for name in known]
    best = max(scored, default=(0.0, 0.0, ""))
    return best[-1] if best[0] >= CLOSE else None


def meant(word: str, known: Iterable[str]) -> str:
    """The end of a message that has said what is known: the name that is most like the word, if one is."""
    close = closest(word, known)
    return "" if close is None else f"; did you mean {close}?"


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not known: the nearest that is, or all of them."""
    names = list(known)
    return meant(word, names) or f"; known are {', '.join(names)}"

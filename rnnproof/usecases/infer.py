"""Which network, and which conventions, a target follows: told from its behaviour, whatever it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnproof.adapters.foreign import said
from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target, black_box
from rnnproof.conventions.confirm import one_function
from rnnproof.conventions.search import Answer, Reading, Working, readings, silent
from rnnproof.dialects.pasted import pasted
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network

DECLARE = 'say their shapes beside run: arrays = {"W": ("4H", "I"), ...}'


@dataclass(frozen=True)
class Inferred:
    """What was found: the readings, as networks and printed dialects; ``also``: the same function in other words.

    ``code``: 0, one function was found; 1, none fits; 2, it cannot be told. ``why`` says so in a sentence.
    """

    target: str
    readings: tuple[tuple[str, str], ...]
    also: tuple[tuple[str, str], ...] = ()
    why: str = ""
    code: int = 0


def infer(target: object, network: str | Network | None = None, working: Working = silent) -> Inferred:
    """The readings of a target, from its behaviour alone: what it declares of its arrays is not looked at.

    Errors: UsageError and Unsupported, for a target or network that does not exist or is not modelled.
    """
    found, asked = black_box(target, network)
    answer = readings(found, asked, working)
    if answer.readings:
        return _told(found.name, answer)
    if asked is not None and isinstance(found.implementation, PlainImplementation):
        other = readings(found, None, working)
        if other.readings:
            return _another(found.name, asked, other)
    why, code = _why(found.name, asked, answer)
    return Inferred(found.name, (), (), why, code)


def printed(reading: Reading) -> tuple[str, str]:
    """A reading as text: the network string, and the dialect by its name or as it can be pasted into code."""
    return reading.network.name, reading.dialect.name or pasted(reading.dialect)


def _told(name: str, answer: Answer) -> Inferred:
    """One function, perhaps in several words; or several functions."""
    first, *rest = answer.readings
    same = [each for each in rest if one_function((first.network, first.dialect), (each.network, each.dialect))]
    apart = [each for each in rest if each not in same]
    also = tuple(map(printed, same))
    if not apart:
        return Inferred(name, (printed(first),), also)
    why = "it behaves as each of these; a run of more steps or of other sizes, which it does not take, would tell"
    return Inferred(name, tuple(map(printed, (first, *apart))), also, why, 2)


def _another(name: str, asked: Network, other: Answer) -> Inferred:
    told = _told(name, other)
    why = f"it is not {asked.name} in any convention that is known: it behaves as {told.readings[0][0]}"
    return Inferred(name, told.readings, told.also, why, 1)


def _why(name: str, asked: Network | None, answer: Answer) -> tuple[str, int]:
    """Why nothing fits, in a sentence, and the exit code."""
    noticed = answer.noticed
    what = asked.name if asked is not None else "any network of the catalogue"
    if noticed.unsteady:
        return "two identical calls differ: it is no function of its arguments, and no network's step", 1
    if noticed.arrays:
        return (
            f"it takes the arrays {noticed.arrays}, but does not behave as {what} in any convention that is known",
            1,
        )
    if noticed.idle:
        return "it returns the same whatever its arrays are, so nothing can be told from its behaviour", 1
    if noticed.gone_through:
        return f"it goes through its parameters without asking for them by name, so they are not known: {DECLARE}", 2
    first = "" if noticed.raised is None else f"; the first try ended so: {_said(noticed.raised)}"
    late = " in the time that there is" if noticed.late else ""
    return f"no arrays were found with which it runs{late}{first}; if it takes arrays of other shapes, {DECLARE}", 2


def _said(problem: BaseException) -> str:
    return str(problem) if isinstance(problem, RnnproofError) else said(problem)


def inferred_from_json(data: Mapping[str, Any]) -> Inferred:
    """What ``dataclasses.asdict`` made plain data of."""
    pairs = {key: tuple((network, dialect) for network, dialect in data[key]) for key in ("readings", "also")}
    return Inferred(data["target"], **pairs, why=data["why"], code=data["code"])


def reading_of(target: Target, network: Network | None = None) -> Reading | None:
    """The plainest reading of a plain target, as a network or as any; None where none fits.

    For who verifies it: the network and dialect under which it would fit, whatever was declared.
    """
    if not isinstance(target.implementation, PlainImplementation):
        return None
    try:
        found = readings(target, network).readings
    except RnnproofError:
        return None
    return found[0] if found else None

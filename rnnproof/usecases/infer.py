"""Which network, and which conventions, a target follows: told from its behaviour, whatever it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target, black_box
from rnnproof.conventions.clock import Clock
from rnnproof.conventions.confirm import one_function
from rnnproof.conventions.search import Answer, Noticed, Reading, Working, readings, silent
from rnnproof.conventions.unsaid import Unsaid, listed
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.pasted import pasted
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network

SLOW = 0.1  # seconds of a run that are worth a word
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


def infer(
    target: object, network: str | Network | None = None, working: Working = silent, clock: Clock | None = None
) -> Inferred:
    """The readings of a target, from its behaviour alone: what it declares of its arrays is not looked at.

    When the time of the ``clock`` is over, it is said what was found until then.
    Errors: UsageError and Unsupported, for a target or network that does not exist or is not modelled.
    """
    found, asked = black_box(target, network)
    others = (None,) if asked is not None and isinstance(found.implementation, PlainImplementation) else ()
    answer = readings(found, asked, *others, working=working, clock=clock)
    if answer.readings:
        told = _told(found.name, answer)
        return told if asked in (None, answer.readings[0].network) else _another(asked, told)
    why, code = _why(asked, answer.noticed)
    known = answer.noticed.unsaid
    shown = () if known is None else ((known.network.name, "" if known.dialect is None else _words(known.dialect)),)
    return Inferred(found.name, shown, (), why, code)


def printed(reading: Reading) -> tuple[str, str]:
    """A reading as text: the network string, and the dialect by its name or as it can be pasted into code."""
    return reading.network.name, _words(reading.dialect)


def _words(dialect: Dialect) -> str:
    return dialect.name or pasted(dialect)


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


def _another(asked: Network, told: Inferred) -> Inferred:
    why = f"it is not {asked.name} in any convention that is known: it behaves as {told.readings[0][0]}"
    return replace(told, why=why, code=1)


def _why(asked: Network | None, noticed: Noticed) -> tuple[str, int]:
    """Why nothing fits, in a sentence, and the exit code."""
    if noticed.unsaid is not None:
        return _not_in_words(asked, noticed.unsaid), 2
    if noticed.unsteady:
        return "two identical calls differ: it is no function of its arguments, and no network's step", 1
    if noticed.nan:
        return "it runs, but every number that it returns is NaN or infinite, so nothing can be told of it", 1
    what = asked.name if asked is not None else "any network of the catalogue"
    if noticed.late:
        declare = "" if noticed.arrays else f"; to spare it the search for arrays, {DECLARE}"
        return f"{_so_far(noticed)}, and in {_time(noticed)} it did not show itself as {what}{declare}", 2
    if noticed.arrays:
        known = "in any convention that is known"
        return f"it takes the arrays {noticed.arrays}, but does not behave as {what} {known}", 1
    if noticed.idle:
        return "it returns the same whatever numbers are in its arrays, so nothing can be told from its behaviour", 1
    if noticed.gone_through:
        return f"it goes through its parameters without asking for them by name, so they are not known: {DECLARE}", 2
    so_far = _so_far(noticed)
    return f"{so_far}; if it takes arrays of other shapes, {DECLARE}", 2


def _not_in_words(asked: Network | None, known: Unsaid) -> str:
    """A network whose arrays no dialect says."""
    other = "" if asked in (None, known.network) else f"it is not {asked.name}: "
    zero = f"; with zeros for {listed(known.held)} it is this one" if known.dialect else ""
    return f"{other}it behaves as {known.network.name}, but no dialect says how it holds its arrays: {known.why}{zero}"


def _so_far(noticed: Noticed) -> str:
    """What was found out until there was no time left."""
    if noticed.arrays:
        return f"it takes the arrays {noticed.arrays}"
    if noticed.idle:
        return "with the arrays that were tried it returns the same whatever numbers are in them"
    if noticed.gone_through:
        return f"it goes through its parameters without asking for them by name ({DECLARE})"
    if noticed.unfit:
        told = sorted(noticed.unfit, key=lambda text: (text.startswith("final_state"), -noticed.unfit[text]))
        return f"where it runs, what it returns is no result: {told[0]}"  # of the states, another network has others
    return f"no arrays were found with which it runs{_ended(noticed)}"


def _ended(noticed: Noticed) -> str:
    """How its runs ended, if most of them did so."""
    for problem, count in noticed.raised.most_common(1):
        if 2 * count > noticed.raised.total():
            return f" ({'each' if count == noticed.raised.total() else 'most of them'} ended so: {problem})"
    return ""


def _time(noticed: Noticed) -> str:
    """The time that there was, and what was done in it."""
    clock = noticed.clock
    slow = f", of {clock.usual:.1f} s" if clock.usual >= SLOW else ""
    return f"the {clock.seconds:g} s that there are ({clock.runs} run{'s' * (clock.runs != 1)}{slow})"


def inferred_from_json(data: Mapping[str, Any]) -> Inferred:
    """What ``dataclasses.asdict`` made plain data of."""
    pairs = {key: tuple((network, dialect) for network, dialect in data[key]) for key in ("readings", "also")}
    return Inferred(data["target"], **pairs, why=data["why"], code=data["code"])


def reading_of(target: Target, *networks: Network | None, clock: Clock) -> tuple[Reading | None, str]:
    """The plainest reading of a plain target as the first of these networks; or None, and why none fits.

    For who verifies it: the network and dialect under which it would fit, whatever was declared.
    """
    if not isinstance(target.implementation, PlainImplementation):
        return None, ""
    try:
        answer = readings(target, *networks, clock=clock)
    except RnnproofError as problem:
        return None, str(problem)
    if answer.readings:
        return answer.readings[0], ""
    return None, _why(networks[0] if len(networks) == 1 else None, answer.noticed)[0]

"""A target that behaves as a network, its arrays held in a way that no dialect can say: which, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from rnnproof.conventions.asked import Shape
from rnnproof.conventions.confirm import CASES, agrees, sized
from rnnproof.conventions.described import dialect_of, held_by
from rnnproof.conventions.probe import Entry, Hypothesis, Places, Probe
from rnnproof.conventions.told import entry_by_entry
from rnnproof.dialects.dialect import Dialect
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network

TWO = 2  # so many arrays may a dialect add up to one parameter


@dataclass(frozen=True)
class Unsaid:
    """The network, and why no dialect says how the target holds it.

    ``dialect``: one that says it where the target's arrays ``held`` are zero.
    """

    network: Network
    why: str
    held: tuple[str, ...] = ()
    dialect: Dialect | None = None


def unsaid(places: Places, hypothesis: Hypothesis, probe: Probe) -> Unsaid | None:
    """What is to be said of a target in which each number is one of the network's; None where it is not the network.

    Judged on fresh numbers at the sizes it is looked at, as its arrays at other sizes are not known.
    Errors: OutOfTime.
    """
    box, network = probe.box, hypothesis.network
    told = entry_by_entry(box, probe.form, lambda given: _packed(places, hypothesis, given, probe))
    own = {letter: getattr(box.sizes, letter) for letter in "IHOP"}
    if not agrees(box, network, told, [replace(sized(box, draw), **own) for draw in CASES[:3]]):
        return None
    sizes = network.shapes(box.sizes)
    shapes = probe.learned.shapes
    spare = _spare(places)
    left = {name: shape for name, shape in shapes.items() if name not in spare}
    rest = {entry: place for entry, place in places.items() if entry[0] in left}
    found = dialect_of(rest, hypothesis, left, sizes, probe.form) if spare and left else None
    why = _summed(places) or _unread(places) or _in_no_order(places, hypothesis, shapes, sizes)
    return Unsaid(network, why, spare if found else (), found)


def _packed(places: Places, hypothesis: Hypothesis, given: Arrays, probe: Probe) -> dict[str, Array]:
    """The target's arrays; of what is summed, the first has everything, and what is not read is 1."""
    arrays = {name: np.ones(shape, probe.dtype) for name, shape in probe.learned.shapes.items()}
    seen = set[Entry]()
    for (name, index), place in places.items():
        if place is not None:
            value = given[place[0]][place[1]] - hypothesis.shifted(place[0])
            arrays[name][index] = 0 if place in seen else hypothesis.sign(place[0]) * value
            seen.add(place)
    return arrays


def _spare(places: Places) -> tuple[str, ...]:
    """The arrays without which every number of the network still has a place, or two that are summed."""
    count = Counter[Entry]()
    needed, names = set[str](), dict.fromkeys(name for name, _ in places)
    for (name, _), place in places.items():
        if place is not None:
            count[place] += 1
            needed |= {name} if count[place] <= TWO else set()
    return tuple(name for name in names if name not in needed)


def _summed(places: Places) -> str:
    """Where more than two of its numbers make up one of the network's."""
    arrays: dict[Entry, list[str]] = {}
    for (name, _), place in places.items():
        if place is not None:
            arrays.setdefault(place, []).append(name)
    many = {place: names for place, names in arrays.items() if len(names) > TWO}
    if not many:
        return ""
    names = dict.fromkeys(name for name, _ in many)
    summands = listed(dict.fromkeys(chain.from_iterable(many.values())))
    each = (
        f"{listed(names)} {'is' if len(names) == 1 else 'are each'} the sum of {max(map(len, many.values()))} numbers"
    )
    return f"{each} (of {summands}), which cannot be told apart, and a dialect can say two"


def _unread(places: Places) -> str:
    read = {name for (name, _), place in places.items() if place is not None}
    unread = {name: None for name, _ in places if name not in read}
    return f"no number of {listed(unread)} changes anything, and a dialect says only what is read" if unread else ""


def _in_no_order(
    places: Places, hypothesis: Hypothesis, shapes: Mapping[str, Shape], sizes: Mapping[str, Shape]
) -> str:
    found = {name: None for name, held in held_by(places, hypothesis, shapes, sizes) if held is None}
    return f"the order in which {listed(found)} holds its numbers is none that a dialect can say"


def listed(names: Iterable[str]) -> str:
    """a, b and c."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last

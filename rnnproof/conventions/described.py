"""From where every entry stands to a dialect: each array said as stacks, one after the other or joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from rnnproof.conventions.asked import Shape
from rnnproof.conventions.probe import Entry, Hypothesis, Places
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.named import DIALECTS, PLAIN, fitted
from rnnproof.dialects.packing import pack
from rnnproof.dialects.stack import FIRST, SECOND, UNREAD, WHOLE, Held, Joined, Stack, axis_of
from rnnproof.errors import ModelError
from rnnproof.model.network import Network

Labels = NDArray[np.integer]
UNREAD_LABEL = 1  # what a block that is not read is packed as


@dataclass(frozen=True, eq=False)
class Legend:
    """What the labels of entries mean: ``label`` of each canonical parameter's entries, and its name by label."""

    hypothesis: Hypothesis
    labels: Mapping[str, Labels]
    names: Mapping[int, str]

    def stack(self, gates: list[str], of: str, within: str, axis: int, transpose: bool, interleaved: bool) -> Stack:
        """A stack of these gates, as the target holds them; its part is added where it has one."""
        signed = [gate for gate in gates if gate != UNREAD and self.hypothesis.sign(f"{of}_{gate}") < 0]
        shift = {g: self.hypothesis.shift for g in gates if self.hypothesis.shifted(f"{of}_{g}")}
        return Stack(" ".join(gates), of, axis, transpose, " ".join(signed), shift, WHOLE, within, interleaved)


def dialect_of(
    places: Places, hypothesis: Hypothesis, shapes: Mapping[str, Shape], sizes: Mapping[str, Shape], form: Dialect
) -> Dialect | None:
    """The dialect with these places; None where no words of a dialect say them.

    ``shapes``: of the target's arrays; ``sizes``: of the canonical parameters.
    """
    held: dict[str, Held] = {}
    for array, each in held_by(places, hypothesis, shapes, sizes):
        if each is None:
            return None
        held[array] = each
    stacks = [stack for each in Dialect(held).stacks.values() for stack in each]
    if hypothesis.shift and not any(stack.shifts for stack in stacks):
        return None
    return _known(Dialect(held, form.state, form.layout), hypothesis.network)


def held_by(
    places: Places, hypothesis: Hypothesis, shapes: Mapping[str, Shape], sizes: Mapping[str, Shape]
) -> Iterator[tuple[str, Held | None]]:
    """Each array with what it holds, in words; None where there are none for it."""
    legend, parts = _legend(hypothesis, sizes), _parts(places)
    for array, shape in shapes.items():
        labels, halves = np.empty(shape, int), np.empty(shape, int)
        for index in np.ndindex(shape):
            place = places[array, index]
            labels[index] = UNREAD_LABEL if place is None else legend.labels[place[0]][place[1]]
            halves[index] = parts[array, index]
        yield array, _held(legend, labels, halves)


def _legend(hypothesis: Hypothesis, sizes: Mapping[str, Shape]) -> Legend:
    labels: dict[str, Labels] = {}
    names: dict[int, str] = {}
    next_one = UNREAD_LABEL + 1
    for name, shape in sizes.items():
        labels[name] = next_one + np.arange(int(np.prod(shape))).reshape(shape)
        names |= dict.fromkeys(labels[name].ravel().tolist(), name)
        next_one += labels[name].size
    return Legend(hypothesis, labels, names)


def _parts(places: Places) -> dict[Entry, int]:
    """0 for what is held whole; of what two entries make up together, 1 for the first and 2 for the second."""
    count = Counter(place for place in places.values() if place is not None)
    seen: Counter[Entry] = Counter()
    found: dict[Entry, int] = {}
    for entry, place in places.items():
        if place is not None:
            seen[place] += 1
        found[entry] = WHOLE if place is None or count[place] == 1 else seen[place]
    return found


def _held(legend: Legend, labels: Labels, halves: Labels) -> Held | None:
    """An array, or a part of it, in words."""
    whole = _stack(legend, labels, halves)
    if whole is not None:
        return whole
    names = {legend.names[label] for label in labels.ravel().tolist() if label in legend.names}
    deep = max((legend.labels[name].ndim for name in names), default=0)
    if not deep:
        return None
    axes = range(labels.ndim)
    if labels.ndim > deep:
        found = (_layered(legend, labels, halves, axis) for axis in axes)
    else:  # W and U side by side, each of four gates, before four gates one below the other, each of W and U
        cuts = [_cuts(legend, labels, halves, axis) for axis in axes]
        found = (_joined(legend, labels, halves, axis, cuts[axis]) for axis in sorted(axes, key=lambda k: len(cuts[k])))
    return next((each for each in found if each is not None), None)


def _stack(legend: Legend, labels: Labels, halves: Labels) -> Stack | None:
    """One stack; None where it is not one."""
    part = set(halves[labels != UNREAD_LABEL].ravel().tolist())
    if len(part) != 1 or not part <= {WHOLE, FIRST, SECOND}:
        return None
    for axis, transpose, interleaved in _ways(labels.ndim):
        found = _stacked(legend, labels, axis, transpose, interleaved)
        if found is not None:
            return _with_part(found, part.pop())
    return None


def _with_part(stack: Stack, part: int) -> Stack:
    return replace(stack, part=part)


def _ways(ndim: int) -> Iterator[tuple[int, bool, bool]]:
    """Axis, transposed, interleaved: plain ones first."""
    if ndim == 1:
        yield from ((0, False, mixed) for mixed in (False, True))
    elif ndim == 2:
        order = ((0, False), (1, True), (1, False), (0, True))
        yield from ((axis, turned, mixed) for mixed, (axis, turned) in product((False, True), order))


def _stacked(legend: Legend, labels: Labels, axis: int, transpose: bool, interleaved: bool) -> Stack | None:
    first = next((legend.names[k] for k in labels.ravel().tolist() if k in legend.names), None)
    if first is None or len(legend.labels[first].shape) != labels.ndim:
        return None
    size = legend.labels[first].shape[:: -1 if transpose else 1][axis]
    if labels.shape[axis] % size:
        return None
    count = labels.shape[axis] // size
    starts = range(count) if interleaved else range(0, labels.shape[axis], size)
    names = [_only(legend, np.take(labels, start, axis)) for start in starts]
    split = [None if name is None else _split(name) for name in names]
    kinds = {each[:2] for each in split if each is not None}
    if len(kinds) != 1 or (interleaved and count == 1):
        return None
    within, of = kinds.pop()
    gates = [UNREAD if each is None else each[2] for each in split]
    try:
        stack = legend.stack(gates, of, within, axis, transpose, interleaved)
    except ModelError:
        return None
    plain = Stack(" ".join(gates), of, axis, transpose, within=within, interleaved=interleaved)
    shown = pack(Dialect({"a": plain}), legend.labels)["a"]  # type: ignore[arg-type]
    return stack if np.array_equal(shown, labels) else None


def _only(legend: Legend, labels: Labels) -> str | None:
    """The parameter of the first of these that is read; None where none is."""
    return next((legend.names[k] for k in labels.ravel().tolist() if k in legend.names), None)


def _split(name: str) -> tuple[str, str, str]:
    """("0.forward.", "W", "i") of "0.forward.W_i"."""
    within, dot, last = name.rpartition(".")
    of, _, gate = last.partition("_")
    return f"{within}{dot}", of, gate


def _layered(legend: Legend, labels: Labels, halves: Labels, axis: int) -> Held | None:
    """Parts along an axis of their own."""
    parts = [_held(legend, np.take(labels, k, axis), np.take(halves, k, axis)) for k in range(labels.shape[axis])]
    found = [part for part in parts if part is not None]
    return Joined(tuple(found), axis, new=True) if len(found) == len(parts) else None


def _cuts(legend: Legend, labels: Labels, halves: Labels, axis: int) -> list[int]:
    """Where along the axis others begin."""
    return [k for k in range(1, labels.shape[axis]) if _differ(legend, labels, halves, axis, k)]


def _joined(legend: Legend, labels: Labels, halves: Labels, axis: int, cuts: list[int]) -> Held | None:
    """Parts one after the other along an axis, each as long as it can be."""
    length = labels.shape[axis]
    parts: list[Held] = []
    begin = 0
    while begin < length:
        ends = [end for end in (length, *reversed(cuts)) if end > begin and end - begin < length]
        pieces = [(end, *(np.take(each, range(begin, end), axis) for each in (labels, halves))) for end in ends]
        tried = ((end, say(legend, *piece)) for say in (_stack, _held) for end, *piece in pieces)
        begin, part = next(((end, part) for end, part in tried if part is not None), (begin, None))
        if part is None:
            return None
        parts += _side_by_side(part, axis)
    if all(isinstance(part, Stack) and part.axis == axis for part in parts):
        return tuple(parts)
    return Joined(tuple(parts), axis)


def _side_by_side(held: Held, axis: int) -> tuple[Held, ...]:
    """The parts of what is joined along this axis already; else itself alone."""
    if isinstance(held, Joined):
        return held.parts if held.axis == axis and not held.new else (held,)
    return held if isinstance(held, tuple) and axis_of(held) == axis else (held,)


def _differ(legend: Legend, labels: Labels, halves: Labels, axis: int, k: int) -> bool:
    """Whether another parameter, or another part of one, begins there."""

    def seen(at: int) -> list[tuple[str, int]]:
        pairs = zip(np.take(labels, at, axis).ravel().tolist(), np.take(halves, at, axis).ravel().tolist(), strict=True)
        return [(legend.names.get(label, UNREAD), half) for label, half in pairs]

    return seen(k) != seen(k - 1)


def _known(dialect: Dialect, network: Network) -> Dialect:
    """The dialect that has a name and says the same of this network, or the plain one; else itself."""
    plain = dialect.layout == PLAIN.layout and dialect.state is None
    if plain and all(
        isinstance(held, Stack) and held == Stack(held.gates, held.of, within=held.within) and held.names == (name,)
        for name, held in dialect.arrays.items()
    ):
        return PLAIN
    return next((each for each in DIALECTS.values() if fitted(each, network) == dialect), dialect)

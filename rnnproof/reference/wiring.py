"""A network's readings, one after the other and back again: what is read, merged, and where a row ends.

Everything here moves, adds and multiplies arrays of any number system; what a cell does is somebody else's.

A row of length L is a run of L steps by itself: rows of one length are run together, and put back where they
belong. So a backward reading begins at each row's own end, and nothing in the padding is ever looked at; where the
padding is run, what is beyond the end is a second run, from the states in which the first one ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.network import Network, Reading

Tape = TypeVar("Tape")
Pulled = TypeVar("Pulled")
Values = Mapping[str, Any]
Place = tuple[int, int]  # of a reading: its level, and which of that level


def places(network: Network) -> Iterator[tuple[Place, Reading]]:
    """Every reading with its place."""
    yield from (((n, k), one) for n, level in enumerate(network.levels) for k, one in enumerate(level))


@dataclass(frozen=True)
class Group:
    """Rows of one length, run together over steps start..stop-1: their own, or those beyond their end."""

    start: int
    stop: int
    rows: NDArray[np.integer]
    beyond: bool = False

    def cut(self, sequence: Any) -> Any:
        """Of a sequence (...,T,B,.), these steps of these rows; the sequence itself, where they are all of it."""
        steps, rows = sequence.shape[-3:-1]
        return sequence if self.whole(steps, rows) else sequence[..., self.start : self.stop, self.rows, :]

    def whole(self, steps: int, rows: int) -> bool:
        """Whether the group is all there is."""
        return self.stop - self.start == steps and len(self.rows) == rows

    def put(self, part: Any, sequence: Any) -> None:
        """What ``cut`` takes, put back."""
        sequence[..., self.start : self.stop, self.rows, :] = part

    def repeat(self, sequence: Any) -> None:
        """The last step of these rows, again at every step after it."""
        sequence[..., self.stop :, self.rows, :] = sequence[..., self.stop - 1 : self.stop, self.rows, :]

    def gathered(self, sequence: Any) -> Any:
        """What is pulled back through ``repeat``: all that is after the last step is added to the last step's."""
        found = self.cut(sequence).copy()
        found[..., -1, :, :] = sequence[..., self.stop - 1 :, self.rows, :].sum(axis=-3)
        return found


def groups(network: Network, lengths: NDArray[np.integer] | None, steps: int, rows: int) -> Iterator[Group]:
    """The rows by length, each followed by what is run beyond their end; without lengths, all of them to the end."""
    if lengths is None:
        yield Group(0, steps, np.arange(rows))
        return
    for end in np.unique(lengths):
        ended = np.flatnonzero(lengths == end)
        yield Group(0, int(end), ended)
        if network.padding == "run" and end < steps:
            yield Group(int(end), steps, ended, beyond=True)


def outputs_back(network: Network, group: Group, outputs: Any) -> Any:
    """The cotangents (...,L,b,.) of what a group puts out, of those of all the outputs (...,T,B,.)."""
    return group.gathered(outputs) if _repeated(network, group, outputs) else group.cut(outputs)


def put_outputs(network: Network, group: Group, part: Any, outputs: Any) -> None:
    """What a group puts out, among all the outputs, and in the padding what belongs there if it is not zero."""
    group.put(part, outputs)
    if _repeated(network, group, outputs):
        group.repeat(outputs)


def _repeated(network: Network, group: Group, outputs: Any) -> bool:
    return network.padding == "repeat" and group.stop < outputs.shape[-3]


@dataclass(frozen=True, eq=False)
class Ran:
    """A network's run: each level's tapes, and the outputs of each, in the order of time; the merged outputs."""

    tapes: tuple[tuple[Any, ...], ...]
    parts: tuple[tuple[Any, ...], ...]
    outputs: Any

    def readings(self, network: Network) -> Iterator[tuple[Reading, Any]]:
        """Each reading with its tape."""
        for level, tapes in zip(network.levels, self.tapes, strict=True):
            yield from zip(level, tapes, strict=True)


@dataclass(frozen=True, eq=False)
class Part:
    """A group's run, None where it has no step; the states in which it ended, (b,.) each."""

    group: Group
    ran: Ran | None
    ended: Values


def parts(
    network: Network,
    x: Any,
    state: Values,
    lengths: NDArray[np.integer] | None,
    begin: Callable[[Any, Values], Ran],
) -> tuple[Part, ...]:
    """The run of every group: from the initial state, and beyond the end from where its rows have ended."""
    found: list[Part] = []
    for group in groups(network, lengths, *x.shape[:2]):
        begun = found[-1].ended if group.beyond else {name: state[name][group.rows] for name in network.states}
        ran = begin(group.cut(x), begun) if group.start < group.stop else None
        found.append(Part(group, ran, _final(network, ran) if ran else begun))
    return tuple(found)


def _final(network: Network, ran: Ran) -> Values:
    return {name: value for _, tape in ran.readings(network) for name, value in tape.final.items()}


def parts_back(
    every: Sequence[Part],
    final: Callable[[Part], dict[str, Any]],
    pull: Callable[[Part, Ran, dict[str, Any]], tuple[Pulled, dict[str, Any]]],
    add: Callable[[Any, Any], Any],
) -> Iterator[tuple[Part, Pulled | None, dict[str, Any]]]:
    """Each part's run pulled back, and the cotangents of the states it began in, the last part first.

    ``final`` gives the cotangents of the states in which a part ended; what is run beyond the end began there,
    and hands its own to them.
    """
    handed: dict[str, Any] = {}
    for part in reversed(every):
        d = {name: add(value, handed[name]) if name in handed else value for name, value in final(part).items()}
        pulled, d = pull(part, part.ran, d) if part.ran else (None, d)
        handed = d if part.group.beyond else {}
        yield part, pulled, d


def flipped(sequence: Any) -> Any:
    """A sequence (...,T,B,.) from its last step back."""
    return sequence[..., ::-1, :, :]


def run(
    network: Network,
    x: Any,
    read: Callable[[Place, Reading, Any], tuple[Tape, Any]],
    merge: Callable[[str, Sequence[Any]], Any],
) -> Ran:
    """Every level of the network on x (T,B,I): ``read`` gives a reading's tape and its outputs, in its own order."""
    tapes, parts = [], []
    for n, level in enumerate(network.levels):
        found = [read((n, k), one, flipped(x) if one.backward else x) for k, one in enumerate(level)]
        tapes.append(tuple(tape for tape, _ in found))
        parts.append(tuple(flipped(y) if one.backward else y for one, (_, y) in zip(level, found, strict=True)))
        x = parts[-1][0] if len(level) == 1 else merge(network.merge, parts[-1])
    return Ran(tuple(tapes), tuple(parts), x)


def pull_back(
    network: Network,
    ran: Ran,
    outputs: Any,
    pull: Callable[[Place, Reading, Any, Any], tuple[Pulled, Any]],
    unmerge: Callable[[str, Any, Sequence[Any]], Sequence[Any]],
    add: Callable[[Any, Any], Any],
) -> tuple[list[tuple[Reading, Pulled]], Any]:
    """Every level backwards from the cotangent of the outputs: what ``pull`` gives for each reading, and d(x).

    ``pull`` is given a reading's tape and the cotangent of its outputs, in its own order; it gives what was
    pulled back, and the cotangent of what it read.
    """
    found: list[tuple[Reading, Pulled]] = []
    for n in reversed(range(len(network.levels))):
        level = network.levels[n]
        shares = [outputs] if len(level) == 1 else unmerge(network.merge, outputs, ran.parts[n])
        below: list[Any] = []
        for k, one in enumerate(level):
            pulled, dx = pull((n, k), one, ran.tapes[n][k], flipped(shares[k]) if one.backward else shares[k])
            found.append((one, pulled))
            below.append(flipped(dx) if one.backward else dx)
        outputs = below[0] if len(level) == 1 else add(*below)
    return found, outputs


def merge(kind: str, parts: Sequence[Any]) -> Any:
    """Two outputs side by side, added, averaged or multiplied."""
    a, b = parts
    if kind == "concat":
        return np.concatenate([a, b], axis=-1)
    return {"sum": lambda: a + b, "mean": lambda: (a + b) / 2, "product": lambda: a * b}[kind]()


def unmerge(kind: str, d: Any, parts: Sequence[Any]) -> Sequence[Any]:
    """The cotangents of two outputs from that of the merged one."""
    a, b = parts
    if kind == "concat":
        return d[..., : a.shape[-1]], d[..., a.shape[-1] :]
    return {"sum": lambda: (d, d), "mean": lambda: (d / 2, d / 2), "product": lambda: (d * b, d * a)}[kind]()

"""A network's readings, one after the other and back again: what is read, merged, and where a row ends.

Everything here moves, adds and multiplies arrays of any number system; what a cell does is somebody else's.

A row of length L is a run of L steps by itself: rows of one length are run together, and put back where they
belong. So a backward reading begins at each row's own end, and nothing in the padding is ever looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.network import Network, Reading

Tape = TypeVar("Tape")
Pulled = TypeVar("Pulled")
Place = tuple[int, int]  # of a reading: its level, and which of that level


def places(network: Network) -> Iterator[tuple[Place, Reading]]:
    """Every reading with its place."""
    yield from (((n, k), one) for n, level in enumerate(network.levels) for k, one in enumerate(level))


@dataclass(frozen=True)
class Group:
    """Rows of one length."""

    length: int
    rows: NDArray[np.integer]

    def cut(self, sequence: Any) -> Any:
        """Of a sequence (...,T,B,.), these rows as far as they go."""
        return sequence[..., : self.length, self.rows, :]


def groups(lengths: NDArray[np.integer] | None, steps: int, rows: int) -> tuple[Group, ...]:
    """The rows by length; without lengths, all of them to the end."""
    if lengths is None:
        return (Group(steps, np.arange(rows)),)
    return tuple(Group(int(n), np.flatnonzero(lengths == n)) for n in np.unique(lengths))


def whole(group: Group, steps: int, rows: int) -> bool:
    """Whether the group is all there is."""
    return group.length == steps and len(group.rows) == rows


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

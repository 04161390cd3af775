"""What a target's functions are given in one call, and what they make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.ring_array import RingArray
from rnnproof.model.case import Array, Arrays


@dataclass(frozen=True, eq=False)
class Given:
    """The arguments of one call; ``rebound``: what became of the dictionaries among them, in words.

    Shapes: x (T,B,I), or (B,I) for a step; states (B,.); lengths (B,).
    """

    packed: Arrays
    x: Array
    state: Arrays | None
    lengths: NDArray[np.integer] | None = None
    rebound: list[str] = field(default_factory=list)

    def copied(self) -> Given:
        """The same numbers in memory of their own."""
        packed, state = ({n: v.copy() for n, v in part.items()} for part in (self.packed, self.state or {}))
        lengths = None if self.lengths is None else self.lengths.copy()
        return replace(
            self, packed=packed, x=self.x.copy(), state=None if self.state is None else state, lengths=lengths
        )

    def or_else(self, kept: Given) -> Given:
        """This, where its numbers are still those of the copy that was made of it; else another such copy."""
        same = all(_alike(now, before) for now, before in zip(self._arrays(), kept._arrays(), strict=True))
        return self if same else kept.copied()

    def _arrays(self) -> Iterator[Any]:
        yield from (*self.packed.values(), self.x, *(self.state or {}).values())
        yield from () if self.lengths is None else (self.lengths,)

    def look(self, after: str, name: str, now: object, before: object) -> None:
        """Write down the first entry of a dictionary that is no longer what it was when the call began."""
        if isinstance(now, dict) and isinstance(before, Mapping) and (text := _rebound(name, now, before)):
            self.rebound.append(f"after {after}, {text}: whoever gave the dictionary has another one now")


def _alike(now: Any, before: Any) -> bool:
    """Equal numbers, NaN being equal to itself; of a ring, equal residues: no comparison that the ring would decide."""
    if isinstance(now, RingArray):
        a, b = now.dual, before.dual
        return bool(np.array_equal(a.x, b.x) and np.array_equal(a.d, b.d))
    return bool(np.array_equal(now, before, equal_nan=True))


def _rebound(name: str, now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    for key in (*before, *now):
        if key not in now:
            return f"{name} has no {key!r} any more"
        if key not in before:
            return f"{name} has {key!r}, which it had not"
        if now[key] is not before[key]:
            return f"{name}[{key!r}] is not the array that was given"
    return ""

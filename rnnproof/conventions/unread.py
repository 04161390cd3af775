"""Which entries of a target's arrays change what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rnnproof.conventions.asked import Shape
from rnnproof.conventions.box import Box
from rnnproof.dialects.dialect import Dialect
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace

Part = tuple[int | slice, ...]
Parts = Callable[[Shape], Iterator[Part]]
FAR = 64.0  # what an entry is changed by: beyond every kink


@dataclass(frozen=True, eq=False)
class Given:
    """A target, and everything that it is given; the arrays may be changed between two runs."""

    box: Box
    network: Network
    form: Dialect
    arrays: dict[str, Array]
    x: Array
    state: Arrays

    def run(self) -> Trace:
        """What it returns. Errors: TargetError, Unsupported, OutOfTime."""
        return self.box.run(self.network, self.form, self.arrays, self.x, self.state)

    @property
    def entries(self) -> int:
        """How many numbers its arrays have."""
        return sum(array.size for array in self.arrays.values())


def unread_of(given: Given, before: Trace) -> dict[str, int]:
    """How many entries of each array change no result; ``before``: what it returns as it is.

    All at once, then by rows and columns, before one by one: where those change nothing, none of theirs does.
    """
    others = {name: array + np.asarray(FAR, array.dtype) * (1 + array) for name, array in given.arrays.items()}
    if same(before, given.box.run(given.network, given.form, others, given.x, given.state)):
        return {name: array.size for name, array in given.arrays.items()}
    return _counted(given, before, _slices) or _counted(given, before, _entries)


def unread_arrays(given: Given, before: Trace) -> tuple[str, ...]:
    """The arrays that may be changed as a whole, and no result is."""
    return tuple(name for name, array in given.arrays.items() if not _matters(given, array, (), before))


def _counted(given: Given, before: Trace, parts: Parts) -> dict[str, int]:
    """The entries of each array in those of its parts that change nothing."""
    found: dict[str, int] = {}
    for name, array in given.arrays.items():
        unread = np.zeros(array.shape, bool)
        for part in parts(array.shape):
            unread[part] |= not _matters(given, array, part, before)
        if unread.any():
            found[name] = int(unread.sum())
    return found


def _slices(shape: Shape) -> Iterator[Part]:
    """Along each axis in turn, all that has one index there."""
    return ((slice(None),) * axis + (k,) for axis, length in enumerate(shape) for k in range(length))


def _entries(shape: Shape) -> Iterator[Part]:
    return iter(np.ndindex(shape))


def _matters(given: Given, array: Array, part: Part, before: Trace) -> bool:
    """Whether a part changes a result, made larger or smaller."""
    kept = np.copy(array[part])
    for change in (FAR, -FAR):
        array[part] = kept + array.dtype.type(change)
        changed = not same(before, given.run())
        array[part] = kept
        if changed:
            return True
    return False


def same(first: Trace, second: Trace) -> bool:
    """Whether two runs gave the same numbers."""
    pairs = zip(arrays_of(first), arrays_of(second), strict=True)
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def arrays_of(trace: Trace) -> list[Array]:
    """What a run returned, in one order."""
    given = (trace.outputs, trace.last, *(trace.final[name] for name in sorted(trace.final)))
    return [each for each in given if each is not None]

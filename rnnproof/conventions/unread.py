"""Which entries of a target's arrays change what it returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnproof.conventions.asked import Shape
from rnnproof.conventions.box import Box
from rnnproof.dialects.dialect import Dialect
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace

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

    All at once before one by one: where that changes nothing, none does.
    """
    others = {name: array + np.asarray(FAR, array.dtype) * (1 + array) for name, array in given.arrays.items()}
    if same(before, given.box.run(given.network, given.form, others, given.x, given.state)):
        return {name: array.size for name, array in given.arrays.items()}
    found = {
        name: sum(not _matters(given, array, index, before) for index in np.ndindex(array.shape))
        for name, array in given.arrays.items()
    }
    return {name: count for name, count in found.items() if count}


def _matters(given: Given, array: Array, index: Shape, before: Trace) -> bool:
    """Whether an entry changes a result, made larger or smaller."""
    kept = array[index]
    for change in (FAR, -FAR):
        array[index] = kept + change
        changed = not same(before, given.run())
        array[index] = kept
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

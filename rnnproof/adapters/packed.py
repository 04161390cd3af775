"""What a target is given as its dialect packs it, and what it changes there, seen in what it was packed from."""

from __future__ import annotations

import numpy as np

from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import read
from rnnproof.model.case import Array, Arrays


def state_as_packed(dialect: Dialect, state: Arrays | None) -> dict[str, Array] | tuple[Array, ...] | None:
    """The states as the target has them, in a fresh dict or a tuple; the arrays are those given."""
    if state is None or dialect.state is None:
        return None if state is None else dict(state)
    return tuple(state[name] for name in dialect.state)


def show_changes(dialect: Dialect, packed: Arrays, before: Arrays, given: Arrays) -> None:
    """Repeat each change that a target made to packed parameters in the arrays they were packed from; undo it.

    So whoever gave the parameters sees the change, and the next call does not suffer from it.
    """
    if all(packed[name].tobytes() == array.tobytes() for name, array in before.items()):
        return
    for name, value in read(dialect, packed).items():
        if given[name].flags.writeable and not np.array_equal(value, given[name], equal_nan=True):
            given[name][...] = value
    for name, array in before.items():
        packed[name][...] = array

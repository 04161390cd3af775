"""What a target is given as its dialect packs it, and what it changes there, seen in what it was packed from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import read
from rnnproof.model.case import Array, Arrays


def state_as_packed(dialect: Dialect, state: Arrays | None) -> dict[str, Array] | tuple[Array, ...] | None:
    """The states as the target has them, in a fresh dict or a tuple; those that are not stacked are on its memory."""
    if state is None or dialect.state is None:
        return None if state is None else dict(state)
    return tuple(state[held] if isinstance(held, str) else stacked(held, state) for held in dialect.state)


def stacked(names: tuple[str, ...], state: Arrays) -> Array:
    """Several states (B,.) as one (.,B,.): a single one on its own memory, more than one copied."""
    return state[names[0]][np.newaxis] if len(names) == 1 else np.stack([state[name] for name in names])


def show_changed_states(dialect: Dialect, packed: object, state: Arrays | None) -> None:
    """Repeat each change that a target made to states that were stacked for it in those that were given."""
    if state is None or not isinstance(packed, tuple):
        return
    for held, array in zip(dialect.state or (), packed, strict=True):
        for name, value in zip(held, array, strict=True) if isinstance(held, tuple) else ():
            if state[name].flags.writeable and not np.array_equal(value, state[name], equal_nan=True):
                state[name][...] = value


def unstacked(dialect: Dialect, found: Sequence[Array]) -> dict[str, Array]:
    """Each state by its name, from arrays as the dialect packs them."""
    states: dict[str, Array] = {}
    for held, array in zip(dialect.state or (), found, strict=True):
        states |= {held: array} if isinstance(held, str) else dict(zip(held, array, strict=True))
    return states


def label(held: str | tuple[str, ...]) -> str:
    """What an array of states is called in a message: h, or h of every layer."""
    return held if isinstance(held, str) else held[0].rpartition(".")[2]


def show_changes(dialect: Dialect, packed: Arrays, before: Arrays, given: Arrays) -> None:
    """Repeat each change that a target made to packed parameters in the arrays they were packed from; undo it.

    So whoever gave the parameters sees the change, and the next call does not suffer from it.
    """
    if all(packed[name].tobytes() == array.tobytes() for name, array in before.items()):
        return
    for name, value in read(dialect, packed, {name: array.shape for name, array in given.items()}).items():
        if given[name].flags.writeable and not np.array_equal(value, given[name], equal_nan=True):
            given[name][...] = value
    for name, array in before.items():
        packed[name][...] = array

"""Entries of parameters that are read from other places: said once of the places, done to numbers of any kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Arrays

Places = NDArray[np.integer]  # the entries of an array, by number
Grid = tuple[tuple[str, ...], ...]  # arrays side by side in a row, the rows one below the other: one packed array
Move = Callable[[Places], Places]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Packed arrays, each of them stored as one grid, and read as another after its entries have moved.

    ``ranks``: how many axes the parameters have; whatever is before them is left in peace.
    """

    ranks: Mapping[str, int]
    packed: tuple[tuple[Grid, Grid], ...]
    move: Move

    def read(self, arrays: Arrays) -> Arrays:
        """The parameters as they are read."""
        return _at(self, arrays, _places)

    def given_back(self, gradients: Arrays) -> Arrays:
        """Gradients by what was read, each at the entry that it was read from: the transpose, and the inverse."""
        return _at(self, gradients, _back)


Shapes = tuple[tuple[str, tuple[int, ...]], ...]  # of every array, in order


def _at(arrangement: Arrangement, arrays: Arrays, places: Callable[[Arrangement, Shapes], Places]) -> Arrays:
    """The entries at these places, one array after the other, in the arrays' shapes; the other arrays as they are."""
    names = dict.fromkeys(name for stored, _ in arrangement.packed for row in stored for name in row)
    ranks = [(name, arrays[name].ndim - arrangement.ranks[name]) for name in names]
    shapes = tuple((name, arrays[name].shape[first:]) for name, first in ranks)
    before = next(arrays[name].shape[:first] for name, first in ranks)
    flat = np.concatenate([arrays[name].reshape((*before, -1)) for name in names], axis=-1)
    flat, found, begun = flat[..., places(arrangement, shapes)], dict(arrays), 0
    for name, shape in shapes:
        end = begun + math.prod(shape)
        found[name] = flat[..., begun:end].reshape((*before, *shape))
        begun = end
    return found


@lru_cache(maxsize=4096)
def _places(arrangement: Arrangement, shapes: Shapes) -> Places:
    """For each entry, one array after the other, from where it is read."""
    numbered: dict[str, Places] = {}
    begun = 0
    for name, shape in shapes:
        numbered[name] = np.arange(begun, begun + math.prod(shape)).reshape(shape)
        begun += numbered[name].size
    read: dict[str, Places] = {}
    for stored, taken in arrangement.packed:
        read |= parted(taken, arrangement.move(joined(stored, numbered)), dict(shapes))
    return np.concatenate([read[name].ravel() for name, _ in shapes])


@lru_cache(maxsize=4096)
def _back(arrangement: Arrangement, shapes: Shapes) -> Places:
    """For each entry, where it is read."""
    return np.argsort(_places(arrangement, shapes))


def joined(grid: Grid, arrays: Mapping[str, Places]) -> Places:
    """The packed array. Shapes: vectors stand below one another alone."""
    return np.concatenate([np.concatenate([arrays[name] for name in row], axis=-1) for row in grid])


def parted(grid: Grid, packed: Places, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Places]:
    """The arrays of a packed one, of these shapes: the inverse of ``joined``."""
    heights = np.cumsum([shapes[row[0]][0] for row in grid])[:-1]
    found: dict[str, Places] = {}
    for row, rows in zip(grid, np.split(packed, heights.tolist()), strict=True):
        widths = np.cumsum([shapes[name][-1] for name in row])[:-1]
        found |= zip(row, np.split(rows, widths.tolist(), axis=-1), strict=True)
    return found


def as_stored(places: Places) -> Places:
    """Nothing moves: a grid is read as another."""
    return places


def in_turn(gates: int, rows: Places) -> Places:
    """Blocks read in turn: gate j, unit u reads row u G + j. Shapes (G H, ...)."""
    return rows.reshape(-1, gates, *rows.shape[1:]).swapaxes(0, 1).reshape(rows.shape)


def in_blocks(gates: int, rows: Places) -> Places:
    """What is stored in turn read as blocks: the inverse of ``in_turn``. Shapes (G H, ...)."""
    return rows.reshape(gates, -1, *rows.shape[1:]).swapaxes(0, 1).reshape(rows.shape)


def reshaped(stored: Places) -> Places:
    """An array (R,C) that is taken for its transpose (C,R) by a reshape. Shapes (R,C)."""
    return stored.reshape(stored.shape[::-1]).T


def transpose_reshaped(stored: Places) -> Places:
    """The transpose (C,R) was stored, and is taken for the array (R,C) by a reshape. Shapes (R,C)."""
    return stored.T.reshape(stored.shape)

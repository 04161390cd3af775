"""A cell on rows of different lengths.

The rows are sorted, the longest first, and time is cut where a row ends. Each piece is a run of the cell on the
rows that still go on, from the state that the piece before left: the cell sees no padding at all, and a row that
has ended keeps its state.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.cells.contract import Array, Arrays, Backward, Cotangents, Forward, Gradients, Layer, Lengths

Order = slice | Lengths  # of the rows: as they are, or sorted
EVERY = slice(None)


@dataclass(frozen=True)
class Piece:
    """Steps start..stop-1 of the ``rows`` longest rows, and the cell's cache of them."""

    start: int
    stop: int
    rows: int
    cache: Any = None


@dataclass(frozen=True)
class Cache:
    """Of a run: its pieces, the order of the rows and its inverse, their first state, the shape of the input.

    Shapes: x_shape (T,B,I), initial, in the sorted order, (B,H).
    """

    pieces: list[Piece]
    order: Order
    inverse: Order
    initial: Arrays
    x_shape: tuple[int, ...]

    @property
    def states(self) -> Arrays:
        """Each state before the first step and after every step; a row that has ended keeps its last one."""
        return {name: self._every(name, first)[:, self.inverse] for name, first in self.initial.items()}

    def _every(self, name: str, first: Array) -> Array:
        every = first[np.newaxis]
        for piece in self.pieces:
            now = piece.cache.states[name][1:]
            every = np.concatenate((every, np.concatenate((now, held(every[-1, piece.rows :], len(now))), axis=1)))
        return np.concatenate((every, held(every[-1], self.x_shape[0] - self.pieces[-1].stop)))


def held(rows: Array, steps: int) -> Array:
    """The same rows at every step. Shapes: rows (B,H), result (steps,B,H)."""
    return np.broadcast_to(rows, (steps, *rows.shape))


def cut(lengths: Lengths | None, T: int, B: int) -> tuple[list[Piece], Order, Order]:
    """The pieces in the order of time, the order of the rows, longest first, and its inverse. Shapes: lengths (B,)."""
    if lengths is None:
        return [Piece(0, T, B)], EVERY, EVERY
    order = np.argsort(-lengths, kind="stable")
    ends = [int(end) for end in np.unique(lengths)]
    starts = [0, *ends[:-1]]
    pieces = [Piece(start, end, int((lengths >= end).sum())) for start, end in zip(starts, ends, strict=True) if end]
    return pieces or [Piece(0, 0, B)], order, np.argsort(order)


def ragged(forward: Forward, backward: Backward) -> Layer:
    """The cell as a layer: row b takes lengths[b] steps, its outputs afterwards are zero.

    Its final state is the one after its last step, the initial one at length 0. In the backward pass the
    cotangents of outputs in the padding do not count, dx in the padding is zero, and the state's cotangent enters
    at the row's own end.

    Shapes: lengths (B,), each 0..T; the others as the cell's.
    """

    def forward_ragged(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> tuple[tuple[Array, dict[str, Array]], Cache]:
        pieces, order, inverse = cut(lengths, *x.shape[:2])
        x, now = x[:, order], {name: rows[order] for name, rows in state.items()}
        initial, outputs, done = now, [], []
        for piece in pieces:
            going = {name: rows[: piece.rows] for name, rows in now.items()}
            (y, new), cache = forward(params, x[piece.start : piece.stop, : piece.rows], going, xp=xp)
            now = {name: xp.concatenate((rows, now[name][piece.rows :])) for name, rows in new.items()}
            outputs.append(filled(y, x.shape[1], xp))
            done.append(Piece(piece.start, piece.stop, piece.rows, cache))
        every = xp.concatenate((*outputs, rest(outputs[-1], len(x) - pieces[-1].stop)))
        final = {name: rows[inverse] for name, rows in now.items()}
        return (every[:, inverse], final), Cache(done, order, inverse, initial, x.shape)

    def backward_ragged(cotangents: Cotangents, cache: Any) -> Gradients:
        T, B, _ = cache.x_shape
        d_outputs = cotangents["outputs"][:, cache.order]
        d_now = {name: rows[cache.order] for name, rows in cotangents["state"].items()}
        d_params: dict[str, Array] = {}
        d_x: list[Array] = []
        for piece in reversed(cache.pieces):
            d_going = {name: rows[: piece.rows] for name, rows in d_now.items()}
            found = backward(
                {"outputs": d_outputs[piece.start : piece.stop, : piece.rows], "state": d_going}, piece.cache
            )
            d_now = {name: np.concatenate((rows, d_now[name][piece.rows :])) for name, rows in found["state"].items()}
            d_params = {name: d + d_params[name] if d_params else d for name, d in found["params"].items()}
            d_x.insert(0, filled(found["x"], B, np))
        every = np.concatenate((*d_x, rest(d_x[-1], T - cache.pieces[-1].stop)))
        d_state = {name: rows[cache.inverse] for name, rows in d_now.items()}
        return {"params": d_params, "x": every[:, cache.inverse], "state": d_state}

    return forward_ragged, backward_ragged


def filled(going: Array, B: int, xp: ModuleType) -> Array:
    """Zeros for the rows that have ended. Shapes: (T,rows,N) to (T,B,N)."""
    T, rows, N = going.shape
    whole: Array = xp.concatenate((going, np.zeros((T, B - rows, N), dtype=going.dtype)), axis=1)
    return whole


def rest(like: Array, steps: int) -> Array:
    """Zeros for the steps after the longest row. Shapes: like (.,B,N), result (steps,B,N)."""
    return np.zeros((steps, *like.shape[1:]), dtype=like.dtype)

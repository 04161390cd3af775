"""A cell that goes on running into the padding, as code does that only picks the right final state.

The outputs in the padding are what the cell computes of whatever stands there; the final state of a row is the one
at its own end. Time is cut where a row ends, so that every such state is the final state of a piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.cells.contract import Array, Arrays, Backward, Cotangents, Forward, Gradients, Layer, Lengths


@dataclass(frozen=True)
class Cache:
    """Of a run: the steps at which each piece begins and ends, its cache, and which rows end with it, (B,1)."""

    pieces: Sequence[tuple[int, int, Any]]
    ends: Sequence[Any]

    @property
    def states(self) -> Arrays:
        """Each state before the first step and after every step, running on in the padding."""
        first = self.pieces[0][2].states
        rest = [cache.states for _, _, cache in self.pieces[1:]]
        return {name: np.concatenate((every, *(each[name][1:] for each in rest))) for name, every in first.items()}


def running(forward: Forward, backward: Backward) -> Layer:
    """The cell as a layer that takes every step of every row; the final state is the one after lengths[b] steps.

    Its backward pass is that of what it computes: the padding is an input as any other, and so are the cotangents
    of the outputs there.

    Shapes: lengths (B,), each 0..T; the others as the cell's.
    """

    def forward_running(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> tuple[tuple[Array, dict[str, Array]], Cache]:
        T, B = x.shape[:2]
        own = np.full(B, T) if lengths is None else lengths
        stops = [int(stop) for stop in np.unique((*own, T))]  # a row of length 0 ends with a piece of no steps
        now, final = dict(state), dict(state)
        outputs, pieces, ends = [], [], []
        for start, stop in zip([0, *stops[:-1]], stops, strict=True):
            (y, now), cache = forward(params, x[start:stop], now, xp=xp)
            end = (own == stop)[:, np.newaxis]
            final = {name: xp.where(end, now[name], rows) for name, rows in final.items()}
            outputs.append(y)
            pieces.append((start, stop, cache))
            ends.append(end)
        return (xp.concatenate(outputs), final), Cache(pieces, ends)

    def backward_running(cotangents: Cotangents, cache: Any) -> Gradients:
        d_final = cotangents["state"]
        d_now = {name: np.zeros_like(d) for name, d in d_final.items()}
        d_params: dict[str, Array] = {}
        d_x: list[Array] = []
        for (start, stop, inner), end in zip(reversed(cache.pieces), reversed(cache.ends), strict=True):
            d_now = {name: d + np.where(end, d_final[name], 0) for name, d in d_now.items()}
            found = backward({"outputs": cotangents["outputs"][start:stop], "state": d_now}, inner)
            d_now = found["state"]
            d_params = {name: d + d_params[name] if d_params else d for name, d in found["params"].items()}
            d_x.insert(0, found["x"])
        return {"params": d_params, "x": np.concatenate(d_x), "state": d_now}

    return forward_running, backward_running

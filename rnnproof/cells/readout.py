"""A readout: an affine map and an activation on top of a cell's outputs, at every step by itself.

y_t = a(W_y h_t + b_y)
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.cells.activation import Activation
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Backward, Cotangents, Forward, Gradients
from rnnproof.cells.contract import Cache as CellCache

PARAMETERS = ("W_y", "b_y")


@dataclass(frozen=True)
class Cache:
    """Shapes: hidden (T,B,H), W (O,H), outputs (T,B,O)."""

    cell: CellCache
    hidden: Array
    W: Array
    outputs: Array

    @property
    def states(self) -> Arrays:
        """The cell's states: a readout has none."""
        return self.cell.states


def read(forward: Forward, backward: Backward, activation: Activation) -> tuple[Forward, Backward]:
    """The cell with y_t = a(W_y h_t + b_y) on top, as a pair of forward and backward pass again.

    Shapes: params W_y (O,H), b_y (O,) besides the cell's; h_t, the cell's outputs, (T,B,H); outputs (T,B,O).
    """

    def forward_read(
        params: Arrays, x: Array, state: Arrays, *, xp: ModuleType = np
    ) -> tuple[tuple[Array, dict[str, Array]], Cache]:
        (hidden, final), cell = forward(params, x, state, xp=xp)
        outputs = activation.value(hidden @ params["W_y"].T + params["b_y"], xp)
        return (outputs, final), Cache(cell, hidden, params["W_y"], outputs)

    def backward_read(cotangents: Cotangents, cache: Any) -> Gradients:
        dz = activation.pullback(cotangents["outputs"], cache.outputs)
        below = backward({"outputs": dz @ cache.W, "state": cotangents["state"]}, cache.cell)
        d_params = {"W_y": outer_sum(dz, cache.hidden), "b_y": total(dz)}
        return {**below, "params": {**below["params"], **d_params}}

    return forward_read, backward_read

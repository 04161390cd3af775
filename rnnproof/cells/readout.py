"""A readout: an affine map and an activation on top of a layer's outputs, at every step by itself.

y_t = a(W_y h_t + b_y)
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.cells.activation import Activation
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Gradients, Layer, Lengths
from rnnproof.cells.contract import Cache as LayerCache

PARAMETERS = ("W_y", "b_y")


@dataclass(frozen=True)
class Cache:
    """Shapes: hidden (T,B,H), W (O,H), outputs (T,B,O)."""

    layer: LayerCache
    hidden: Array
    W: Array
    outputs: Array

    @property
    def states(self) -> Arrays:
        """The layer's states: a readout has none."""
        return self.layer.states


def read(layer: Layer, activation: Activation) -> Layer:
    """The layer with y_t = a(W_y h_t + b_y) on top, in the padding too: see ``padding`` for what is put there.

    Shapes: params W_y (O,H), b_y (O,) besides the layer's; h_t, the layer's outputs, (T,B,H); outputs (T,B,O).
    """
    forward, backward = layer

    def forward_read(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> tuple[tuple[Array, dict[str, Array]], Cache]:
        (hidden, final), cache = forward(params, x, state, lengths=lengths, xp=xp)
        outputs = activation.value(hidden @ params["W_y"].T + params["b_y"], xp)
        return (outputs, final), Cache(cache, hidden, params["W_y"], outputs)

    def backward_read(cotangents: Cotangents, cache: Any) -> Gradients:
        dz = activation.pullback(cotangents["outputs"], cache.outputs)
        below = backward({"outputs": dz @ cache.W, "state": cotangents["state"]}, cache.layer)
        d_params = {"W_y": outer_sum(dz, cache.hidden), "b_y": total(dz)}
        return {**below, "params": {**below["params"], **d_params}}

    return forward_read, backward_read

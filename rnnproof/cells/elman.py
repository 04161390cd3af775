"""The simple recurrent network: the hidden layer sees the input and what it put out itself one step before.

    z_t = W_h x_t + U_h h_{t-1} + b_h        h_t = a(z_t)

Reference: J. L. Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import ModuleType

import numpy as np

from rnnproof.cells.activation import ACTIVATIONS, Activation
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Forward, Gradients
from rnnproof.cells.options import choice
from rnnproof.cells.written import Written, changed

PARAMETERS = ("W_h", "U_h", "b_h")


@dataclass(frozen=True)
class Cache:
    """Shapes: x (T,B,I), W (H,I), U (H,H), states["h"] (T+1,B,H), from h_0 to h_T."""

    x: Array
    W: Array
    U: Array
    activation: Activation
    states: dict[str, Array]


def forward(
    params: Arrays, x: Array, state: Arrays, activation: Activation, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """h_t = a(W_h x_t + U_h h_{t-1} + b_h) for t = 1..T, from h_0 = state["h"]; the outputs are the h_t.

    Shapes: params W_h (H,I), U_h (H,H), b_h (H,); x (T,B,I); state h (B,H); outputs (T,B,H).
    Errors: KeyError for a missing parameter or state.
    Reference: Elman (1990).
    """
    W, U = params["W_h"], params["U_h"]
    from_x = x @ W.T + params["b_h"]  # every step at once: only U h has to wait for the step before
    h = [state["h"]]
    for t in range(len(x)):
        h.append(activation.value(from_x[t] + h[t] @ U.T, xp))
    every_h: Array = xp.stack(h)
    return (every_h[1:], {"h": h[-1]}), Cache(x, W, U, activation, {"h": every_h})


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """dz_t = a'(z_t) dh_t and dh_{t-1} = dy_{t-1} + U_h^T dz_t, for t = T..1; and with them

    dW_h = sum dz_t x_t^T, dU_h = sum dz_t h_{t-1}^T, db_h = sum dz_t, dx_t = W_h^T dz_t.

    Shapes: cotangents outputs (T,B,H), state h (B,H); the gradients are shaped as what they belong to.
    """
    h = cache.states["h"]
    dh = cotangents["state"]["h"]
    dz = np.empty_like(h[1:])
    for t in reversed(range(len(dz))):
        dz[t] = cache.activation.pullback(dh + cotangents["outputs"][t], h[t + 1])
        dh = dz[t] @ cache.U
    d_params = {
        "W_h": outer_sum(dz, cache.x),
        "U_h": outer_sum(dz, h[:-1]),
        "b_h": total(dz),
    }
    return {"params": d_params, "x": dz @ cache.W, "state": {"h": dh}}


HIDDEN = ("tanh", "relu", "sigmoid", "identity")
READOUTS = ("none", "identity", "tanh", "sigmoid", "softmax")


def written(activation: str = "tanh", readout: str = "none") -> Written:
    """h_t = a(W_h x_t + U_h h_{t-1} + b_h), with or without y_t = g(W_y h_t + b_y) on top."""
    choice("activation", activation, HIDDEN)
    choice("readout", readout, READOUTS)
    run: Forward = partial(forward, activation=ACTIVATIONS[activation])
    options = changed({"activation": "tanh", "readout": "none"}, activation=activation, readout=readout)
    return Written(run, backward, PARAMETERS, ("h",), options, readout)

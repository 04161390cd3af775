"""Jordan's network: not the hidden layer but the output is stored, and the hidden layer sees it one step later.

    z_t = W_h x_t + U_h y_{t-1} + b_h     h_t = f(z_t)
    y_t = g(W_y h_t + b_y)

Reference: M. I. Jordan, Attractor dynamics and parallelism in a connectionist sequential machine, Proc. 8th Annual
Conference of the Cognitive Science Society (1986) 531-546.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import numpy as np

from rnnproof.cells.activation import ACTIVATIONS, Activation
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Forward, Gradients
from rnnproof.cells.options import choice
from rnnproof.cells.written import Written, changed

PARAMETERS = ("W_h", "U_h", "b_h", "W_y", "b_y")


@dataclass(frozen=True)
class Cache:
    """Shapes: x (T,B,I), W (H,I), U (H,O), W_y (O,H), hidden (T,B,H), states["y"] (T+1,B,O), from y_0 to y_T."""

    x: Array
    W: Array
    U: Array
    W_y: Array
    hidden: Sequence[Array]
    activation: Activation
    readout: Activation
    states: dict[str, Array]


def forward(
    params: Arrays, x: Array, state: Arrays, activation: Activation, readout: Activation, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """h_t = f(W_h x_t + U_h y_{t-1} + b_h), y_t = g(W_y h_t + b_y) for t = 1..T, from y_0; the outputs are the y_t.

    Shapes: params W_h (H,I), U_h (H,O), b_h (H,), W_y (O,H), b_y (O,); x (T,B,I); state y (B,O); outputs (T,B,O).
    Errors: KeyError for a missing parameter or state.
    Reference: Jordan (1986).
    """
    W, U, W_y = params["W_h"], params["U_h"], params["W_y"]
    from_x = x @ W.T + params["b_h"]  # every step at once: only U y has to wait for the step before
    y, hidden = [state["y"]], []
    for t in range(len(x)):
        hidden.append(activation.value(from_x[t] + y[t] @ U.T, xp))
        y.append(readout.value(hidden[t] @ W_y.T + params["b_y"], xp))
    every_y: Array = xp.stack(y)
    return (every_y[1:], {"y": y[-1]}), Cache(x, W, U, W_y, hidden, activation, readout, {"y": every_y})


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """ds_t = g'(s_t) dy_t with s_t = W_y h_t + b_y, dz_t = f'(z_t) W_y^T ds_t, and U_h^T dz_t on top of dy_{t-1}; so

    dW_h = sum dz_t x_t^T, dU_h = sum dz_t y_{t-1}^T, db_h = sum dz_t, dx_t = W_h^T dz_t,
    dW_y = sum ds_t h_t^T, db_y = sum ds_t.

    Shapes: cotangents outputs (T,B,O), state y (B,O); the gradients are shaped as what they belong to.
    """
    y, dy = cache.states["y"], cotangents["state"]["y"]
    ds = np.empty_like(y[1:])
    dz = np.empty_like(y, shape=(*cache.x.shape[:2], len(cache.W)))
    hidden = np.empty_like(dz)
    for t in reversed(range(len(dz))):
        hidden[t] = cache.hidden[t]
        ds[t] = cache.readout.pullback(dy + cotangents["outputs"][t], y[t + 1])
        dz[t] = cache.activation.pullback(ds[t] @ cache.W_y, cache.hidden[t])
        dy = dz[t] @ cache.U
    d_params = {"W_h": outer_sum(dz, cache.x), "U_h": outer_sum(dz, y[:-1]), "b_h": total(dz)}
    d_params |= {"W_y": outer_sum(ds, hidden), "b_y": total(ds)}
    return {"params": d_params, "x": dz @ cache.W, "state": {"y": dy}}


HIDDEN = ("tanh", "relu", "sigmoid", "identity")
STORED = ("identity", "tanh", "sigmoid", "softmax")


def written(activation: str = "tanh", readout: str = "identity") -> Written:
    """h_t = f(W_h x_t + U_h y_{t-1} + b_h) and y_t = g(W_y h_t + b_y)."""
    choice("activation", activation, HIDDEN)
    choice("readout", readout, STORED)
    run: Forward = partial(forward, activation=ACTIVATIONS[activation], readout=ACTIVATIONS[readout])
    options = changed({"activation": "tanh", "readout": "identity"}, activation=activation, readout=readout)
    return Written(run, backward, PARAMETERS, ("y",), options)

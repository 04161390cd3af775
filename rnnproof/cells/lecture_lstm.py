"""The LSTM as the lecture draws it: four transforms of the input alone, and one stored value.

    z_k = W_k x_t + b_k for k = i, f, g, o
    c_t = g(z_g) sigmoid(z_i) + c_{t-1} sigmoid(z_f)        a_t = h(c_t) sigmoid(z_o)

Nothing but c_t waits for the step before: the gates of all steps are computed at once, stacked in the order i f g o.

Reference: Lee Hung-yi, Machine Learning, lecture on recurrent neural networks, National Taiwan University (2020); the
cell with its three gates is that of Gers, Schmidhuber and Cummins (2000), without its recurrent weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import ModuleType

import numpy as np

from rnnproof.cells.activation import ACTIVATIONS, Activation, sigmoid
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Forward, Gradients
from rnnproof.cells.options import choice
from rnnproof.cells.stacked import stack, unstack
from rnnproof.cells.written import Written, changed

GATES = ("i", "f", "g", "o")
PARAMETERS = tuple(f"{kind}_{gate}" for kind in "Wb" for gate in GATES)
TANH = ACTIVATIONS["tanh"]
pull_sigmoid = ACTIVATIONS["sigmoid"].pullback


@dataclass(frozen=True)
class Cache:
    """Of a run: its input, its stacked weights, the four gates, h(c_t), the activations g and h, its states.

    Shapes: x (T,B,I), W (4H,I), each gate and shown (T,B,H), states["c"] (T+1,B,H).
    """

    x: Array
    W: Array
    gates: tuple[Array, Array, Array, Array]
    shown: Array
    activations: tuple[Activation, Activation]
    states: dict[str, Array]


def forward(
    params: Arrays, x: Array, state: Arrays, g: Activation = TANH, h: Activation = TANH, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """c_t = g(z_g) sigmoid(z_i) + c_{t-1} sigmoid(z_f) for t = 1..T, from c_0; the outputs are h(c_t) sigmoid(z_o).

    Shapes: params W_k (H,I), b_k (H,) for each gate k; x (T,B,I); state c (B,H); outputs (T,B,H).
    Errors: KeyError for a missing parameter or state.
    """
    W, b = (stack(params, kind, GATES, xp) for kind in "Wb")
    z, H = x @ W.T + b, len(W) // 4
    i, f = sigmoid(z[:, :, :H], xp), sigmoid(z[:, :, H : 2 * H], xp)
    new, o = g.value(z[:, :, 2 * H : 3 * H], xp), sigmoid(z[:, :, 3 * H :], xp)
    c = [state["c"]]
    for t in range(len(x)):
        c.append(new[t] * i[t] + c[t] * f[t])
    every_c: Array = xp.stack(c)
    shown = h.value(every_c[1:], xp)
    return (shown * o, {"c": c[-1]}), Cache(x, W, (i, f, new, o), shown, (g, h), {"c": every_c})


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """dc_t = h'(c_t) (o da_t) + f_{t+1} dc_{t+1}; dz_i, dz_f, dz_g from dc_t, dz_o from da_t; and with them

    dW = sum dz_t x_t^T, db = sum dz_t, dx_t = W^T dz_t, for the four gates at once.

    Shapes: cotangents outputs (T,B,H), state c (B,H); the gradients are shaped as what they belong to.
    """
    i, f, new, o = cache.gates
    g, h = cache.activations
    c, da = cache.states["c"], cotangents["outputs"]
    from_shown, carried = h.pullback(da * o, cache.shown), cotangents["state"]["c"]
    dc = np.empty_like(c[1:])
    for t in reversed(range(len(dc))):
        dc[t] = carried + from_shown[t]
        carried = dc[t] * f[t]
    dz_i, dz_f = pull_sigmoid(dc * new, i), pull_sigmoid(dc * c[:-1], f)
    dz_g, dz_o = g.pullback(dc * i, new), pull_sigmoid(da * cache.shown, o)
    dz = np.concatenate((dz_i, dz_f, dz_g, dz_o), axis=2)
    d_params = unstack({"W": outer_sum(dz, cache.x), "b": total(dz)}, GATES)
    return {"params": d_params, "x": dz @ cache.W, "state": {"c": carried}}


def written(g: str = "tanh", h: str = "tanh") -> Written:
    """c_t = g(z_g) sigmoid(z_i) + c_{t-1} sigmoid(z_f) and a_t = h(c_t) sigmoid(z_o)."""
    for name, value in (("g", g), ("h", h)):
        choice(name, value, ("tanh", "identity"))
    run: Forward = partial(forward, g=ACTIVATIONS[g], h=ACTIVATIONS[h])
    options = changed({"g": "tanh", "h": "tanh"}, g=g, h=h)
    return Written(run, backward, PARAMETERS, ("c",), options)

"""The gated recurrent unit as it was published, with the reset gate before the product.

    r, z = sigmoid(z_r), sigmoid(z_z)        z_k = W_k x_t + U_k h_{t-1} + b_k for k = r, z
    n = tanh(W_n x_t + U_n (r h_{t-1}) + b_n)
    h_t = (1 - z) n + z h_{t-1}

The gates are stacked in the order r z n wherever they share an axis.

Reference: K. Cho, B. van Merrienboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk and Y. Bengio, Learning
phrase representations using RNN encoder-decoder for statistical machine translation, EMNLP 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from rnnproof.cells.activation import ACTIVATIONS, sigmoid
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Gradients
from rnnproof.cells.stacked import stack, unstack

GATES = ("r", "z", "n")
PARAMETERS = tuple(f"{kind}_{gate}" for kind in "WUb" for gate in GATES)
Step = tuple[Array, Array, Array]
pull_sigmoid = ACTIVATIONS["sigmoid"].pullback


@dataclass(frozen=True)
class Cache:
    """Of a run: its input, its weights, its states, and r with z, n, r h_{t-1} of each step.

    Shapes: x (T,B,I), W (3H,I), U, of r and z, (2H,H), U_n (H,H), states["h"] (T+1,B,H); of a step r with z
    (B,2H), the other two (B,H).
    """

    x: Array
    W: Array
    U: Array
    U_n: Array
    states: dict[str, Array]
    steps: Sequence[Step]


def forward(
    params: Arrays, x: Array, state: Arrays, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """h_t = (1 - z) n + z h_{t-1} for t = 1..T, from h_0; the outputs are the h_t.

    Shapes: params W_k (H,I), U_k (H,H), b_k (H,) for k = r, z, n; x (T,B,I); state h (B,H); outputs (T,B,H).
    Errors: KeyError for a missing parameter or state.
    Reference: Cho et al. (2014).
    """
    W, b = (stack(params, kind, GATES, xp) for kind in "Wb")
    U, U_n = stack(params, "U", GATES[:2], xp), params["U_n"]
    from_x, H = x @ W.T + b, len(U_n)  # every step at once: only U h has to wait for the step before
    h, steps = [state["h"]], []
    for t in range(len(x)):
        r_and_z = sigmoid(from_x[t, :, : 2 * H] + h[t] @ U.T, xp)
        r, z = r_and_z[:, :H], r_and_z[:, H:]
        kept = r * h[t]
        n = xp.tanh(from_x[t, :, 2 * H :] + kept @ U_n.T)
        h.append((1 - z) * n + z * h[t])
        steps.append((r_and_z, n, kept))
    every_h: Array = xp.stack(h)
    return (every_h[1:], {"h": h[-1]}), Cache(x, W, U, U_n, {"h": every_h}, steps)


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """dz_t and the part of dh_{t-1} beside U_r and U_z from dh_t as in ``step_back``; and with them

    dW = sum dz_t x_t^T, db = sum dz_t, dx_t = W^T dz_t, dU_r = sum dz_r h_{t-1}^T, dU_z = sum dz_z h_{t-1}^T,
    dU_n = sum dz_n (r h_{t-1})^T.

    Shapes: cotangents outputs (T,B,H), state h (B,H); the gradients are shaped as what they belong to.
    """
    h = cache.states["h"]
    dh, H = cotangents["state"]["h"], len(cache.U_n)
    dz = np.empty_like(h, shape=(*cache.x.shape[:2], 3 * H))
    kept = np.empty_like(h[1:])
    for t in reversed(range(len(dz))):
        kept[t] = cache.steps[t][2]
        dz[t], dh = step_back(dh + cotangents["outputs"][t], h[t], cache.steps[t], cache.U_n)
        dh = dh + dz[t, :, : 2 * H] @ cache.U
    d_params = unstack({"W": outer_sum(dz, cache.x), "b": total(dz)}, GATES)
    d_params |= unstack({"U": outer_sum(dz[:, :, : 2 * H], h[:-1])}, GATES[:2])
    d_params["U_n"] = outer_sum(dz[:, :, 2 * H :], kept)
    return {"params": d_params, "x": dz @ cache.W, "state": {"h": dh}}


def step_back(dh: Array, h_before: Array, step: Step, U_n: Array) -> tuple[Array, Array]:
    """dh_t back to the pre-activations, and along z and r to h_{t-1}. Shapes: dz (B,3H), both dh (B,H)."""
    r_and_z, n, _ = step
    H = n.shape[1]
    r, z = r_and_z[:, :H], r_and_z[:, H:]
    dz_n = dh * (1 - z) * (1 - n * n)
    d_kept = dz_n @ U_n
    dz_r_and_z = pull_sigmoid(np.concatenate((d_kept * h_before, dh * (h_before - n)), axis=1), r_and_z)
    return np.concatenate((dz_r_and_z, dz_n), axis=1), dh * z + d_kept * r

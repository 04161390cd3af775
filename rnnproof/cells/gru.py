"""The gated recurrent unit, with the reset gate after the product.

    r, z = sigmoid(z_r), sigmoid(z_z)        z_k = W_k x_t + U_k h_{t-1} + b_k for k = r, z
    n = tanh(W_n x_t + b_n + r q)            q = U_n h_{t-1} + b_hn
    h_t = (1 - z) n + z h_{t-1}

The gates are stacked in the order r z n wherever they share an axis.

Reference: K. Cho, B. van Merrienboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk and Y. Bengio, Learning
phrase representations using RNN encoder-decoder for statistical machine translation, EMNLP 2014; the reset after
the product, so that the three products with h are one: as in cuDNN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from rnnproof.cells import gru_reset_before as before
from rnnproof.cells.activation import ACTIVATIONS, sigmoid
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Gradients
from rnnproof.cells.options import choice
from rnnproof.cells.stacked import stack, unstack
from rnnproof.cells.written import Written, changed
from rnnproof.errors import UsageError

GATES = ("r", "z", "n")
PARAMETERS = (*(f"{kind}_{gate}" for kind in "WUb" for gate in GATES), "b_hn")
Step = tuple[Array, Array, Array]
pull_sigmoid = ACTIVATIONS["sigmoid"].pullback


@dataclass(frozen=True)
class Cache:
    """Of a run: its input, its stacked weights, its states, and r with z, n, q of each step.

    Shapes: x (T,B,I), W (3H,I), U (3H,H), states["h"] (T+1,B,H); of a step r with z (B,2H), n and q (B,H).
    """

    x: Array
    W: Array
    U: Array
    states: dict[str, Array]
    steps: Sequence[Step]


def forward(
    params: Arrays, x: Array, state: Arrays, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """h_t = (1 - z) n + z h_{t-1} for t = 1..T, from h_0; the outputs are the h_t.

    Shapes: params W_k (H,I), U_k (H,H), b_k (H,) for k = r, z, n, b_hn (H,); x (T,B,I); state h (B,H);
    outputs (T,B,H).
    Errors: KeyError for a missing parameter or state.
    Reference: Cho et al. (2014).
    """
    W, U, b = (stack(params, kind, GATES, xp) for kind in "WUb")
    from_x, H = x @ W.T + b, len(params["b_hn"])  # every step at once: only U h has to wait for the step before
    h, steps = [state["h"]], []
    for t in range(len(x)):
        from_h = h[t] @ U.T
        r_and_z = sigmoid(from_x[t, :, : 2 * H] + from_h[:, : 2 * H], xp)
        r, z = r_and_z[:, :H], r_and_z[:, H:]
        q = from_h[:, 2 * H :] + params["b_hn"]
        n = xp.tanh(from_x[t, :, 2 * H :] + r * q)
        h.append((1 - z) * n + z * h[t])
        steps.append((r_and_z, n, q))
    every_h: Array = xp.stack(h)
    return (every_h[1:], {"h": h[-1]}), Cache(x, W, U, {"h": every_h}, steps)


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """dz_t from dh_t as in ``step_back``; dq = r dz_n; dh_{t-1} = dy_{t-1} + z dh_t + U^T (dz_r, dz_z, dq); and

    dW = sum dz_t x_t^T, db = sum dz_t, dx_t = W^T dz_t, dU = sum (dz_r, dz_z, dq) h_{t-1}^T, db_hn = sum dq.

    Shapes: cotangents outputs (T,B,H), state h (B,H); the gradients are shaped as what they belong to.
    """
    h = cache.states["h"]
    dh = cotangents["state"]["h"]
    dz = np.empty_like(h, shape=(*cache.x.shape[:2], len(cache.U)))
    from_h = np.empty_like(dz)  # the same, as U h sees it: with dq for dz_n
    for t in reversed(range(len(dz))):
        dz[t], from_h[t], dh = step_back(dh + cotangents["outputs"][t], h[t], cache.steps[t])
        dh = dh + from_h[t] @ cache.U
    gates = {"W": outer_sum(dz, cache.x), "U": outer_sum(from_h, h[:-1]), "b": total(dz)}
    db_hn = total(from_h)[-h.shape[2] :]
    return {"params": {**unstack(gates, GATES), "b_hn": db_hn}, "x": dz @ cache.W, "state": {"h": dh}}


def step_back(dh: Array, h_before: Array, step: Step) -> tuple[Array, Array, Array]:
    """dh_t back to the pre-activations, to U h_{t-1} behind each gate, and along z to h_{t-1} itself.

    Shapes: the first two (B,3H), the third as dh (B,H).
    """
    r_and_z, n, q = step
    H = n.shape[1]
    r, z = r_and_z[:, :H], r_and_z[:, H:]
    dz_n = dh * (1 - z) * (1 - n * n)
    dz_r_and_z = pull_sigmoid(np.concatenate((dz_n * q, dh * (h_before - n)), axis=1), r_and_z)
    return np.concatenate((dz_r_and_z, dz_n), axis=1), np.concatenate((dz_r_and_z, r * dz_n), axis=1), dh * z


def written(reset: str = "after", hidden_bias: str = "true") -> Written:
    """h_t = (1 - z) n + z h_{t-1}, the reset gate after or before the product with U_n, with or without b_hn there."""
    choice("reset", reset, ("after", "before"))
    choice("hidden_bias", hidden_bias, ("true", "false"))
    chosen = changed({"reset": "after", "hidden_bias": "true"}, reset=reset, hidden_bias=hidden_bias)
    if reset == "before":
        if hidden_bias == "false":
            raise UsageError("reset=before has no b_hn that hidden_bias=false could leave out")
        return Written(before.forward, before.backward, before.PARAMETERS, ("h",), chosen)
    parameters = PARAMETERS if hidden_bias == "true" else PARAMETERS[:-1]
    return Written(forward, backward, parameters, ("h",), chosen)

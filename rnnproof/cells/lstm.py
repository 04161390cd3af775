"""Long short-term memory with a forget gate.

    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)     g = tanh(z_g)
    c_t = f c_{t-1} + i g                                  h_t = o tanh(c_t)

with z_k = W_k x_t + U_k h_{t-1} + b_k for each gate k.

The four gates are computed together, stacked in the order i f g o wherever they share an axis.

Reference: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780;
the forget gate: F. A. Gers, J. Schmidhuber and F. Cummins, Learning to forget: continual prediction with
LSTM, Neural Computation 12 (2000) 2451-2471.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from rnnproof.cells.activation import sigmoid
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Gradients

GATES = ("i", "f", "g", "o")
PARAMETERS = tuple(f"{kind}_{gate}" for kind in "WUb" for gate in GATES)
Step = tuple[Array, Array, Array, Array, Array]


@dataclass(frozen=True)
class Cache:
    """Of a run: its input, its stacked weights, its states, and i, f, g, o, tanh(c_t) of each step.

    Shapes: x (T,B,I), W (4H,I), U (4H,H), states["h"] and states["c"] (T+1,B,H), a step's five (B,H).
    """

    x: Array
    W: Array
    U: Array
    states: dict[str, Array]
    steps: list[Step]


def forward(
    params: Arrays, x: Array, state: Arrays, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t) for t = 1..T, from h_0 and c_0; the outputs are the h_t.

    Shapes: params W_k (H,I), U_k (H,H), b_k (H,) for each gate k; x (T,B,I); state h, c (B,H);
    outputs (T,B,H).
    Errors: KeyError for a missing parameter or state.
    Reference: Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000).
    """
    W, U, b = (xp.concatenate([params[f"{kind}_{gate}"] for gate in GATES]) for kind in "WUb")
    from_x = x @ W.T + b  # every step at once: only U h has to wait for the step before
    h, c, steps = [state["h"]], [state["c"]], []
    for t in range(len(x)):
        i, f, g, o = activate(from_x[t] + h[t] @ U.T, xp)
        c.append(f * c[t] + i * g)
        tanh_c = xp.tanh(c[t + 1])
        h.append(o * tanh_c)
        steps.append((i, f, g, o, tanh_c))
    states = {"h": xp.stack(h), "c": xp.stack(c)}
    return (states["h"][1:], {"h": h[-1], "c": c[-1]}), Cache(x, W, U, states, steps)


def activate(z: Array, xp: ModuleType) -> tuple[Array, Array, Array, Array]:
    """i = sigmoid(z_i), f = sigmoid(z_f), g = tanh(z_g), o = sigmoid(z_o).

    Shapes: z (B,4H); each gate (B,H).
    """
    H = z.shape[1] // 4
    z_i, z_f, z_g, z_o = (z[:, k * H : (k + 1) * H] for k in range(4))
    return sigmoid(z_i, xp), sigmoid(z_f, xp), xp.tanh(z_g), sigmoid(z_o, xp)


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """dz_t, dc_{t-1} from dh_t, dc_t as in ``step_back``; dh_{t-1} = dy_{t-1} + U^T dz_t; and with them

    dW = sum dz_t x_t^T, dU = sum dz_t h_{t-1}^T, db = sum dz_t, dx_t = W^T dz_t, for the four gates at once.

    Shapes: cotangents outputs (T,B,H), states h, c (B,H); the gradients are shaped as what they belong to.
    """
    h, c = cache.states["h"], cache.states["c"]
    dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
    dz = np.empty_like(h, shape=(*cache.x.shape[:2], len(cache.U)))
    for t in reversed(range(len(dz))):
        dz[t], dc = step_back(dh + cotangents["outputs"][t], dc, c[t], cache.steps[t])
        dh = dz[t] @ cache.U
    stacked = {"W": outer_sum(dz, cache.x), "U": outer_sum(dz, h[:-1]), "b": total(dz)}
    return {"params": unstack(stacked), "x": dz @ cache.W, "state": {"h": dh, "c": dc}}


def step_back(dh: Array, dc: Array, c_before: Array, step: Step) -> tuple[Array, Array]:
    """(dh_t, dc_t) back to the pre-activations and the stored value before: (dz_t, dc_{t-1}).

    A sigmoid with output y has the slope y (1 - y), a tanh 1 - y^2.

    Shapes: dz (B,4H), all others (B,H).
    """
    i, f, g, o, tanh_c = step
    dc = dc + dh * o * (1 - tanh_c * tanh_c)
    dz_i = dc * g * i * (1 - i)
    dz_f = dc * c_before * f * (1 - f)
    dz_g = dc * i * (1 - g * g)
    dz_o = dh * tanh_c * o * (1 - o)
    return np.concatenate((dz_i, dz_f, dz_g, dz_o), axis=1), dc * f


def unstack(stacked: Arrays) -> dict[str, Array]:
    """W_i, W_f, W_g, W_o from W, and likewise for U and b. Shapes: W (4H,I), U (4H,H), b (4H,)."""
    return {
        f"{kind}_{gate}": rows
        for kind, all_rows in stacked.items()
        for gate, rows in zip(GATES, np.split(all_rows, 4), strict=True)
    }

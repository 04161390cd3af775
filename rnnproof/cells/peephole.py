"""The LSTM with peepholes: its gates see the stored value, the output gate the new one.

    i = sigmoid(z_i + p_i c_{t-1})    f = sigmoid(z_f + p_f c_{t-1})    g = tanh(z_g)
    c_t = f c_{t-1} + i g             o = sigmoid(z_o + p_o c_t)        h_t = o tanh(c_t)

with z_k = W_k x_t + U_k h_{t-1} + b_k for each gate k; the peepholes are diagonal. With a ``coupling``, i and f are
one gate with one peephole.

Reference: F. A. Gers and J. Schmidhuber, Recurrent nets that time and count, IJCNN 2000; A. Graves, Generating
sequences with recurrent neural networks, arXiv:1308.0850 (2013), equations (7) to (11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import numpy as np

from rnnproof.cells.activation import ACTIVATIONS, sigmoid
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Forward, Gradients
from rnnproof.cells.coupling import COUPLINGS, Coupling
from rnnproof.cells.options import choice
from rnnproof.cells.stacked import stack, unstack
from rnnproof.cells.written import Written, changed

Step = tuple[Array, Array, Array, Array]
INDEPENDENT = COUPLINGS["none"]
pull_sigmoid = ACTIVATIONS["sigmoid"].pullback


@dataclass(frozen=True)
class Cache:
    """Of a run: its input, stacked weights, peepholes, states, and i with f, g, o, tanh(c_t) of each step.

    Shapes: x (T,B,I), W (4H,I), U (4H,H), into, the peepholes of i and f, (N,H) for N gates, out, that of o, (H,),
    states["h"] and states["c"] (T+1,B,H); of a step i with f (B,NH), the other three (B,H).
    """

    x: Array
    W: Array
    U: Array
    into: Array
    out: Array
    states: dict[str, Array]
    steps: Sequence[Step]
    coupling: Coupling


def parameters(coupling: Coupling) -> tuple[str, ...]:
    """The names of the parameters."""
    gates = (*coupling.names, "g", "o")
    own = tuple(f"{kind}_{gate}" for kind in "WUb" for gate in gates)
    return (*own, *(f"p_{gate}" for gate in gates if gate != "g"))


def forward(
    params: Arrays, x: Array, state: Arrays, coupling: Coupling = INDEPENDENT, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t) for t = 1..T, from h_0 and c_0; the outputs are the h_t.

    Shapes: params W_k (H,I), U_k (H,H), b_k (H,) for each gate k, p_i, p_f, p_o (H,); x (T,B,I); state h, c (B,H);
    outputs (T,B,H).
    Errors: KeyError for a missing parameter or state.
    Reference: Gers and Schmidhuber (2000); Graves (2013).
    """
    W, U, b = (stack(params, kind, (*coupling.names, "g", "o"), xp) for kind in "WUb")
    into, out = xp.stack([params[f"p_{gate}"] for gate in coupling.names]), params["p_o"]
    from_x, N, H = x @ W.T + b, len(into), len(out)  # every step at once: only U h has to wait for the step before
    h, c, steps = [state["h"]], [state["c"]], []
    for t in range(len(x)):
        z = from_x[t] + h[t] @ U.T
        seen = (into * c[t][:, np.newaxis]).reshape((-1, N * H))
        i_and_f, g = sigmoid(z[:, : N * H] + seen, xp), xp.tanh(z[:, N * H : -H])
        i, f = coupling.value(i_and_f)
        c.append(f * c[t] + i * g)
        o, tanh_c = sigmoid(z[:, -H:] + out * c[t + 1], xp), xp.tanh(c[t + 1])
        h.append(o * tanh_c)
        steps.append((i_and_f, g, o, tanh_c))
    states = {"h": xp.stack(h), "c": xp.stack(c)}
    return (states["h"][1:], {"h": h[-1], "c": c[-1]}), Cache(x, W, U, into, out, states, steps, coupling)


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """dz_t, dc_{t-1} from dh_t, dc_t as in ``step_back``; dh_{t-1} = dy_{t-1} + U^T dz_t; and with them

    dW = sum dz_t x_t^T, dU = sum dz_t h_{t-1}^T, db = sum dz_t, dx_t = W^T dz_t, for the four gates at once;
    dp_i = sum dz_i c_{t-1}, dp_f = sum dz_f c_{t-1}, dp_o = sum dz_o c_t.

    Shapes: cotangents outputs (T,B,H), states h, c (B,H); the gradients are shaped as what they belong to.
    """
    h, c = cache.states["h"], cache.states["c"]
    dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
    dz = np.empty_like(h, shape=(*cache.x.shape[:2], len(cache.U)))
    for t in reversed(range(len(dz))):
        dz[t], dc = step_back(dh + cotangents["outputs"][t], dc, c[t], cache, cache.steps[t])
        dh = dz[t] @ cache.U
    gates = (*cache.coupling.names, "g", "o")
    d_params = unstack({"W": outer_sum(dz, cache.x), "U": outer_sum(dz, h[:-1]), "b": total(dz)}, gates)
    seen = dict.fromkeys(cache.coupling.names, c[:-1]) | {"o": c[1:]}
    for gate, dz_gate in zip(gates, np.split(dz, len(gates), axis=2), strict=True):
        if gate in seen:
            d_params[f"p_{gate}"] = total(dz_gate * seen[gate])
    return {"params": d_params, "x": dz @ cache.W, "state": {"h": dh, "c": dc}}


def step_back(dh: Array, dc: Array, c_before: Array, cache: Cache, step: Step) -> tuple[Array, Array]:
    """(dh_t, dc_t) back to the pre-activations and the stored value before: (dz_t, dc_{t-1}).

    The new stored value is also seen by o, the one before by i and f: each peephole brings something back.

    Shapes: dz (B,4H), or (B,3H) where i and f are one gate; all others (B,H).
    """
    i_and_f, g, o, tanh_c = step
    i, f = cache.coupling.value(i_and_f)
    dz_o = pull_sigmoid(dh * tanh_c, o)
    dc = dc + dh * o * (1 - tanh_c * tanh_c) + dz_o * cache.out
    dz_i_and_f = pull_sigmoid(cache.coupling.pullback(dc * g, dc * c_before), i_and_f)
    dz_g = dc * i * (1 - g * g)
    seen = (dz_i_and_f.reshape((-1, *cache.into.shape)) * cache.into).sum(axis=1)
    return np.concatenate((dz_i_and_f, dz_g, dz_o), axis=1), dc * f + seen


def written(coupled: str = "none") -> Written:
    """The LSTM whose gates i and f see c_{t-1}, and whose gate o sees c_t."""
    coupling = COUPLINGS[choice("coupled", coupled, COUPLINGS)]
    run: Forward = partial(forward, coupling=coupling)
    options = changed({"coupled": "none"}, coupled=coupled)
    return Written(run, backward, parameters(coupling), ("h", "c"), options)

"""Weights as PyTorch names them; what can be done for all steps at once is done with einsum."""

import numpy as np

from rnnproof.dialects import Dialect, Stack

dialect = Dialect(
    arrays={
        "weight_ih_l0": Stack("i f g o", of="W"),
        "weight_hh_l0": Stack("i f g o", of="U"),
        "bias_ih_l0": Stack("i f g o", of="b", part=1),
        "bias_hh_l0": Stack("i f g o", of="b", part=2),
    },
    state=("h", "c"),
)


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def forward(params, x, h0, c0):
    w_hh = params["weight_hh_l0"]
    gx = np.einsum("tbi,gi->tbg", x, params["weight_ih_l0"]) + params["bias_ih_l0"] + params["bias_hh_l0"]
    hs, cs, gates = [h0], [c0], []
    for t in range(x.shape[0]):
        i, f, g, o = np.split(gx[t] + hs[-1] @ w_hh.T, 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        cs.append(f * cs[-1] + i * g)
        hs.append(o * np.tanh(cs[-1]))
        gates.append((i, f, g, o))
    return np.stack(hs), np.stack(cs), gates


def run(params, x, state):
    hs, cs, _ = forward(params, x, *state)
    return hs[1:], (hs[-1].copy(), cs[-1].copy())


def grad(params, x, state, cotangents):
    hs, cs, gates = forward(params, x, *state)
    dy = cotangents["outputs"]
    dh, dc = cotangents["state"]
    dz = np.empty((*x.shape[:2], params["weight_hh_l0"].shape[0]))
    for t in range(x.shape[0] - 1, -1, -1):
        i, f, g, o = gates[t]
        tc = np.tanh(cs[t + 1])
        dh = dh + dy[t]
        dc = dc + dh * o * (1 - tc * tc)
        dz[t] = np.concatenate(
            [dc * g * i * (1 - i), dc * cs[t] * f * (1 - f), dc * i * (1 - g * g), dh * tc * o * (1 - o)], axis=-1
        )
        dh = dz[t] @ params["weight_hh_l0"]
        dc = dc * f
    db = dz.sum(axis=(0, 1))
    grads = {
        "weight_ih_l0": np.einsum("tbg,tbi->gi", dz, x),
        "weight_hh_l0": np.einsum("tbg,tbh->gh", dz, hs[:-1]),
        "bias_ih_l0": db,
        "bias_hh_l0": db.copy(),
    }
    return {"params": grads, "x": dz @ params["weight_ih_l0"], "state": (dh, dc)}

"""GRUs, Elman and Jordan networks in the conventions of frameworks, written from formulas; and a run backwards."""

from __future__ import annotations

import numpy as np
from black_boxes_lstm import Box, sigmoid


def gru(gates, order, layout="TBI", before=False, old=True):
    """A GRU; ``gates(params, x, h)`` gives x's and h's shares; ``old``: z keeps the old state, or else the new."""

    def step(params, x, state):
        (h,) = state
        mine, theirs = gates(params, x, h)
        a, b = (dict(zip(order, np.split(part, 3, axis=1), strict=True)) for part in (mine, theirs(h)))
        r, z = sigmoid(a["r"] + b["r"]), sigmoid(a["z"] + b["z"])
        inner = dict(zip(order, np.split(theirs(r * h), 3, axis=1), strict=True))["n"] if before else r * b["n"]
        n = np.tanh(a["n"] + inner)
        h = (1 - z) * n + z * h if old else (1 - z) * h + z * n
        return h, (h,)

    return Box(step, layout)


def gru_torch(p, x, h):
    return x @ p["w_ih"].T + p["b_ih"], lambda s: s @ p["w_hh"].T + p["b_hh"]


def gru_keras(p, x, h):
    return x @ p["kernel"] + p["bias"][0], lambda s: s @ p["recurrent_kernel"] + p["bias"][1]


def gru_keras_by_columns(p, x, state):
    """The same arrays, the columns of each gate counted from the recurrent kernel; states by name."""
    h, H = state["h"], len(p["recurrent_kernel"])
    mine, theirs = x @ p["kernel"] + p["bias"][0], h @ p["recurrent_kernel"] + p["bias"][1]
    z, r, n = (slice(k * H, (k + 1) * H) for k in range(3))
    keep = sigmoid(mine[:, z] + theirs[:, z])
    h = keep * h + (1 - keep) * np.tanh(mine[:, n] + sigmoid(mine[:, r] + theirs[:, r]) * theirs[:, n])
    return h, {"h": h}


def gru_one_bias(p, x, h):
    return x @ p["kernel"] + p["bias"], lambda s: s @ p["recurrent_kernel"]


def gru_linen(p, x, h):
    mine = np.concatenate([x @ p[f"i{k}"] + p[f"i{k}_bias"] for k in "rzn"], axis=1)
    zero = np.zeros_like(h[0])

    def theirs(s):
        bias = np.concatenate([zero, zero, p["hn_bias"]])
        return np.concatenate([s @ p[f"h{k}"] for k in "rzn"], axis=1) + bias

    return mine, theirs


def gru_equinox(p, x, h):
    zero = np.zeros(2 * h.shape[1])
    return x @ p["W"].T + p["bias"], lambda s: s @ p["U"].T + np.concatenate([zero, p["bias_n"]])


def gru_onnx(p, x, h):
    Wb, Rb = np.split(p["B"][0], 2)
    return x @ p["W"][0].T + Wb, lambda s: s @ p["R"][0].T + Rb


def gru_openvino(p, x, h):
    zero, (zr, w, r) = np.zeros(2 * h.shape[1]), np.split(p["B"][0], [2 * h.shape[1], 3 * h.shape[1]])
    return x @ p["W"][0].T + np.concatenate([zr, w]), lambda s: s @ p["R"][0].T + np.concatenate([zero, r])


def elman(z, activation=np.tanh, layout="TBI"):
    def step(params, x, state):
        h = activation(z(params, x, state[0]))
        return h, (h,)

    return Box(step, layout)


def elman_keras(p, x, h):
    return x @ p["kernel"] + p["bias"] + h @ p["recurrent_kernel"]


def elman_onnx(p, x, h):
    Wb, Rb = np.split(p["B"][0], 2)
    return x @ p["W"][0].T + h @ p["R"][0].T + Wb + Rb


def readout(p, x, state):
    h = np.tanh(p["Wxh"] @ x.T + p["Whh"] @ state[0].T + p["bh"])
    return (p["Why"] @ h + p["by"]).T, (h.T,)


def jordan(activation, squash):
    """x and the last output times weights; the hidden units are returned nowhere."""

    def step(p, x, state):
        h = activation(x @ p["Win"] + state["y"] @ p["Wfb"] + p["b1"])
        y = squash(h @ p["Wout"] + p["b2"])
        return y, {"y": y}

    return Box(step)


def relu(z):
    return np.maximum(z, 0)


class Backward:
    """A run from the last step back; outputs are in the order of time."""

    def __init__(self, box):
        self.box = box

    def run(self, params, x, state):
        outputs, state = self.box.run(params, x[::-1], state)
        return outputs[::-1], state

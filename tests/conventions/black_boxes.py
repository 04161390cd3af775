"""Cells in the conventions of frameworks, written from their formulas; nothing is declared about their arrays.

Each is a plain target: ``run(params, x, state)`` asks for arrays by the framework's names. ``EXPECTED`` says of each
which network it is; its dialect is what has to be found.
"""

from __future__ import annotations

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def fast(z):
    """Keras 2 and ONNX call this a hard sigmoid."""
    return np.clip(0.2 * z + 0.5, 0, 1)


class Box:
    """A cell as a target: ``step(params, x_t, state)`` gives the output and the new state."""

    def __init__(self, step, layout="TBI"):
        self.one, self.layout = step, layout

    def run(self, params, x, state):
        """Over the axis of time; outputs have the same order of axes."""
        outputs = []
        for x_t in x.transpose([self.layout.index(letter) for letter in "TBI"]):
            y, state = self.one(params, x_t, state)
            outputs.append(y)
        return np.stack(outputs).transpose(["TBI".index(letter) for letter in self.layout]), state


def lstm_step(gates, c, order, *, forget=0.0, squash=sigmoid, couple=None, clip=None):
    """h and c from the pre-activations (B,4H), or from as many as ``order`` has gates."""
    z = dict(zip(order, np.split(gates, len(order), axis=-1), strict=True))
    i = squash(z["i"]) if couple != "input" else None
    f = squash(z["f"] + forget) if couple != "forget" else 1 - i
    i = 1 - f if i is None else i
    c = f * c + i * np.tanh(z["g"])
    c = c if clip is None else np.clip(c, -clip, clip)
    return squash(z["o"]) * np.tanh(c), c


def lstm(z, order, layout="TBI", swapped=False, **more):
    """An LSTM whose pre-activations are z(params, x, h); ``swapped``: states are (c, h)."""

    def step(params, x, state):
        h, c = state[::-1] if swapped else state
        h, c = lstm_step(z(params, x, h), c, order, **more)
        return h, (c, h) if swapped else (h, c)

    return Box(step, layout)


def torch_like(p, x, h):
    return x @ p["weight_ih"].T + p["bias_ih"] + h @ p["weight_hh"].T + p["bias_hh"]


def keras(p, x, h):
    return x @ p["kernel"] + h @ p["recurrent_kernel"] + p["bias"]


def joined(p, x, h):
    return np.concatenate([x, h], axis=1) @ p["w"] + p["b"]


def one_bias(p, x, h):
    return (p["W"] @ x.T + p["U"] @ h.T + p["b"][:, None]).T


def flax(p, x, h):
    return np.concatenate([x @ p[f"i{gate}"] + h @ p[f"h{gate}"] + p[f"h{gate}_bias"] for gate in "ifgo"], axis=1)


def onnx(p, x, h):
    Wb, Rb = np.split(p["B"][0], 2)
    return x @ p["W"][0].T + h @ p["R"][0].T + Wb + Rb


def openvino(p, x, h):
    return x @ p["W"][0].T + h @ p["R"][0].T + p["B"][0]


def tflite(gates):
    def z(p, x, h):
        return np.concatenate(
            [x @ p[f"input_to_{k}"].T + h @ p[f"recurrent_to_{k}"].T + p[f"{k}_gate_bias"] for k in gates], axis=1
        )

    return z


def numpy_ml(p, x, h):
    zt = np.concatenate([h, x], axis=1)
    return np.concatenate([zt @ p[f"W{k}"] + p[f"b{k}"] for k in "fuco"], axis=1)


def column(p, x, h):
    """One column an example, as courses write it: Wf [h; x] + bf, with bf (H, 1)."""
    hx = np.concatenate([h.T, x.T])
    return np.concatenate([p[f"W{k}"] @ hx + p[f"b{k}"] for k in "fico"]).T


def unit_by_unit(p, x, h):
    """Each unit's four gates stand together: row 4 u + k is gate k of unit u."""
    z = x @ p["W"].T + h @ p["U"].T + p["b"]
    return z.reshape(len(z), -1, 4).transpose(0, 2, 1).reshape(len(z), -1)


def no_bias(p, x, h):
    return x @ p["W"].T + h @ p["U"].T


def each_gate(p, x, h):
    """Arrays (4,H,I), (4,H,H) and (4,H)."""
    return np.concatenate([x @ p["W"][k].T + h @ p["U"][k].T + p["b"][k] for k in range(4)], axis=1)


def coupled_onnx(p, x, h):
    """input_forget: the forget gate's rows are there, and are not read."""
    z = onnx(p, x, h)
    H = h.shape[1]
    return np.concatenate([z[:, : 2 * H], z[:, 3 * H :]], axis=1)


def named_states(p, x, state):
    h, c = lstm_step(torch_like(p, x, state["h"]), state["c"], "ifgo")
    return h, {"h": h, "c": c}


def stacked_states(p, x, state):
    h, c = lstm_step(onnx(p, x, state[0][0]), state[1][0], "iofg")
    return h, (h[None], c[None])


def peephole(p, x, state):
    """ONNX's P (1,3H) in the order i o f; o sees the new cell."""
    (h, c), (p_i, p_o, p_f) = state, np.split(p["P"][0], 3)
    i, o, f, g = np.split(onnx(p, x, h), 4, axis=1)
    c = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * np.tanh(g)
    h = sigmoid(o + p_o * c) * np.tanh(c)
    return h, (h, c)


def projected(p, x, state):
    h, c = lstm_step(torch_like(p, x, state[0]), state[1], "ifgo")
    h = h @ p["weight_hr"].T
    return h, (h, c)


def clipped_gates(p, x, state):
    h, c = lstm_step(np.clip(onnx(p, x, state[0]), -3, 3), state[1], "iofg")
    return h, (h, c)


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


def relu(z):
    return np.maximum(z, 0)


class Backward:
    """A run from the last step back; outputs are in the order of time."""

    def __init__(self, box):
        self.box = box

    def run(self, params, x, state):
        outputs, state = self.box.run(params, x[::-1], state)
        return outputs[::-1], state


# name: (target, network)
LSTMS = {
    "torch": (lstm(torch_like, "ifgo"), "lstm"),
    "torch, states by name": (Box(named_states), "lstm"),
    "keras": (lstm(keras, "ifgo", "BTI"), "lstm"),
    "keras 2 hard sigmoid": (lstm(keras, "ifgo", "BTI", squash=fast), "lstm:recurrent=hard_sigmoid"),
    "tf1 basic": (lstm(joined, "igfo", swapped=True, forget=1.0), "lstm"),
    "tf block": (lstm(joined, "igfo", swapped=True, forget=1.0, clip=3.0), "lstm:clip=3"),
    "tf block v2": (lstm(joined, "ifgo", swapped=True), "lstm"),
    "flax linen": (lstm(flax, "ifgo", "BTI", swapped=True), "lstm"),
    "equinox": (lstm(one_bias, "ifgo"), "lstm"),
    "haiku": (lstm(joined, "igfo", forget=1.0), "lstm"),
    "onnx": (lstm(onnx, "iofg"), "lstm"),
    "onnx, states with directions": (Box(stacked_states), "lstm"),
    "onnx peepholes": (Box(peephole), "peephole"),
    "onnx clip": (Box(clipped_gates), "lstm:clip=3,clip_place=gates"),
    "onnx input_forget": (lstm(coupled_onnx, "iog", couple="forget"), "lstm:coupled=forget"),
    "openvino": (lstm(openvino, "figo", "BTI"), "lstm"),
    "tflite": (lstm(tflite(("input", "forget", "cell", "output")), "ifgo"), "lstm"),
    "tflite cifg": (lstm(tflite(("forget", "cell", "output")), "fgo", couple="input"), "lstm:coupled=input"),
    "miopen": (lstm(torch_like, "ifog"), "lstm"),
    "core ml": (lstm(one_bias, "ifog"), "lstm"),
    "numpy-ml": (lstm(numpy_ml, "figo", "BIT"), "lstm"),
    "dl4j": (lstm(torch_like, "gfoi"), "lstm"),
    "torch projection": (Box(projected), "lstm:projection=P"),
    "column vectors": (lstm(column, "figo", "ITB"), "lstm"),
    "unit by unit": (lstm(unit_by_unit, "ifgo"), "lstm"),
    "each gate": (lstm(each_gate, "ifgo"), "lstm"),
    "no bias": (lstm(no_bias, "ofgi"), "lstm:bias=false"),
    "backward": (Backward(lstm(torch_like, "ifgo")), "lstm:direction=backward"),
}
GRUS = {
    "torch": (gru(gru_torch, "rzn"), "gru"),
    "keras": (gru(gru_keras, "zrn", "BTI"), "gru"),
    "keras reset before": (gru(gru_one_bias, "zrn", "BTI", before=True), "gru:reset=before"),
    "flax linen": (gru(gru_linen, "rzn", "BTI"), "gru"),
    "flax nnx": (gru(gru_one_bias, "rzn", "BTI"), "gru:hidden_bias=false"),
    "equinox": (gru(gru_equinox, "rzn"), "gru"),
    "haiku": (gru(gru_one_bias, "zrn", before=True, old=False), "gru:reset=before"),
    "onnx": (gru(gru_onnx, "zrn", before=True), "gru:reset=before"),
    "onnx linear_before_reset": (gru(gru_onnx, "zrn"), "gru"),
    "openvino 4H": (gru(gru_openvino, "zrn", "BTI"), "gru"),
    "core ml": (gru(gru_one_bias, "rnz"), "gru:hidden_bias=false"),
}
ELMANS = {
    "torch": (elman(torch_like), "elman"),
    "torch relu": (elman(torch_like, relu), "elman:activation=relu"),
    "keras": (elman(elman_keras, layout="BTI"), "elman"),
    "haiku": (elman(torch_like, relu), "elman:activation=relu"),
    "onnx": (elman(elman_onnx), "elman"),
    "joined": (elman(joined), "elman"),
    "min-char-rnn": (Box(readout), "elman:readout=identity"),
}
EXPECTED = {
    f"{kind}, {name}": each
    for kind, every in (("lstm", LSTMS), ("gru", GRUS), ("elman", ELMANS))
    for name, each in every.items()
}

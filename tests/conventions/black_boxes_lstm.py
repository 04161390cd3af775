"""LSTMs in the conventions of frameworks, written from their formulas; nothing is declared about their arrays.

Each is a plain target: ``run(params, x, state)`` asks for arrays by the framework's names.
"""

from __future__ import annotations

from types import SimpleNamespace

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


def one_matrix(p, x, h):
    """Each gate's rows are multiplied with the column [h; x; 1]."""
    return (p["w"] @ np.concatenate([h.T, x.T, np.ones((1, len(x)))])).T


def bias_above(p, x, h):
    """[1, x, h] @ w: the first row is the bias."""
    return np.concatenate([np.ones((len(x), 1)), x, h], axis=1) @ p["w"]


def one_bias(p, x, h):
    return (p["W"] @ x.T + p["U"] @ h.T + p["b"][:, None]).T


def flax(p, x, h):
    return np.concatenate([x @ p[f"i{gate}"] + h @ p[f"h{gate}"] + p[f"h{gate}_bias"] for gate in "ifgo"], axis=1)


def onnx(p, x, h):
    Wb, Rb = np.split(p["B"][0], 2)
    return x @ p["W"][0].T + h @ p["R"][0].T + Wb + Rb


def onnx_sized(p, x, h):
    """The same arrays, their one direction first, and H from the shape of R."""
    W, R, B = (p[name][0] for name in "WRB")
    ends = 4 * R.shape[1]
    return x @ W.T + h @ R.T + (B[:ends] + B[ends:])


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


def each_gate_at_once(p, x, h):
    """The same arrays, multiplied at once: (I,H), (H,H) and (H,) would be broadcast to every gate."""
    z = np.einsum("bi,ghi->gbh", x, p["W"]) + np.einsum("bh,gkh->gbk", h, p["U"]) + p["b"][:, None]
    return np.concatenate(list(z), axis=1)


def each_gate_by_matmul(p, x, h):
    """Arrays (4,I,H), (4,H,H) and (4,1,H), where fewer gates are broadcast without a word."""
    i, f, g, o = x[None] @ p["W"] + h[None] @ p["U"] + p["b"]
    return np.concatenate([i, f, g, o], axis=1)


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


def canonical(p, x, h):
    """Canonical names; gates are put one below the other before anything is multiplied."""
    W, U, b = (np.concatenate([p[f"{of}_{gate}"] for gate in "fogi"]) for of in "WUb")
    return x @ W.T + h @ U.T + b


def by_attribute(p, x, state):
    """Canonical names, all of them made attributes before any is asked for."""
    n, (h, c) = SimpleNamespace(**p), (state["h"], state["c"])
    i = sigmoid(x @ n.W_i.T + h @ n.U_i.T + n.p_i * c + n.b_i)
    f = sigmoid(x @ n.W_f.T + h @ n.U_f.T + n.p_f * c + n.b_f)
    c = f * c + i * np.tanh(x @ n.W_g.T + h @ n.U_g.T + n.b_g)
    h = sigmoid(x @ n.W_o.T + h @ n.U_o.T + n.p_o * c + n.b_o) * np.tanh(c)
    return h, {"h": h, "c": c}


def projected(p, x, state):
    h, c = lstm_step(torch_like(p, x, state[0]), state[1], "ifgo")
    h = h @ p["weight_hr"].T
    return h, (h, c)


def clipped_gates(p, x, state):
    h, c = lstm_step(np.clip(onnx(p, x, state[0]), -3, 3), state[1], "iofg")
    return h, (h, c)

"""Bad input for a diagnosis: targets that are no single change of what they are said to be."""

import numpy as np

from by_hand.altered import Wrong, executed, source


def changed(name, style, *changes):
    """A style with changes that have no row in a table."""
    return executed(name, style, source(Wrong(name, style, "both", "", (), changes)))


class Gated:
    """Called an Elman network, with its parameters' names: a leaky one, whose leak is a gate."""

    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            z = x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"]
            gate = 1 / (1 + np.exp(-z))
            h = gate * h + (1 - gate) * np.tanh(z)
            outputs.append(h)
        return np.stack(outputs), {"h": h}


class AllEqual:
    """Every output is a half, whatever comes in; every gradient is 0, as it then should be."""

    def run(self, params, x, state):
        half = np.full_like(state["h"], 0.5)
        return np.stack([half] * len(x)), {"h": half, "c": half.copy()}

    def grad(self, params, x, state, cotangents):
        zeros = {name: np.zeros_like(value) for name, value in params.items()}
        return {"params": zeros, "x": np.zeros_like(x), "state": {k: np.zeros_like(v) for k, v in state.items()}}


RANDOM = changed(
    "fails_differently_every_time", "lstm_list_of_dicts",
    ('dz["f"] = df * f * (1 - f)', 'dz["f"] = df * f * (1 - f) * np.random.uniform(0.5, 2, f.shape)'),
    ("h = o * tanh_c", "h = o * tanh_c + np.random.normal(0, 0.1, o.shape)"),
)  # fmt: skip
FIVE = changed(
    "wrong_in_five_places", "gru_per_gate",
    ('r = sigmoid(x @ W["r"].T + h @ U["r"].T + b["r"])', 'r = sigmoid(x @ W["r"].T + h @ U["z"].T + b["r"])'),
    ("h = (1 - z) * n + z * h\n", "h = (1 - z) * n + h\n"),
    ("dn = dh * (1 - z) * dtanh(n)", "dn = dh * (1 - z)"),
    ('dU["z"] += dz.T @ h_prev', 'dU["z"] += dr.T @ h_prev'),
    ('dx[t] = dz @ W["z"] + dr @ W["r"] + dn @ W["n"]', 'dx[t] = dz @ W["z"] - dn @ W["n"]'),
)  # fmt: skip
COUPLED = changed(
    "coupled_gates", "lstm_columns",
    ('it = sigmoid(np.dot(parameters["Wi"], concat) + parameters["bi"])', "it = 1 - ft"),
    ("dit = dc * cct * it * (1 - it)", "dit = 0 * dc"),
    ("dft = dc * c_prev * ft * (1 - ft)", "dft = dc * (c_prev - cct) * ft * (1 - ft)"),
)  # fmt: skip
HARD = changed(
    "hard_sigmoid", "lstm_layers",
    ("out = 0.5 * (1 + np.tanh(0.5 * x))", "out = np.clip(0.2 * x + 0.5, 0, 1)"),
    ("return dout * (1.0 - out) * out", "return dout * 0.2 * ((out > 0) & (out < 1))"),
)  # fmt: skip
BEFORE = changed(
    "reset_before", "gru_tape",
    ('hidden = t.bias(t.linear(h, p["U_n"]), p["b_hn"])', 'hidden = t.linear(t.mul(r, h), p["U_n"])'),
    ('t.bias(t.linear(x, p["W_n"]), p["b_n"]), t.mul(r, hidden)', 't.bias(t.linear(x, p["W_n"]), p["b_n"]), hidden'),
)  # fmt: skip
RELU = changed(
    "relu_not_tanh", "elman_time_layer",
    ("h_new = np.tanh(t)", "h_new = np.maximum(t, 0)"),
    ("* (1 - h_next**2)", "* (h_next > 0)"),
)  # fmt: skip
RAISES = changed(
    "raises_on_some_inputs", "lstm_stacked",
    (
        "    N, T, D = x.shape\n",
        "    N, T, D = x.shape\n    if np.abs(x).max() > 20:\n        raise ValueError('an input is too large')\n",
    ),
    ("df = dc * prev_c", "df = dc * next_c"),
)  # fmt: skip

BAD = [
    ("fails_differently_every_time", "lstm", RANDOM),
    ("wrong_in_five_places", "gru", FIVE),
    ("gated_elman", "elman", Gated),
    ("coupled_gates", "lstm", COUPLED),
    ("hard_sigmoid", "lstm", HARD),
    ("reset_before", "gru", BEFORE),
    ("relu_not_tanh", "elman", RELU),
    ("all_equal", "lstm", AllEqual),
    ("raises_on_some_inputs", "lstm", RAISES),
]

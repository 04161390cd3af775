"""A character model: columns, dictionaries by time with hs[-1], a linear readout, gradients made in a loop."""

import numpy as np

from rnnproof.dialects import Dialect, Stack

dialect = Dialect(
    arrays={
        "Wxh": Stack("h", of="W"),
        "Whh": Stack("h", of="U"),
        "Why": Stack("y", of="W"),
        "bh": Stack("h", of="b"),
        "by": Stack("y", of="b"),
    },
)


def forward(inputs, hprev, Wxh, Whh, Why, bh, by):
    xs, hs, ys = {}, {}, {}
    hs[-1] = hprev
    for t in range(len(inputs)):
        xs[t] = inputs[t].T
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh.reshape(-1, 1))
        ys[t] = np.dot(Why, hs[t]) + by.reshape(-1, 1)
    return xs, hs, ys


def run(params, x, state):
    _, hs, ys = forward(x, state["h"].T, **params)
    return np.array([ys[t].T for t in range(len(x))]), {"h": hs[len(x) - 1].T}


def grad(params, x, state, cotangents):
    xs, hs, _ = forward(x, state["h"].T, **params)
    Wxh, Whh, Why = params["Wxh"], params["Whh"], params["Why"]
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(params["bh"]), np.zeros_like(params["by"])
    dx = np.zeros_like(x)
    dhnext = cotangents["state"]["h"].T
    for t in reversed(range(len(x))):
        dy = cotangents["outputs"][t].T
        dWhy += np.dot(dy, hs[t].T)
        dby += dy.sum(axis=1)
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw.sum(axis=1)
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dx[t] = np.dot(Wxh.T, dhraw).T
        dhnext = np.dot(Whh.T, dhraw)
    return {
        "params": {"Wxh": dWxh, "Whh": dWhh, "Why": dWhy, "bh": dbh, "by": dby},
        "x": dx,
        "state": {"h": dhnext.T},
    }

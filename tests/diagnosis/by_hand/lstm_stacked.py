"""An LSTM with one matrix for all gates, batch first, its arrays kept in the order i f o g as (I, 4H)."""

import numpy as np

from rnnproof.dialects import Dialect, Stack


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i = sigmoid(a[:, :H])
    f = sigmoid(a[:, H : 2 * H])
    o = sigmoid(a[:, 2 * H : 3 * H])
    g = np.tanh(a[:, 3 * H :])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    tanh_next_c = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - tanh_next_c**2)
    di = dc * g
    df = dc * prev_c
    do = dnext_h * tanh_next_c
    dg = dc * i
    da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g * g)])
    dx = da.dot(Wx.T)
    dprev_h = da.dot(Wh.T)
    dprev_c = dc * f
    dWx = x.T.dot(da)
    dWh = prev_h.T.dot(da)
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def lstm_forward(x, h0, c0, Wx, Wh, b):
    N, T, D = x.shape
    H = h0.shape[1]
    h = np.zeros((N, T, H), dtype=x.dtype)
    prev_h, prev_c = h0, c0
    cache = []
    for t in range(T):
        prev_h, prev_c, step = lstm_step_forward(x[:, t, :], prev_h, prev_c, Wx, Wh, b)
        h[:, t, :] = prev_h
        cache.append(step)
    return h, prev_h, prev_c, cache


def lstm_backward(dh, dh_last, dc_last, cache):
    N, T, H = dh.shape
    x, _, _, Wx, Wh, *_ = cache[0]
    dx = np.zeros((N, T, x.shape[1]), dtype=dh.dtype)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(4 * H, dtype=dh.dtype)
    dprev_h, dprev_c = dh_last, dc_last
    for t in range(T - 1, -1, -1):
        dx[:, t, :], dprev_h, dprev_c, dWx_t, dWh_t, db_t = lstm_step_backward(dh[:, t, :] + dprev_h, dprev_c, cache[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return dx, dprev_h, dprev_c, dWx, dWh, db


class Stacked:
    claims = {"dtypes": ["float64", "float32"]}
    dialect = Dialect(
        arrays={
            "Wx": Stack("i f o g", of="W", axis=1, transpose=True),
            "Wh": Stack("i f o g", of="U", axis=1, transpose=True),
            "b": Stack("i f o g", of="b"),
        },
        state=("h", "c"),
        layout="BTI",
    )

    def run(self, params, x, state):
        h, h_last, c_last, self.cache = lstm_forward(x, *state, params["Wx"], params["Wh"], params["b"])
        return h, (h_last, c_last)

    def grad(self, params, x, state, cotangents):
        dx, dh0, dc0, dWx, dWh, db = lstm_backward(cotangents["outputs"], *cotangents["state"], self.cache)
        return {"params": {"Wx": dWx, "Wh": dWh, "b": db}, "x": dx, "state": (dh0, dc0)}

"""Homework: Wx, Wh and b with the gates side by side, N rows of T steps, step_forward and step_backward."""

import numpy as np

from rnnproof.dialects import Dialect, Stack

dialect = Dialect(
    arrays={
        "Wx": Stack("i f o g", of="W", axis=1, transpose=True),
        "Wh": Stack("i f o g", of="U", axis=1, transpose=True),
        "b": Stack("i f o g", of="b"),
    },
    state=("h", "c"),
    layout="BTI",
)


def sigmoid(x):
    pos_mask = x >= 0
    z = np.zeros_like(x)
    z[pos_mask] = np.exp(-x[pos_mask])
    z[~pos_mask] = np.exp(x[~pos_mask])
    top = np.ones_like(x)
    top[~pos_mask] = z[~pos_mask]
    return top / (1 + z)


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
    tanh_c = np.tanh(next_c)
    do = dnext_h * tanh_c
    dc = dnext_c + dnext_h * o * (1 - tanh_c**2)
    df = dc * prev_c
    dprev_c = dc * f
    di = dc * g
    dg = dc * i
    da = np.hstack((di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)))
    dx = da.dot(Wx.T)
    dprev_h = da.dot(Wh.T)
    dWx = x.T.dot(da)
    dWh = prev_h.T.dot(da)
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def lstm_forward(x, h0, c0, Wx, Wh, b):
    N, T, _ = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    next_h, next_c = h0, c0
    cache = []
    for t in range(T):
        next_h, next_c, step_cache = lstm_step_forward(x[:, t], next_h, next_c, Wx, Wh, b)
        h[:, t] = next_h
        cache.append(step_cache)
    return h, next_c, cache


def lstm_backward(dh, dh_final, dc_final, cache):
    N, T, H = dh.shape
    D = cache[0][0].shape[1]
    dx = np.zeros((N, T, D))
    dWx, dWh, db = np.zeros((D, 4 * H)), np.zeros((H, 4 * H)), np.zeros(4 * H)
    dprev_h, dprev_c = dh_final, dc_final
    for t in reversed(range(T)):
        dx[:, t], dprev_h, dprev_c, dWx_t, dWh_t, db_t = lstm_step_backward(dh[:, t] + dprev_h, dprev_c, cache[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return dx, dprev_h, dprev_c, dWx, dWh, db


def run(params, x, state):
    h, c, _ = lstm_forward(x, *state, params["Wx"], params["Wh"], params["b"])
    return h, (h[:, -1].copy(), c)


def grad(params, x, state, cotangents):
    _, _, cache = lstm_forward(x, *state, params["Wx"], params["Wh"], params["b"])
    dx, dh0, dc0, dWx, dWh, db = lstm_backward(cotangents["outputs"], *cotangents["state"], cache)
    return {"params": {"Wx": dWx, "Wh": dWh, "b": db}, "x": dx, "state": (dh0, dc0)}

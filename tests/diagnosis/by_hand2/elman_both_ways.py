"""A bidirectional network: one function for a direction, called on x and on x turned round."""

import numpy as np


def one_way(W, U, b, x, h):
    hs = np.empty((len(x), *h.shape))
    for t, x_t in enumerate(x):
        h = np.tanh(x_t.dot(W.T) + h.dot(U.T) + b)
        hs[t] = h
    return hs


def one_way_back(W, U, x, h0, hs, dhs, dh):
    dW, dU, db, dx = np.zeros_like(W), np.zeros_like(U), np.zeros(len(W)), np.zeros_like(x)
    for t in range(len(x) - 1, -1, -1):
        h_prev = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dW += da.T.dot(x[t])
        dU += da.T.dot(h_prev)
        db += da.sum(axis=0)
        dx[t] = da.dot(W)
        dh = da.dot(U)
    return dW, dU, db, dx, dh


def weights(params, way):
    return params[f"0.{way}.W_h"], params[f"0.{way}.U_h"], params[f"0.{way}.b_h"]


def both(params, x, state):
    there = one_way(*weights(params, "forward"), x, state["0.forward.h"])
    back = one_way(*weights(params, "backward"), x[::-1], state["0.backward.h"])
    return there, back


def run(params, x, state):
    there, back = both(params, x, state)
    outputs = np.concatenate([there, back[::-1]], axis=-1)
    return outputs, {"0.forward.h": there[-1], "0.backward.h": back[-1]}


def grad(params, x, state, cotangents):
    there, back = both(params, x, state)
    H = there.shape[-1]
    dys = cotangents["outputs"][..., :H], cotangents["outputs"][::-1, :, H:]
    total = {"params": {}, "x": 0, "state": {}}
    for way, xs, hs, dy in (("forward", x, there, dys[0]), ("backward", x[::-1], back, dys[1])):
        W, U, _ = weights(params, way)
        dW, dU, db, dx, dh = one_way_back(W, U, xs, state[f"0.{way}.h"], hs, dy, cotangents["state"][f"0.{way}.h"])
        total["params"] |= {f"0.{way}.W_h": dW, f"0.{way}.U_h": dU, f"0.{way}.b_h": db}
        total["state"][f"0.{way}.h"] = dh
        total["x"] = total["x"] + (dx if way == "forward" else dx[::-1])
    return total

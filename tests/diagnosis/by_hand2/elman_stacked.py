"""Two layers, one run after the other over the whole sequence, each a function of its own arrays."""

import numpy as np


def own(params, layer):
    return [params[f"{layer}.forward.{name}_h"] for name in "WUb"]


def layer_forward(weights, x, h0):
    W, U, b = weights
    hs = [h0]
    for x_t in x:
        hs.append(np.tanh(x_t @ W.T + hs[-1] @ U.T + b))
    return np.stack(hs)


def layer_backward(weights, x, hs, dys, dh):
    W, U, _ = weights
    da = np.zeros(dys.shape)
    for t in reversed(range(len(x))):
        da[t] = (dys[t] + dh) * (1 - hs[t + 1] ** 2)
        dh = da[t] @ U
    grads = np.einsum("tbh,tbi->hi", da, x), np.einsum("tbh,tbk->hk", da, hs[:-1]), da.sum(axis=(0, 1))
    return grads, da @ W, dh


def forward(params, x, state):
    lower = layer_forward(own(params, 0), x, state["0.forward.h"])
    upper = layer_forward(own(params, 1), lower[1:], state["1.forward.h"])
    return lower, upper


def run(params, x, state):
    lower, upper = forward(params, x, state)
    return upper[1:], {"0.forward.h": lower[-1], "1.forward.h": upper[-1].copy()}


def grad(params, x, state, cotangents):
    lower, upper = forward(params, x, state)
    final = cotangents["state"]
    g1, d_lower, dh1 = layer_backward(own(params, 1), lower[1:], upper, cotangents["outputs"], final["1.forward.h"])
    g0, dx, dh0 = layer_backward(own(params, 0), x, lower, d_lower, final["0.forward.h"])
    grads = {f"{k}.forward.{name}_h": a for k, g in ((0, g0), (1, g1)) for name, a in zip("WUb", g, strict=True)}
    return {"params": grads, "x": dx, "state": {"0.forward.h": dh0, "1.forward.h": dh1}}

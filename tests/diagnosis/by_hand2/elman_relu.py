"""Short functions in single letters, with lists; the activation is a ReLU."""

import numpy as np

claims = {"dtypes": ["float64", "float32"]}


def f(a):
    return np.maximum(a, 0)


def run(params, x, state):
    W, U, b = params["W_h"], params["U_h"], params["b_h"]
    h = [state["h"]]
    for u in x:
        h.append(f(u @ W.T + h[-1] @ U.T + b))
    return np.stack(h[1:]), {"h": h[-1]}


def grad(params, x, state, cotangents):
    W, U = params["W_h"], params["U_h"]
    y, _ = run(params, x, state)
    h = [state["h"], *y]
    e = cotangents["state"]["h"]
    dW, dU, db, dx = 0, 0, 0, []
    for t in range(len(x))[::-1]:
        d = (cotangents["outputs"][t] + e) * (h[t + 1] > 0)
        dW = dW + d.T @ x[t]
        dU = dU + d.T @ h[t]
        db = db + np.sum(d, axis=0)
        dx.append(d @ W)
        e = d @ U
    return {"params": {"W_h": dW, "U_h": dU, "b_h": db}, "x": np.stack(dx[::-1]), "state": {"h": e}}

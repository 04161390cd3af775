"""A GRU with a dictionary of weights for each gate, and its steps kept in lists."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def dsigmoid(y):
    return y * (1 - y)


def dtanh(y):
    return 1 - y * y


class GRU:
    claims = {"dtypes": ["float64", "float32"]}

    def _weights(self, params):
        W = {"z": params["W_z"], "r": params["W_r"], "n": params["W_n"]}
        U = {"z": params["U_z"], "r": params["U_r"], "n": params["U_n"]}
        b = {"z": params["b_z"], "r": params["b_r"], "n": params["b_n"], "hn": params["b_hn"]}
        return W, U, b

    def step(self, params, x, state):
        W, U, b = self._weights(params)
        h = state["h"]
        z = sigmoid(x @ W["z"].T + h @ U["z"].T + b["z"])
        r = sigmoid(x @ W["r"].T + h @ U["r"].T + b["r"])
        u = h @ U["n"].T + b["hn"]
        n = np.tanh(x @ W["n"].T + b["n"] + r * u)
        self.z.append(z)
        self.r.append(r)
        self.n.append(n)
        self.u.append(u)
        h = (1 - z) * n + z * h
        return h, {"h": h}

    def __init__(self):
        self.z, self.r, self.n, self.u, self.h = [], [], [], [], []

    def run(self, params, x, state):
        self.z, self.r, self.n, self.u, self.h = [], [], [], [], [state["h"]]
        for xt in x:
            h, _ = self.step(params, xt, {"h": self.h[-1]})
            self.h.append(h)
        return np.stack(self.h[1:]), {"h": self.h[-1]}

    def grad(self, params, x, state, cotangents):
        W, U, b = self._weights(params)
        dW = {k: np.zeros_like(v) for k, v in W.items()}
        dU = {k: np.zeros_like(v) for k, v in U.items()}
        db = {k: np.zeros_like(v) for k, v in b.items()}
        dx = np.zeros_like(x)
        dh = cotangents["state"]["h"].copy()
        for t in range(len(x) - 1, -1, -1):
            z, r, n, u, h_prev = self.z[t], self.r[t], self.n[t], self.u[t], self.h[t]
            dh += cotangents["outputs"][t]
            dz = dh * (h_prev - n) * dsigmoid(z)
            dn = dh * (1 - z) * dtanh(n)
            dr = dn * u * dsigmoid(r)
            du = dn * r

            dW["z"] += dz.T @ x[t]
            dW["r"] += dr.T @ x[t]
            dW["n"] += dn.T @ x[t]
            dU["z"] += dz.T @ h_prev
            dU["r"] += dr.T @ h_prev
            dU["n"] += du.T @ h_prev
            db["z"] += dz.sum(0)
            db["r"] += dr.sum(0)
            db["n"] += dn.sum(0)
            db["hn"] += du.sum(0)

            dx[t] = dz @ W["z"] + dr @ W["r"] + dn @ W["n"]
            dh = dh * z + dz @ U["z"] + dr @ U["r"] + du @ U["n"]
        grads = {"W_" + k: v for k, v in dW.items()} | {"U_" + k: v for k, v in dU.items()}
        grads |= {"b_" + k: v for k, v in db.items()}
        return {"params": grads, "x": dx, "state": {"h": dh}}

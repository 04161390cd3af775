"""The textbook's network: U from the input, W from the state, V and c to a softmax, batch first."""

import numpy as np

from rnnproof.dialects import Dialect, Stack


def softmax(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class RNN:
    dialect = Dialect(
        arrays={
            "U": Stack("h", of="W"),
            "W": Stack("h", of="U"),
            "V": Stack("y", of="W"),
            "b": Stack("h", of="b"),
            "c": Stack("y", of="b"),
        },
        layout="BTI",
    )

    def forward_propagation(self, p, x, s0):
        N, T, _ = x.shape
        s = np.zeros((N, T + 1, s0.shape[1]))
        s[:, -1] = s0
        for t in range(T):
            s[:, t] = np.tanh(x[:, t] @ p["U"].T + s[:, t - 1] @ p["W"].T + p["b"])
        o = softmax(s[:, :-1] @ p["V"].T + p["c"])
        return o, s

    def bptt(self, p, x, s0, do, ds_last):
        T = x.shape[1]
        o, s = self.forward_propagation(p, x, s0)
        delta_o = o * (do - np.sum(do * o, axis=-1, keepdims=True))
        dU, dW, db = np.zeros(p["U"].shape), np.zeros(p["W"].shape), np.zeros(p["b"].shape)
        dx = np.zeros(x.shape)
        delta = ds_last
        for t in np.arange(T)[::-1]:
            delta_t = (delta_o[:, t] @ p["V"] + delta) * (1 - s[:, t] ** 2)
            dU += np.einsum("nh,ni->hi", delta_t, x[:, t])
            dW += np.einsum("nh,nk->hk", delta_t, s[:, t - 1])
            db += np.einsum("nh->h", delta_t)
            dx[:, t] = delta_t @ p["U"]
            delta = delta_t @ p["W"]
        dV = np.einsum("nto,nth->oh", delta_o, s[:, :-1])
        dc = np.einsum("nto->o", delta_o)
        return {"U": dU, "W": dW, "V": dV, "b": db, "c": dc}, dx, delta

    def run(self, params, x, state):
        o, s = self.forward_propagation(params, x, state["h"])
        return o, {"h": s[:, x.shape[1] - 1].copy()}

    def grad(self, params, x, state, cotangents):
        grads, dx, ds0 = self.bptt(params, x, state["h"], cotangents["outputs"], cotangents["state"]["h"])
        return {"params": grads, "x": dx, "state": {"h": ds0}}

"""An LSTM with einsum: gates on an axis of their own, everything of all steps in preallocated arrays."""

import numpy as np

I, F, G, O = range(4)


def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def activate(z):
    """z (4, B, H)."""
    a = sigmoid(z)
    a[G] = np.tanh(z[G])
    return a


def slope(a):
    d = a * (1 - a)
    d[G] = 1 - a[G] ** 2
    return d


class EinsumLSTM:
    def _stack(self, params, letter):
        return np.stack([params[f"{letter}_{k}"] for k in "ifgo"])

    def step(self, params, x, state):
        W, U, b = (self._stack(params, k) for k in "WUb")
        a = activate(np.einsum("khi,bi->kbh", W, x) + np.einsum("khj,bj->kbh", U, state["h"]) + b[:, None])
        c = a[F] * state["c"] + a[I] * a[G]
        h = a[O] * np.tanh(c)
        return h, {"h": h, "c": c}

    def run(self, params, x, state):
        W, U, b = (self._stack(params, k) for k in "WUb")
        T, B, _ = x.shape
        H = U.shape[2]
        self.h, self.c, self.a = np.empty((T + 1, B, H)), np.empty((T + 1, B, H)), np.empty((T, 4, B, H))
        self.h[0], self.c[0] = state["h"], state["c"]
        zx = np.einsum("khi,tbi->tkbh", W, x) + b[None, :, None, :]
        for t in range(T):
            a = self.a[t] = activate(zx[t] + np.einsum("khj,bj->kbh", U, self.h[t]))
            self.c[t + 1] = a[F] * self.c[t] + a[I] * a[G]
            self.h[t + 1] = a[O] * np.tanh(self.c[t + 1])
        return self.h[1:].copy(), {"h": self.h[T].copy(), "c": self.c[T].copy()}

    def states(self, params, x, state):
        self.run(params, x, state)
        return {"h": self.h[1:].copy(), "c": self.c[1:].copy()}

    def grad(self, params, x, state, cotangents):
        W, U = self._stack(params, "W"), self._stack(params, "U")
        dy = cotangents["outputs"]
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        dz = np.empty_like(self.a)
        for t in reversed(range(len(x))):
            i, f, g, o = self.a[t]
            dh = dh + dy[t]
            tc = np.tanh(self.c[t + 1])
            dc = dc + dh * o * (1 - tc * tc)
            dz[t] = np.stack([dc * g, dc * self.c[t], dc * i, dh * tc]) * slope(self.a[t])
            dc = dc * f
            dh = np.einsum("kbh,khj->bj", dz[t], U)
        dW = np.einsum("tkbh,tbi->khi", dz, x)
        dU = np.einsum("tkbh,tbj->khj", dz, self.h[:-1])
        db = np.einsum("tkbh->kh", dz)
        dx = np.einsum("tkbh,khi->tbi", dz, W)
        grads = {}
        for n, k in enumerate("ifgo"):
            grads[f"W_{k}"], grads[f"U_{k}"], grads[f"b_{k}"] = dW[n], dU[n], db[n]
        return {"params": grads, "x": dx, "state": {"h": dh, "c": dc}}

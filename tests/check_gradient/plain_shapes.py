"""Plain targets in the manner of from-scratch code: other layouts, buffers, a state that stays in the object."""

import numpy as np


def sigmoid(z):
    out = np.zeros(z.shape)
    positive = z > 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    out[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
    return out


class Columns:
    """Column vectors, one row of the batch at a time, float32 buffers, a sigmoid in two pieces."""

    def cell(self, p, x, h):
        return sigmoid(np.dot(p["W_h"], x) + np.dot(p["U_h"], h) + p["b_h"][:, None])

    def run(self, params, x, state):
        T, B, _ = x.shape
        self.h = np.zeros((T + 1, B, len(params["b_h"])), dtype=np.float32)
        self.h[0] = state["h"]
        for n in range(B):
            h = self.h[0, n][:, np.newaxis]
            for t in range(T):
                h = self.cell(params, x[t, n].reshape(-1, 1), h)
                self.h[t + 1, n] = h.ravel()
        return self.h[1:], {"h": self.h[-1]}

    def grad(self, params, x, state, cotangents):
        T, B, _ = x.shape
        g = {name: np.zeros(value.shape, dtype=np.float32) for name, value in params.items()}
        dx, dh0 = np.zeros_like(x), np.zeros_like(state["h"])
        for n in range(B):
            dh = cotangents["state"]["h"][n][:, None].copy()
            for t in reversed(range(T)):
                h = self.h[t + 1, n][:, None]
                dz = (dh + cotangents["outputs"][t, n][:, None]) * h * (1 - h)
                g["W_h"] += dz.dot(x[t, n][None])
                g["U_h"] += dz.dot(self.h[t, n][None])
                g["b_h"] += dz[:, 0]
                dx[t, n] = params["W_h"].T.dot(dz)[:, 0]
                dh = params["U_h"].T.dot(dz)
            dh0[n] = dh[:, 0]
        return {"params": g, "x": dx, "state": {"h": dh0}}


class ForgetsTheFirst(Columns):
    """The state before the first step is taken for zero."""

    def grad(self, params, x, state, cotangents):
        kept, self.h[0] = self.h[0].copy(), 0 * self.h[0]
        found = super().grad(params, x, state, cotangents)
        self.h[0] = kept
        return found


class LastAxis:
    """(N, D, T) inside, ReLU as a mask, a list of caches."""

    def run(self, params, x, state):
        x = x.transpose(1, 2, 0)
        h = np.zeros((x.shape[0], len(params["b_h"]), x.shape[2]))
        before, self.cache = state["h"], []
        for t in range(x.shape[2]):
            z = x[:, :, t].dot(params["W_h"].T) + before.dot(params["U_h"].T) + params["b_h"]
            self.cache.append((x[:, :, t], before, (z > 0).astype(float)))
            before = z * self.cache[-1][2]
            h[:, :, t] = before
        return h.transpose(2, 0, 1), {"h": before}

    def grad(self, params, x, state, cotangents):
        dW, dU, db = (np.zeros_like(params[name]) for name in ("W_h", "U_h", "b_h"))
        dout, dh, dx = cotangents["outputs"], cotangents["state"]["h"], []
        for t, (x_t, before, mask) in reversed(list(enumerate(self.cache))):
            dz = self.through(dh + dout[t], mask)
            dW, dU, db = dW + dz.T.dot(x_t), dU + dz.T.dot(before), db + dz.sum(0)
            dx.insert(0, dz.dot(params["W_h"]))
            dh = dz.dot(params["U_h"])
        return {"params": {"W_h": dW, "U_h": dU, "b_h": db}, "x": np.array(dx), "state": {"h": dh}}

    def through(self, d, mask):
        return d * mask


class NoMask(LastAxis):
    def through(self, d, mask):
        return d

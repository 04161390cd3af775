"""An Elman network as a time layer that holds one layer object a step and sums their grads; rows may end early."""

import numpy as np


class RNN:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.cache = None

    def forward(self, x, h_prev, mask):
        Wx, Wh, b = self.params
        t = np.dot(h_prev, Wh) + np.dot(x, Wx) + b
        h_new = np.tanh(t)
        self.cache = (x, h_prev, h_new, mask)
        return np.where(mask, h_new, h_prev)

    def backward(self, dh_next):
        Wx, Wh, b = self.params
        x, h_prev, h_next, mask = self.cache
        dt = np.where(mask, dh_next, 0) * (1 - h_next**2)
        self.grads[0][...] = np.dot(x.T, dt)
        self.grads[1][...] = np.dot(h_prev.T, dt)
        self.grads[2][...] = np.sum(dt, axis=0)
        dx = np.dot(dt, Wx.T)
        dh_prev = np.dot(dt, Wh.T) + np.where(mask, 0, dh_next)
        return dx, dh_prev


class TimeRNN:
    def _masks(self, x, lengths):
        T, B, _ = x.shape
        lengths = np.full(B, T) if lengths is None else np.asarray(lengths)
        return np.arange(T)[:, None, None] < lengths[None, :, None]

    def run(self, params, x, state, lengths=None):
        Wx, Wh, b = params["W_h"].T, params["U_h"].T, params["b_h"]
        mask = self._masks(x, lengths)
        x = np.where(mask, x, 0)
        self.layers = []
        h, hs = state["h"], []
        for t in range(len(x)):
            layer = RNN(Wx, Wh, b)
            h = layer.forward(x[t], h, mask[t])
            hs.append(np.where(mask[t], h, 0))
            self.layers.append(layer)
        return np.stack(hs), {"h": h}

    def grad(self, params, x, state, cotangents, lengths=None):
        mask = self._masks(x, lengths)
        dxs = np.empty_like(x)
        dh = cotangents["state"]["h"]
        grads = [0, 0, 0]
        for t in reversed(range(len(self.layers))):
            layer = self.layers[t]
            dxs[t], dh = layer.backward(np.where(mask[t], cotangents["outputs"][t], 0) + dh)
            for i, grad in enumerate(layer.grads):
                grads[i] += grad
        return {"params": {"W_h": grads[0].T, "U_h": grads[1].T, "b_h": grads[2]}, "x": dxs, "state": {"h": dh}}

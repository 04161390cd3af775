"""The last hidden state is carried from call to call, as for a long text cut into pieces."""

import numpy as np


class Carrying:
    def __init__(self):
        rng = np.random.default_rng(12)
        self.W, self.U, self.b = rng.normal(size=(3, 2)), rng.normal(size=(3, 3)), rng.normal(size=3)
        self.h = rng.normal(size=3)

    def forward(self, x):
        hs = [self.h]
        for x_t in x:
            hs.append(np.tanh(self.W @ x_t + self.U @ hs[-1] + self.b))
        self.h = hs[-1]
        return hs

    def loss(self, x, y):
        return sum(((h - y_t) ** 2).sum() for h, y_t in zip(self.forward(x)[1:], y)) / 2

    def gradient(self, x, y):
        hs = self.forward(x)
        dW, dU, db, dh = 0 * self.W, 0 * self.U, 0 * self.b, 0 * self.b
        for t in reversed(range(len(x))):
            dz = (dh + hs[t + 1] - y[t]) * (1 - hs[t + 1] ** 2)
            dW = dW + np.outer(dz, x[t])
            dU = dU + np.outer(dz, hs[t])
            db = db + dz
            dh = self.U.T @ dz
        return {"W": dW, "U": dU, "b": db}


net = Carrying()
loss, gradient = net.loss, net.gradient


def arguments():
    rng = np.random.default_rng(13)
    weights = {"W": net.W, "U": net.U, "b": net.b, "h": net.h}
    return {"x": rng.normal(size=(4, 2)), "y": rng.normal(size=(4, 3)), **weights}

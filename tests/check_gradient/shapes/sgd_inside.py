"""Gradient descent inside the backward pass of a class."""

import numpy as np


class Elman:
    def __init__(self):
        rng = np.random.default_rng(4)
        self.Wx, self.Wh, self.Wy = rng.normal(size=(3, 4)), rng.normal(size=(4, 4)), rng.normal(size=(4, 2))
        self.bh, self.by = rng.normal(size=4), rng.normal(size=2)

    def forward(self, x):
        self.x, self.h = x, [np.zeros((x.shape[0], 4))]
        for t in range(x.shape[1]):
            self.h.append(np.tanh(x[:, t] @ self.Wx + self.h[-1] @ self.Wh + self.bh))
        self.y = self.h[-1] @ self.Wy + self.by
        return self.y

    def loss(self, x, target):
        return ((self.forward(x) - target) ** 2).mean()

    def backward(self, target, lr=0.05):
        dy = 2 * (self.y - target) / target.size
        dWy, dby = self.h[-1].T @ dy, dy.sum(0)
        dWx, dWh, dbh = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.bh)
        dh = dy @ self.Wy.T
        for t in reversed(range(self.x.shape[1])):
            dz = dh * (1 - self.h[t + 1] ** 2)
            dWx += self.x[:, t].T @ dz
            dWh += self.h[t].T @ dz
            dbh += dz.sum(0)
            dh = dz @ self.Wh.T
        self.Wy -= lr * dWy
        self.by = self.by - lr * dby
        self.Wx -= lr * dWx
        self.Wh -= lr * dWh
        self.bh -= lr * dbh


net = Elman()
loss, backward = net.loss, net.backward


def arguments():
    rng = np.random.default_rng(9)
    weights = {name: getattr(net, name) for name in ("Wx", "Wh", "Wy", "bh", "by")}
    return {"x": rng.normal(size=(2, 3, 3)), "target": rng.normal(size=(2, 2)), **weights}

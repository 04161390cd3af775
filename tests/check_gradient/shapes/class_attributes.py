"""A recurrent network as a class: weights are attributes, gradients are kept in the object."""

import numpy as np


class RNN:
    def __init__(self, n_in, n_hidden, n_out, seed=1):
        rng = np.random.default_rng(seed)
        self.U = rng.normal(0, 0.4, (n_hidden, n_in))
        self.W = rng.normal(0, 0.4, (n_hidden, n_hidden))
        self.V = rng.normal(0, 0.4, (n_out, n_hidden))
        self.b = np.zeros(n_hidden)
        self.c = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        self.h = [np.zeros(len(self.b))]
        self.o = []
        for x_t in x:
            self.h.append(np.tanh(self.U @ x_t + self.W @ self.h[-1] + self.b))
            self.o.append(self.V @ self.h[-1] + self.c)
        return np.array(self.o)

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2)

    def backward(self, y):
        self.dU, self.dW, self.dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        self.db, self.dc = np.zeros_like(self.b), np.zeros_like(self.c)
        dh_next = np.zeros_like(self.b)
        for t in range(len(y) - 1, -1, -1):
            do = self.o[t] - y[t]
            self.dV += np.outer(do, self.h[t + 1])
            self.dc += do
            dh = self.V.T @ do + dh_next
            dz = dh * (1 - self.h[t + 1] ** 2)
            self.dU += np.outer(dz, self.x[t])
            self.dW += np.outer(dz, self.h[t])
            self.db += dz
            dh_next = self.W.T @ dz


net = RNN(3, 4, 2)
loss, backward = net.loss, net.backward


def arguments():
    rng = np.random.default_rng(5)
    weights = {name: getattr(net, name) for name in ("U", "W", "V", "b", "c")}
    return {"x": rng.normal(size=(4, 3)), "y": rng.normal(size=(4, 2)), **weights}

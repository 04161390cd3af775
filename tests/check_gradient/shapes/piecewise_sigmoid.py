"""A GRU with a sigmoid that never overflows, written with a mask."""

import numpy as np


def sigmoid(z):
    positive = z >= 0
    s = np.empty_like(z)
    s[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    s[~positive] = e / (1 + e)
    return s


def unrolled(Wr, Wz, Wn, Ur, Uz, Un, x):
    h, tape = np.zeros(Ur.shape[0]), []
    for x_t in x:
        r, z = sigmoid(Wr @ x_t + Ur @ h), sigmoid(Wz @ x_t + Uz @ h)
        n = np.tanh(Wn @ x_t + Un @ (r * h))
        tape.append((x_t, h, r, z, n))
        h = (1 - z) * n + z * h
    return h, tape


def loss(Wr, Wz, Wn, Ur, Uz, Un, x, y):
    h, _ = unrolled(Wr, Wz, Wn, Ur, Uz, Un, x)
    return np.sum((h - y) ** 2)


def gradient(Wr, Wz, Wn, Ur, Uz, Un, x, y):
    h, tape = unrolled(Wr, Wz, Wn, Ur, Uz, Un, x)
    dWr, dWz, dWn, dUr, dUz, dUn = (np.zeros(W.shape) for W in (Wr, Wz, Wn, Ur, Uz, Un))
    dh = 2 * (h - y)
    for x_t, h, r, z, n in reversed(tape):
        dn, dz = dh * (1 - z) * (1 - n**2), dh * (h - n) * z * (1 - z)
        drh = Un.T @ dn
        dr = drh * h * r * (1 - r)
        for dW, dU, d, seen in ((dWr, dUr, dr, h), (dWz, dUz, dz, h), (dWn, dUn, dn, r * h)):
            dW += np.outer(d, x_t)
            dU += np.outer(d, seen)
        dh = dh * z + drh * r + Ur.T @ dr + Uz.T @ dz
    return dWr, dWz, dWn, dUr, dUz, dUn


def arguments():
    rng = np.random.default_rng(14)
    D, H, T = 2, 3, 3
    W = {name: rng.normal(size=(H, D)) for name in ("Wr", "Wz", "Wn")}
    U = {name: rng.normal(size=(H, H)) for name in ("Ur", "Uz", "Un")}
    return {**W, **U, "x": rng.normal(size=(T, D)), "y": rng.normal(size=H)}

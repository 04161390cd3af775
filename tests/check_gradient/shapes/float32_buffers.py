"""float32 everywhere; the gradients are written into buffers that the caller has set to zero."""

import numpy as np


def forward(x, W, U, b):
    hs = np.zeros((len(x) + 1, len(b)), dtype=np.float32)
    for t in range(len(x)):
        hs[t + 1] = np.tanh(np.dot(W, x[t]) + np.dot(U, hs[t]) + b).astype(np.float32)
    return hs


def loss(x, y, W, U, b):
    hs = forward(x, W, U, b)
    return np.float32(0.5) * np.sum((hs[1:] - y) ** 2)


def backward(x, y, W, U, b, dW, dU, db):
    hs = forward(x, W, U, b)
    dh = np.zeros_like(b)
    for t in range(len(x) - 1, -1, -1):
        dh = dh + hs[t + 1] - y[t]
        dz = (1 - hs[t + 1] ** 2) * dh
        dW += np.outer(dz, x[t])
        dU += np.outer(dz, hs[t])
        db += dz
        dh = np.dot(U.T, dz)


def arguments():
    rng = np.random.default_rng(6)
    T, D, H = 4, 2, 3
    shapes = {"x": (T, D), "y": (T, H), "W": (H, D), "U": (H, H), "b": (H,)}
    given = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return {**given, **{f"d{name}": np.zeros(shapes[name], dtype=np.float32) for name in ("W", "U", "b")}}

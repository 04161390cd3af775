"""One-hot inputs and targets, softmax and cross-entropy averaged over the batch, gradients in a dict."""

import numpy as np


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def forward(params, x):
    h = [np.zeros((x.shape[1], params["W_hh"].shape[0]))]
    for x_t in x:
        h.append(np.tanh(x_t @ params["W_xh"] + h[-1] @ params["W_hh"] + params["b_h"]))
    return h, [softmax(h_t @ params["W_hy"] + params["b_y"]) for h_t in h[1:]]


def loss(params, x, y):
    _, probabilities = forward(params, x)
    T, B, _ = y.shape
    return -sum(np.sum(y_t * np.log(p_t)) for p_t, y_t in zip(probabilities, y)) / (T * B)


def gradient(params, x, y):
    h, probabilities = forward(params, x)
    T, B, _ = y.shape
    grads = {name: np.zeros(value.shape) for name, value in params.items()}
    dh = np.zeros(h[0].shape)
    for t in range(T - 1, -1, -1):
        dy = (probabilities[t] - y[t]) / (T * B)
        grads["W_hy"] += h[t + 1].T @ dy
        grads["b_y"] += dy.sum(axis=0)
        dz = (dy @ params["W_hy"].T + dh) * (1 - h[t + 1] ** 2)
        grads["W_xh"] += x[t].T @ dz
        grads["W_hh"] += h[t].T @ dz
        grads["b_h"] += dz.sum(axis=0)
        dh = dz @ params["W_hh"].T
    return {"params": grads}


def arguments():
    rng = np.random.default_rng(11)
    V, H, T, B = 4, 3, 3, 2
    shapes = {"W_xh": (V, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, V), "b_y": (V,)}
    one_hot = np.eye(V)[rng.integers(V, size=(2, T, B))]
    return {"params": {n: rng.normal(size=s) for n, s in shapes.items()}, "x": one_hot[0], "y": one_hot[1]}

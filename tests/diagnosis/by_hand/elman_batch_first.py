"""A relu network with the batch first inside, its parameters' gradients one matrix product over all steps."""

import numpy as np


def relu(z):
    return np.maximum(z, 0)


def forward(x, h0, W, U, b):
    N, T, _ = x.shape
    pre = np.zeros((N, T, h0.shape[1]), x.dtype)
    hidden = np.zeros((N, T + 1, h0.shape[1]), x.dtype)
    hidden[:, 0] = h0
    for t in range(T):
        pre[:, t] = x[:, t] @ W.T + hidden[:, t] @ U.T + b
        hidden[:, t + 1] = relu(pre[:, t])
    return pre, hidden


def deltas(pre, dhidden, dlast, U):
    """The derivative by every pre-activation."""
    T = pre.shape[1]
    delta = np.zeros_like(pre)
    delta[:, T - 1] = (dhidden[:, T - 1] + dlast) * (pre[:, T - 1] > 0)
    for t in range(T - 2, -1, -1):
        delta[:, t] = (dhidden[:, t] + delta[:, t + 1] @ U) * (pre[:, t] > 0)
    return delta


class BatchFirst:
    claims = {"dtypes": ["float64", "float32"]}

    def step(self, params, x, state):
        h = relu(x @ params["W_h"].T + state["h"] @ params["U_h"].T + params["b_h"])
        return h, {"h": h}

    def run(self, params, x, state):
        x = np.swapaxes(x, 0, 1)
        self.pre, self.hidden = forward(x, state["h"], params["W_h"], params["U_h"], params["b_h"])
        return np.swapaxes(self.hidden[:, 1:], 0, 1).copy(), {"h": self.hidden[:, -1].copy()}

    def grad(self, params, x, state, cotangents):
        x = np.swapaxes(x, 0, 1)
        delta = deltas(self.pre, np.swapaxes(cotangents["outputs"], 0, 1), cotangents["state"]["h"], params["U_h"])
        flat = delta.reshape(-1, delta.shape[2])
        dW = flat.T @ x.reshape(-1, x.shape[2])
        dU = flat.T @ self.hidden[:, :-1].reshape(-1, delta.shape[2])
        db = flat.sum(axis=0)
        dx = np.swapaxes(delta @ params["W_h"], 0, 1)
        dh0 = delta[:, 0] @ params["U_h"]
        return {"params": {"W_h": dW, "U_h": dU, "b_h": db}, "x": dx, "state": {"h": dh0}}

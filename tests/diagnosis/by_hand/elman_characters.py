"""An Elman network in the manner of a short character model: dictionaries keyed by time, Wxh Whh Why, columns."""

import numpy as np


class CharRNN:
    def run(self, params, x, state):
        Wxh, Whh, bh = params["W_h"], params["U_h"], params["b_h"][:, None]
        Why, by = params["W_y"], params["b_y"][:, None]
        self.xs, self.hs, self.ys = {}, {}, {}
        self.hs[-1] = np.copy(state["h"].T)
        for t in range(len(x)):
            self.xs[t] = x[t].T
            self.hs[t] = np.tanh(np.dot(Wxh, self.xs[t]) + np.dot(Whh, self.hs[t - 1]) + bh)
            self.ys[t] = np.dot(Why, self.hs[t]) + by
        return np.stack([self.ys[t].T for t in range(len(x))]), {"h": np.copy(self.hs[len(x) - 1].T)}

    def grad(self, params, x, state, cotangents):
        Wxh, Whh, Why = params["W_h"], params["U_h"], params["W_y"]
        dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
        dbh, dby = np.zeros((Whh.shape[0], 1)), np.zeros((Why.shape[0], 1))
        dx = np.zeros_like(x)
        dhnext = cotangents["state"]["h"].T
        for t in reversed(range(len(x))):
            dy = cotangents["outputs"][t].T
            dWhy += np.dot(dy, self.hs[t].T)
            dby += dy.sum(axis=1, keepdims=True)
            dh = np.dot(Why.T, dy) + dhnext
            dhraw = (1 - self.hs[t] * self.hs[t]) * dh
            dbh += dhraw.sum(axis=1, keepdims=True)
            dWxh += np.dot(dhraw, self.xs[t].T)
            dWhh += np.dot(dhraw, self.hs[t - 1].T)
            dx[t] = np.dot(Wxh.T, dhraw).T
            dhnext = np.dot(Whh.T, dhraw)
        grads = {"W_h": dWxh, "U_h": dWhh, "W_y": dWhy, "b_h": dbh.ravel(), "b_y": dby.ravel()}
        return {"params": grads, "x": dx, "state": {"h": dhnext.T}}

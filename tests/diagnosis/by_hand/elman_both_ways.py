"""An Elman network read in both directions, side by side: one function for a direction, called twice."""

import numpy as np


def scan(x, h, W, U, b):
    hs = [h]
    for xt in x:
        hs.append(np.tanh(W @ xt.T + U @ hs[-1].T + b[:, None]).T)
    return hs


def scan_back(x, hs, W, U, dys, dh):
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros(len(W))
    dx = np.zeros_like(x)
    for t in range(len(x))[::-1]:
        dz = (dh + dys[t]) * (1 - hs[t + 1] ** 2)
        dW += dz.T @ x[t]
        dU += dz.T @ hs[t]
        db += dz.sum(axis=0)
        dx[t] = dz @ W
        dh = dz @ U
    return dW, dU, db, dx, dh


class BothWays:
    def _of(self, params, side):
        return params[f"0.{side}.W_h"], params[f"0.{side}.U_h"], params[f"0.{side}.b_h"]

    def run(self, params, x, state):
        self.ahead = scan(x, state["0.forward.h"], *self._of(params, "forward"))
        self.back = scan(x[::-1], state["0.backward.h"], *self._of(params, "backward"))
        outputs = np.concatenate([np.stack(self.ahead[1:]), np.stack(self.back[1:])[::-1]], axis=2)
        return outputs, {"0.forward.h": self.ahead[-1], "0.backward.h": self.back[-1]}

    def grad(self, params, x, state, cotangents):
        dy, dlast = cotangents["outputs"], cotangents["state"]
        H = dy.shape[2] // 2
        W, U, _ = self._of(params, "forward")
        dW, dU, db, dx, dh = scan_back(x, self.ahead, W, U, dy[:, :, :H], dlast["0.forward.h"])
        grads = {"0.forward.W_h": dW, "0.forward.U_h": dU, "0.forward.b_h": db}
        W, U, _ = self._of(params, "backward")
        dW, dU, db, dx_back, dh_back = scan_back(x[::-1], self.back, W, U, dy[::-1, :, H:], dlast["0.backward.h"])
        grads |= {"0.backward.W_h": dW, "0.backward.U_h": dU, "0.backward.b_h": db}
        return {
            "params": grads,
            "x": dx + dx_back[::-1],
            "state": {"0.forward.h": dh, "0.backward.h": dh_back},
        }

"""Peepholes: the gates see the cell state too, the output gate the new one."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class PeepholeLSTM:
    def run(self, params, x, state):
        self.steps = []
        h, c, outputs = state["h"], state["c"], []
        for xt in x:
            h, c = self.forward_step(params, xt, h, c)
            outputs.append(h)
        return np.stack(outputs), {"h": h, "c": c}

    def forward_step(self, p, xt, h_prev, c_prev):
        i = sigmoid(xt @ p["W_i"].T + h_prev @ p["U_i"].T + p["p_i"] * c_prev + p["b_i"])
        f = sigmoid(xt @ p["W_f"].T + h_prev @ p["U_f"].T + p["p_f"] * c_prev + p["b_f"])
        g = np.tanh(xt @ p["W_g"].T + h_prev @ p["U_g"].T + p["b_g"])
        c = f * c_prev + i * g
        o = sigmoid(xt @ p["W_o"].T + h_prev @ p["U_o"].T + p["p_o"] * c + p["b_o"])
        h = o * np.tanh(c)
        self.steps.append((xt, h_prev, c_prev, i, f, g, o, c))
        return h, c

    def backward_step(self, p, grads, dh, dc, step):
        xt, h_prev, c_prev, i, f, g, o, c = step
        d_o = dh * np.tanh(c) * o * (1 - o)
        dc = dc + dh * o * (1 - np.tanh(c) ** 2) + d_o * p["p_o"]
        d_i = dc * g * i * (1 - i)
        d_f = dc * c_prev * f * (1 - f)
        d_g = dc * i * (1 - g**2)
        dx, dh_prev = 0, 0
        for k, d in (("i", d_i), ("f", d_f), ("g", d_g), ("o", d_o)):
            grads[f"W_{k}"] += d.T @ xt
            grads[f"U_{k}"] += d.T @ h_prev
            grads[f"b_{k}"] += d.sum(axis=0)
            dx = dx + d @ p[f"W_{k}"]
            dh_prev = dh_prev + d @ p[f"U_{k}"]
        grads["p_i"] += (d_i * c_prev).sum(axis=0)
        grads["p_f"] += (d_f * c_prev).sum(axis=0)
        grads["p_o"] += (d_o * c).sum(axis=0)
        return dx, dh_prev, dc * f + d_i * p["p_i"] + d_f * p["p_f"]

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        grads = {k: np.zeros_like(v) for k, v in params.items()}
        dx = np.zeros_like(x)
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in range(len(x) - 1, -1, -1):
            dx[t], dh, dc = self.backward_step(params, grads, dh + cotangents["outputs"][t], dc, self.steps[t])
        return {"params": grads, "x": dx, "state": {"h": dh, "c": dc}}

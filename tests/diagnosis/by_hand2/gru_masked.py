"""A GRU for padded rows: a mask of steps that are there, where it is 0 the state stays as it was."""

import numpy as np


class MaskedGRU:
    claims = {"networks": ["gru"]}

    def run(self, params, x, state, lengths=None):
        T, B, _ = x.shape
        self.mask = np.ones((T, B, 1)) if lengths is None else (np.arange(T)[:, None] < lengths)[:, :, None] * 1.0
        h = state["h"]
        self.steps, outputs = [], []
        for t in range(T):
            m = self.mask[t]
            h_new, step = self.step_forward(params, x[t], h)
            h = m * h_new + (1 - m) * h
            self.steps.append(step)
            outputs.append(m * h)
        return np.stack(outputs), {"h": h}

    def step_forward(self, p, x, h):
        r = self.sigmoid(x @ p["W_r"].T + h @ p["U_r"].T + p["b_r"])
        z = self.sigmoid(x @ p["W_z"].T + h @ p["U_z"].T + p["b_z"])
        q = h @ p["U_n"].T + p["b_hn"]
        n = np.tanh(x @ p["W_n"].T + p["b_n"] + r * q)
        return (1 - z) * n + z * h, (x, h, r, z, q, n)

    @staticmethod
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def grad(self, params, x, state, cotangents, lengths=None):
        self.run(params, x, state, lengths)
        self.d = {name: np.zeros(value.shape) for name, value in params.items()}
        dx = np.zeros(x.shape)
        dh = cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            m = self.mask[t]
            dh = dh + m * cotangents["outputs"][t]
            dx[t], dh_step = self.step_backward(params, m * dh, self.steps[t])
            dh = dh_step + (1 - m) * dh
        return {"params": self.d, "x": dx, "state": {"h": dh}}

    def step_backward(self, p, dh, step):
        x, h, r, z, q, n = step
        an = dh * (1 - z) * (1 - n**2)
        ar = an * q * r * (1 - r)
        az = dh * (h - n) * z * (1 - z)
        dq = an * r
        for gate, a, inner in (("r", ar, ar), ("z", az, az), ("n", an, dq)):
            self.d[f"W_{gate}"] += a.T @ x
            self.d[f"U_{gate}"] += inner.T @ h
            self.d[f"b_{gate}"] += a.sum(axis=0)
        self.d["b_hn"] += dq.sum(axis=0)
        dx = ar @ p["W_r"] + az @ p["W_z"] + an @ p["W_n"]
        return dx, dh * z + ar @ p["U_r"] + az @ p["U_z"] + dq @ p["U_n"]

"""A GRU cell as PyTorch's documentation writes it, its three blocks chunked, and a class around it."""

import numpy as np

from rnnproof.dialects import Dialect, Stack


def sigm(v):
    return 1.0 / (1.0 + np.exp(-v))


class GRU:
    dialect = Dialect(
        arrays={
            "weight_ih": Stack("r z n", of="W"),
            "weight_hh": Stack("r z n", of="U"),
            "bias_ih": (Stack("r z", of="b", part=1), Stack("n", of="b")),
            "bias_hh": (Stack("r z", of="b", part=2), Stack("hn", of="b")),
        },
        state=("h",),
    )

    def cell(self, x, hx):
        gi = x @ self.w_ih.T + self.b_ih
        gh = hx @ self.w_hh.T + self.b_hh
        i_r, i_z, i_n = np.split(gi, 3, axis=1)
        h_r, h_z, h_n = np.split(gh, 3, axis=1)
        resetgate = sigm(i_r + h_r)
        updategate = sigm(i_z + h_z)
        newgate = np.tanh(i_n + resetgate * h_n)
        hy = newgate + updategate * (hx - newgate)
        return hy, (x, hx, resetgate, updategate, newgate, h_n)

    def cell_backward(self, dhy, saved):
        x, hx, r, z, n, h_n = saved
        dn = dhy * (1 - z)
        dz = dhy * (hx - n)
        dhx = dhy * z
        dn_pre = dn * (1 - n * n)
        dr = dn_pre * h_n
        dr_pre = dr * r * (1 - r)
        dz_pre = dz * z * (1 - z)
        dgi = np.concatenate([dr_pre, dz_pre, dn_pre], axis=1)
        dgh = np.concatenate([dr_pre, dz_pre, dn_pre * r], axis=1)
        self.dw_ih += dgi.T @ x
        self.dw_hh += dgh.T @ hx
        self.db_ih += dgi.sum(0)
        self.db_hh += dgh.sum(0)
        dhx = dhx + dgh @ self.w_hh
        return dgi @ self.w_ih, dhx

    def load(self, params):
        self.w_ih, self.w_hh = params["weight_ih"], params["weight_hh"]
        self.b_ih, self.b_hh = params["bias_ih"], params["bias_hh"]

    def run(self, params, x, state):
        self.load(params)
        self.saved, outputs = [], []
        (h,) = state
        for t in range(len(x)):
            h, saved = self.cell(x[t], h)
            self.saved.append(saved)
            outputs.append(h)
        return np.stack(outputs), (h,)

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        self.dw_ih, self.dw_hh = np.zeros(self.w_ih.shape), np.zeros(self.w_hh.shape)
        self.db_ih, self.db_hh = np.zeros(self.b_ih.shape), np.zeros(self.b_hh.shape)
        dx = np.zeros(x.shape)
        (dh,) = cotangents["state"]
        for t in range(len(x) - 1, -1, -1):
            dx[t], dh = self.cell_backward(cotangents["outputs"][t] + dh, self.saved[t])
        grads = {"weight_ih": self.dw_ih, "weight_hh": self.dw_hh, "bias_ih": self.db_ih, "bias_hh": self.db_hh}
        return {"params": grads, "x": dx, "state": (dh,)}

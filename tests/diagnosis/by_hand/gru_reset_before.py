"""A GRU as the paper has it (reset before the product), updates in place, no gradient of x, an own packing z r h."""

import numpy as np

from rnnproof.dialects import Dialect, Stack


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class ResetBefore:
    dialect = Dialect(
        arrays={
            "kernel": Stack("z r n", of="W", axis=1, transpose=True),
            "recurrent_kernel": Stack("z r n", of="U", axis=1, transpose=True),
            "bias": Stack("z r n", of="b"),
        },
        state=("h",),
        layout="TBI",
    )

    def run(self, params, x, state):
        kernel, recurrent, bias = params["kernel"], params["recurrent_kernel"], params["bias"]
        (h,) = state
        T, (B, n) = len(x), h.shape
        self.hs = np.zeros((T + 1, B, n))
        self.hs[0] = h
        self.gates = np.zeros((T, B, 3 * n))
        for t in range(T):
            h_tm1 = self.hs[t]
            matrix_x = x[t] @ kernel + bias
            z = sigmoid(matrix_x[:, :n] + h_tm1 @ recurrent[:, :n])
            r = sigmoid(matrix_x[:, n : 2 * n] + h_tm1 @ recurrent[:, n : 2 * n])
            hh = np.tanh(matrix_x[:, 2 * n :] + (r * h_tm1) @ recurrent[:, 2 * n :])
            self.gates[t] = np.hstack([z, r, hh])
            self.hs[t + 1] = z * h_tm1 + (1 - z) * hh
        return self.hs[1:].copy(), (self.hs[T].copy(),)

    def grad(self, params, x, state, cotangents):
        recurrent = params["recurrent_kernel"]
        d_kernel, d_recurrent = np.zeros_like(params["kernel"]), np.zeros_like(recurrent)
        d_bias = np.zeros_like(params["bias"])
        dh = np.array(cotangents["state"][0])
        n = dh.shape[1]
        for t in range(len(x) - 1, -1, -1):
            h_tm1 = self.hs[t]
            z, r, hh = np.split(self.gates[t], 3, axis=1)
            dh += cotangents["outputs"][t]
            d_hh = dh * (1 - z)
            d_hh *= 1 - hh**2
            d_z = dh * (h_tm1 - hh)
            d_z *= z * (1 - z)
            d_rh = d_hh @ recurrent[:, 2 * n :].T
            d_r = d_rh * h_tm1
            d_r *= r * (1 - r)
            d_a = np.hstack([d_z, d_r, d_hh])

            d_kernel += x[t].T @ d_a
            d_recurrent[:, : 2 * n] += h_tm1.T @ d_a[:, : 2 * n]
            d_recurrent[:, 2 * n :] += (r * h_tm1).T @ d_hh
            d_bias += d_a.sum(axis=0)

            dh *= z
            dh += d_rh * r
            dh += d_z @ recurrent[:, :n].T
            dh += d_r @ recurrent[:, n : 2 * n].T
        return {"params": {"kernel": d_kernel, "recurrent_kernel": d_recurrent, "bias": d_bias}, "state": (dh,)}

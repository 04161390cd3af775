"""LSTMs that are wrong by very little: a gate off by a factor, from some step on; a tanh off by a constant."""

import numpy as np
import right_lstms


class SlightlyWrong(right_lstms.Packed):
    """Right, but for what ``gate`` makes of f at step t, and ``tanh`` of z_g."""

    def gate(self, f, t):
        return f

    def tanh(self, z):
        return np.tanh(z)

    def run(self, params, x, state):
        weight, bias = self.pack(params)
        h, c, size = state["h"], state["c"], state["h"].shape[1]
        outputs = []
        for t, x_t in enumerate(x):
            z = self.product(weight, np.concatenate([x_t, h], axis=1)) + bias
            gates = {k: z[:, n * size : (n + 1) * size] for n, k in enumerate(self.order)}
            i, f, o = (self.sigmoid(gates[k]) for k in "ifo")
            c = self.gate(f, t) * c + i * self.tanh(gates["g"])
            h = o * np.tanh(c)
            outputs.append(h)
        return np.stack(outputs), {"h": h, "c": c}


def with_gate_off(by, since=0):
    """The forget gate times 1 + by, from a step on."""

    class GateOff(SlightlyWrong):
        def gate(self, f, t):
            return (f * (1 + by * (t >= since))).astype(f.dtype)

    return GateOff


class ConstantInTanh(SlightlyWrong):
    """2 sigmoid(2 z) - 0.999999 for tanh(z)."""

    def tanh(self, z):
        return (2 / (1 + np.exp(-2 * z)) - z.dtype.type(0.999999)).astype(z.dtype)

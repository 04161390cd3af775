"""A class with a matrix for each gate, a tape of dictionaries, and gradients collected in a dictionary."""

import numpy as np


class LSTM:
    claims = {"networks": ["lstm"], "dtypes": ["float64", "float32"]}

    @staticmethod
    def sigmoid(z):
        return 1.0 / (1.0 + np.exp(-z))

    def gate(self, p, name, x_t, h_prev):
        return x_t @ p[f"W_{name}"].T + h_prev @ p[f"U_{name}"].T + p[f"b_{name}"]

    def forward(self, p, x, h, c):
        self.tape = []
        outputs = []
        for x_t in x:
            i = self.sigmoid(self.gate(p, "i", x_t, h))
            f = self.sigmoid(self.gate(p, "f", x_t, h))
            g = np.tanh(self.gate(p, "g", x_t, h))
            o = self.sigmoid(self.gate(p, "o", x_t, h))
            c_new = f * c + i * g
            h_new = o * np.tanh(c_new)
            gates = {"i": i, "f": f, "g": g, "o": o}
            self.tape.append({"x": x_t, "h_prev": h, "c_prev": c, "c": c_new, "h": h_new} | gates)
            h, c = h_new, c_new
            outputs.append(h)
        return np.array(outputs), h, c

    def backward(self, p, douts, dh, dc):
        grads = {name: np.zeros_like(value) for name, value in p.items()}
        dxs = []
        for s, dout in zip(reversed(self.tape), douts[::-1], strict=True):
            dh = dh + dout
            tanh_c = np.tanh(s["c"])
            dc = dc + dh * s["o"] * (1 - tanh_c**2)
            dz = {
                "i": dc * s["g"] * s["i"] * (1 - s["i"]),
                "f": dc * s["c_prev"] * s["f"] * (1 - s["f"]),
                "g": dc * s["i"] * (1 - s["g"] ** 2),
                "o": dh * tanh_c * s["o"] * (1 - s["o"]),
            }
            dx = np.zeros_like(s["x"])
            dh = np.zeros_like(s["h_prev"])
            for name, d in dz.items():
                grads[f"W_{name}"] += d.T @ s["x"]
                grads[f"U_{name}"] += d.T @ s["h_prev"]
                grads[f"b_{name}"] += d.sum(axis=0)
                dx += d @ p[f"W_{name}"]
                dh += d @ p[f"U_{name}"]
            dc = dc * s["f"]
            dxs.insert(0, dx)
        return grads, np.array(dxs), dh, dc

    def run(self, params, x, state):
        outputs, h, c = self.forward(params, x, state["h"], state["c"])
        return outputs, {"h": h, "c": c}

    def grad(self, params, x, state, cotangents):
        self.forward(params, x, state["h"], state["c"])
        grads, dx, dh, dc = self.backward(
            params, cotangents["outputs"], cotangents["state"]["h"], cotangents["state"]["c"]
        )
        return {"params": grads, "x": dx, "state": {"h": dh, "c": dc}}

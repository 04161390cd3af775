"""An LSTM as a class: one dictionary of intermediate values a time step, kept in a list."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class LSTM:
    claims = {"dtypes": ["float64", "float32"]}

    def __init__(self):
        self.caches = []

    def forward_step(self, x, h_prev, c_prev, p):
        i = sigmoid(x @ p["W_i"].T + h_prev @ p["U_i"].T + p["b_i"])
        f = sigmoid(x @ p["W_f"].T + h_prev @ p["U_f"].T + p["b_f"])
        g = np.tanh(x @ p["W_g"].T + h_prev @ p["U_g"].T + p["b_g"])
        o = sigmoid(x @ p["W_o"].T + h_prev @ p["U_o"].T + p["b_o"])
        c = f * c_prev + i * g
        tanh_c = np.tanh(c)
        h = o * tanh_c
        cache = {"x": x, "h_prev": h_prev, "c_prev": c_prev, "i": i, "f": f, "g": g, "o": o, "tanh_c": tanh_c}
        return h, c, cache

    def run(self, params, x, state):
        self.caches = []
        h, c = state["h"], state["c"]
        outputs = []
        for t in range(len(x)):
            h, c, cache = self.forward_step(x[t], h, c, params)
            self.caches.append(cache)
            outputs.append(h)
        return np.array(outputs), {"h": h, "c": c}

    def backward_step(self, dh, dc_next, cache, p, grads):
        i, f, g, o, tanh_c = cache["i"], cache["f"], cache["g"], cache["o"], cache["tanh_c"]
        do = dh * tanh_c
        dc = dh * o * (1 - tanh_c**2) + dc_next
        di = dc * g
        df = dc * cache["c_prev"]
        dg = dc * i

        dz = {}
        dz["i"] = di * i * (1 - i)
        dz["f"] = df * f * (1 - f)
        dz["g"] = dg * (1 - g**2)
        dz["o"] = do * o * (1 - o)

        for k in "ifgo":
            grads["W_" + k] += dz[k].T @ cache["x"]
            grads["U_" + k] += dz[k].T @ cache["h_prev"]
            grads["b_" + k] += dz[k].sum(axis=0)

        dx = dz["i"] @ p["W_i"] + dz["f"] @ p["W_f"] + dz["g"] @ p["W_g"] + dz["o"] @ p["W_o"]
        dh_prev = dz["i"] @ p["U_i"] + dz["f"] @ p["U_f"] + dz["g"] @ p["U_g"] + dz["o"] @ p["U_o"]
        dc_prev = dc * f
        return dx, dh_prev, dc_prev

    def grad(self, params, x, state, cotangents):
        grads = {name: np.zeros_like(value) for name, value in params.items()}
        dx = np.zeros_like(x)
        dh_next = cotangents["state"]["h"]
        dc_next = cotangents["state"]["c"]
        for t in reversed(range(len(x))):
            dh = cotangents["outputs"][t] + dh_next
            dx[t], dh_next, dc_next = self.backward_step(dh, dc_next, self.caches[t], params, grads)
        return {"params": grads, "x": dx, "state": {"h": dh_next, "c": dc_next}}

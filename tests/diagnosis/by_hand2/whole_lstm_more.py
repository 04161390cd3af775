"""More long short-term memories, each of them wrong: buffers in float32, rows that end early, a mean over time."""

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


class Float32Buffers:
    """Buffers for everything are made beforehand."""

    def __init__(self):
        self.order = ["i", "f", "g", "o"]

    def run(self, params, x, state):
        T, B = x.shape[:2]
        H = state["h"].shape[1]
        self.h = np.zeros((T + 1, B, H), dtype=np.float32)
        self.c = np.zeros((T + 1, B, H), dtype=np.float32)
        self.a = np.zeros((4, T, B, H), dtype=np.float32)
        self.h[0], self.c[0] = state["h"], state["c"]
        for t in range(T):
            for k, name in enumerate(self.order):
                z = x[t] @ params[f"W_{name}"].T + self.h[t] @ params[f"U_{name}"].T + params[f"b_{name}"]
                self.a[k, t] = np.tanh(z) if name == "g" else sigmoid(z)
            i, f, g, o = self.a[:, t]
            self.c[t + 1] = f * self.c[t] + i * g
            self.h[t + 1] = o * np.tanh(self.c[t + 1])
        return self.h[1:].astype(x.dtype), {"h": self.h[-1].astype(x.dtype), "c": self.c[-1].astype(x.dtype)}

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        grads = {k: np.zeros_like(v) for k, v in params.items()}
        dx = np.zeros_like(x)
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in reversed(range(x.shape[0])):
            i, f, g, o = self.a[:, t]
            dh = dh + cotangents["outputs"][t]
            tc = np.tanh(self.c[t + 1])
            dc = dc + dh * o * (1 - tc**2)
            das = [dc * g * i * (1 - i), dc * self.c[t] * f * (1 - f), dc * i * (1 - g**2), dh * tc * o * (1 - o)]
            dh = np.zeros_like(dh)
            for name, da in zip(self.order, das, strict=True):
                grads[f"W_{name}"] += da.T @ x[t]
                grads[f"U_{name}"] += da.T @ self.h[t]
                grads[f"b_{name}"] += da.sum(axis=0)
                dx[t] += da @ params[f"W_{name}"]
                dh += da @ params[f"U_{name}"]
            dc = dc * f
        return {"params": grads, "x": dx, "state": {"h": dh, "c": dc}}


class PaddedRows:
    """Rows of several lengths: outputs after the end are set to zero."""

    def run(self, params, x, state, lengths=None):
        T, B, _ = x.shape
        lengths = np.full(B, T) if lengths is None else lengths
        self.alive = (np.arange(T)[:, None] < lengths[None, :]).astype(x.dtype)[:, :, None]
        h, c = state["h"], state["c"]
        self.cache = []
        outputs = np.zeros((T, B, h.shape[1]), x.dtype)
        for t in range(T):
            h_prev, c_prev = h, c
            i, f, g, o = (self.linear(params, k, x[t], h) for k in "ifgo")
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            c = f * c + i * g
            h = o * np.tanh(c)
            self.cache.append((h_prev, c_prev, i, f, g, o, np.tanh(c)))
            outputs[t] = h * self.alive[t]
        return outputs, {"h": h, "c": c}

    def linear(self, params, k, x, h):
        return x.dot(params["W_" + k].T) + h.dot(params["U_" + k].T) + params["b_" + k]

    def grad(self, params, x, state, cotangents, lengths=None):
        self.run(params, x, state, lengths)
        grads = {k: np.zeros_like(v) for k, v in params.items()}
        dx = np.zeros_like(x)
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in range(len(x) - 1, -1, -1):
            h_prev, c_prev, i, f, g, o, tc = self.cache[t]
            dh = dh + cotangents["outputs"][t] * self.alive[t]
            dc = dc + dh * o * (1 - tc**2)
            back = {"i": dc * g * i * (1 - i), "f": dc * c_prev * f * (1 - f)}
            back |= {"g": dc * i * (1 - g**2), "o": dh * tc * o * (1 - o)}
            dh = np.zeros_like(dh)
            for k, d in back.items():
                grads["W_" + k] += d.T.dot(x[t])
                grads["U_" + k] += d.T.dot(h_prev)
                grads["b_" + k] += d.sum(axis=0)
                dx[t] += d.dot(params["W_" + k])
                dh += d.dot(params["U_" + k])
            dc = dc * f
        return {"params": grads, "x": dx, "state": {"h": dh, "c": dc}}


class MeanLoss:
    """Gates written out one after the other, as in a first tutorial."""

    def run(self, params, x, state):
        p, h, c = params, state["h"], state["c"]
        self.xs, self.hs, self.cs = [], [h], [c]
        self.i, self.f, self.g, self.o = [], [], [], []
        for xt in x:
            self.i.append(sigmoid(xt @ p["W_i"].T + h @ p["U_i"].T + p["b_i"]))
            self.f.append(sigmoid(xt @ p["W_f"].T + h @ p["U_f"].T + p["b_f"]))
            self.g.append(np.tanh(xt @ p["W_g"].T + h @ p["U_g"].T + p["b_g"]))
            self.o.append(sigmoid(xt @ p["W_o"].T + h @ p["U_o"].T + p["b_o"]))
            c = self.f[-1] * c + self.i[-1] * self.g[-1]
            h = self.o[-1] * np.tanh(c)
            self.xs.append(xt)
            self.hs.append(h)
            self.cs.append(c)
        return np.array(self.hs[1:]), {"h": h, "c": c}

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        p, T = params, len(x)
        d = {k: np.zeros_like(v) for k, v in p.items()}
        dx = np.zeros_like(x)
        dh_next, dc_next = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in reversed(range(T)):
            i, f, g, o = self.i[t], self.f[t], self.g[t], self.o[t]
            dh = cotangents["outputs"][t] + dh_next
            dc = dc_next + dh * o * (1 - np.tanh(self.cs[t + 1]) ** 2)
            do = dh * np.tanh(self.cs[t + 1]) * o * (1 - o)
            di = dc * g * i * (1 - i)
            df = dc * self.cs[t] * f * (1 - f)
            dg = dc * i * (1 - g**2)
            for name, da in (("i", di), ("f", df), ("g", dg), ("o", do)):
                d["W_" + name] += da.T @ self.xs[t]
                d["U_" + name] += da.T @ self.hs[t]
                d["b_" + name] += da.sum(axis=0)
            dx[t] = di @ p["W_i"] + df @ p["W_f"] + dg @ p["W_g"] + do @ p["W_o"]
            dh_next = di @ p["U_i"] + df @ p["U_f"] + dg @ p["U_g"]
            dc_next = dc * f
        for name in d:
            d[name] /= T
        return {"params": d, "x": dx, "state": {"h": dh_next, "c": dc_next}}


WRONG = [
    (
        "float32_buffers",
        "lstm",
        Float32Buffers,
        "States and gates are kept in float32 buffers, while everything that is given is float64.",
    ),
    (
        "padded_final_state_at_the_end",
        "lstm",
        PaddedRows,
        "The state runs on through the padding: a padded row's final state is that after T steps, not at its own end.",
    ),
    (
        "two_mean_over_time_and_no_output_gate",
        "lstm",
        MeanLoss,
        "Two mistakes: parameter gradients are divided by T, and dh for the step before lacks the output gate's part.",
    ),
]

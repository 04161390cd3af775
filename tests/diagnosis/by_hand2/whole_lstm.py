"""Long short-term memories of several hands, each of them wrong; what is wrong stands in WRONG."""

import numpy as np

from rnnproof.dialects import Dialect, Stack


def sig(z):
    return 1 / (1 + np.exp(-z))


class Letters:
    """i, f, g, o in one z; a list of tuples."""

    dialect = Dialect(
        {"W": Stack("f i g o", of="W"), "R": Stack("f i g o", of="U"), "b": Stack("f i g o", of="b")}, state=("h", "c")
    )

    def run(self, P, x, s):
        h, c = s
        n = h.shape[1]
        self.k, y = [], []
        for u in x:
            z = u @ P["W"].T + h @ P["R"].T + P["b"]
            f, i, g, o = sig(z[:, :n]), sig(z[:, n : 2 * n]), np.tanh(z[:, 2 * n : 3 * n]), sig(z[:, 3 * n :])
            m = np.tanh(c)
            self.k.append((u, h, c, f, i, g, o, m))
            h, c = o * m, f * c + i * g
            y.append(h)
        return np.stack(y), (h, c)

    def grad(self, P, x, s, cot):
        self.run(P, x, s)
        dW, dR, db, dx = 0.0, 0.0, 0.0, np.zeros(x.shape)
        dh, dc = cot["state"]
        for t in range(len(x) - 1, -1, -1):
            u, h, c, f, i, g, o, m = self.k[t]
            dh = dh + cot["outputs"][t]
            dz = np.hstack([dc * c * f * (1 - f), dc * g * i * (1 - i), dc * i * (1 - g * g), dh * m * o * (1 - o)])
            dc = dc * f + dh * o * (1 - m * m)
            dW, dR, db = dW + dz.T @ u, dR + dz.T @ h, db + dz.sum(0)
            dx[t], dh = dz @ P["W"], dz @ P["R"]
        return {"params": {"W": dW, "R": dR, "b": db}, "x": dx, "state": (dh, dc)}


class SharedGate:
    """Gates by name in dictionaries, as a framework's documentation lists them."""

    def gates(self, p, x, h):
        a = {k: x @ p["W_" + k].T + h @ p["U_" + k].T + p["b_" + k] for k in "ifgo"}
        return {k: np.tanh(v) if k == "g" else sig(v) for k, v in a.items()}

    def run(self, params, x, state):
        h, c = state["h"], state["c"]
        self.history, out = [], np.zeros((len(x), *h.shape))
        for t in range(len(x)):
            s = self.gates(params, x[t], h)
            s["h_prev"], s["c_prev"] = h, c
            c = s["f"] * c + (1 - s["f"]) * s["g"]
            h = s["o"] * np.tanh(c)
            s["tanh_c"] = np.tanh(c)
            self.history.append(s)
            out[t] = h
        return out, {"h": h, "c": c}

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        g = {k: np.zeros(v.shape) for k, v in params.items()}
        dx = np.zeros(x.shape)
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in reversed(range(len(x))):
            s = self.history[t]
            dh = dh + cotangents["outputs"][t]
            dc = dc + dh * s["o"] * (1 - s["tanh_c"] ** 2)
            d = {
                "f": dc * (s["c_prev"] - s["g"]) * s["f"] * (1 - s["f"]),
                "g": dc * (1 - s["f"]) * (1 - s["g"] ** 2),
                "o": dh * s["tanh_c"] * s["o"] * (1 - s["o"]),
            }
            dh = 0
            for k, da in d.items():
                g["W_" + k] += np.einsum("bh,bi->hi", da, x[t])
                g["U_" + k] += np.einsum("bh,bk->hk", da, s["h_prev"])
                g["b_" + k] += np.einsum("bh->h", da)
                dx[t] += da @ params["W_" + k]
                dh = dh + da @ params["U_" + k]
            dc = dc * s["f"]
        return {"params": g, "x": dx, "state": {"h": dh, "c": dc}}


class NoTanh:
    """Lists of h and c from the initial state on; time-major; weights transposed once."""

    def run(self, params, x, state):
        Wx = np.concatenate([params[f"W_{k}"] for k in "gifo"]).T
        Wh = np.concatenate([params[f"U_{k}"] for k in "gifo"]).T
        b = np.concatenate([params[f"b_{k}"] for k in "gifo"])
        self.Wx, self.Wh = Wx, Wh
        self.hs, self.cs, self.acts = [state["h"]], [state["c"]], []
        for x_t in x:
            z = np.dot(x_t, Wx) + np.dot(self.hs[-1], Wh) + b
            zg, zs = z[:, : z.shape[1] // 4], z[:, z.shape[1] // 4 :]
            g, (i, f, o) = np.tanh(zg), np.array_split(sig(zs), 3, axis=1)
            self.acts.append((g, i, f, o))
            self.cs.append(f * self.cs[-1] + i * g)
            self.hs.append(o * self.cs[-1])
        return np.stack(self.hs[1:]), {"h": self.hs[-1], "c": self.cs[-1]}

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        dz = []
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in range(len(x))[::-1]:
            g, i, f, o = self.acts[t]
            dh = dh + cotangents["outputs"][t]
            dc = dc + dh * o
            do = dh * self.cs[t + 1]
            dz.append(
                np.hstack(
                    [dc * i * (1 - g**2), dc * g * i * (1 - i), dc * self.cs[t] * f * (1 - f), do * o * (1 - o)],
                )
            )
            dh = np.dot(dz[-1], self.Wh.T)
            dc = dc * f
        dz = np.stack(dz[::-1])
        parts = {"W": np.tensordot(dz, x, axes=([0, 1], [0, 1]))}
        parts["U"] = np.tensordot(dz, np.stack(self.hs[:-1]), axes=([0, 1], [0, 1]))
        parts["b"] = dz.sum((0, 1))
        grads = {f"{w}_{k}": a for w, v in parts.items() for k, a in zip("gifo", np.split(v, 4), strict=True)}
        return {"params": grads, "x": np.dot(dz, self.Wx.T), "state": {"h": dh, "c": dc}}


WRONG = [
    (
        "letters_tanh_of_old_cell",
        "lstm",
        Letters,
        "The output is o * tanh(c) of the cell state before the step, in both passes.",
    ),
    (
        "input_gate_not_used",
        "lstm",
        SharedGate,
        "The candidate is weighed by 1 - f, not by the input gate i, which is computed and never used, in both passes.",
    ),
    (
        "cell_without_tanh",
        "lstm",
        NoTanh,
        "The output is o * c without the tanh of the cell state, in both passes.",
    ),
]

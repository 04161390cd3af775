"""Gated recurrent units of several hands, each of them wrong; what is wrong stands in WRONG."""

import numpy as np

from rnnproof.dialects import Dialect, Joined, Stack


def sigma(x):
    return 1.0 / (1.0 + np.exp(-x))


class ResetAfterTheProduct:
    """Matrices by gate, z first, for a unit that is said to reset before the product."""

    def run(self, p, x, state):
        h = state["h"]
        self.trace, hs = [], []
        for xt in x:
            z = sigma(xt @ p["W_z"].T + h @ p["U_z"].T + p["b_z"])
            r = sigma(xt @ p["W_r"].T + h @ p["U_r"].T + p["b_r"])
            u = h @ p["U_n"].T
            n = np.tanh(xt @ p["W_n"].T + r * u + p["b_n"])
            self.trace.append((xt, h, z, r, u, n))
            h = (1 - z) * n + z * h
            hs.append(h)
        return np.stack(hs), {"h": h}

    def grad(self, p, x, state, cotangents):
        self.run(p, x, state)
        g = {k: np.zeros_like(v) for k, v in p.items()}
        dx = np.zeros_like(x)
        dh = cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            xt, h, z, r, u, n = self.trace[t]
            dh = dh + cotangents["outputs"][t]
            dn = dh * (1 - z) * (1 - n * n)
            dr = dn * u * r * (1 - r)
            dz = dh * (h - n) * z * (1 - z)
            for k, d, e in (("z", dz, dz), ("r", dr, dr), ("n", dn, dn * r)):
                g["W_" + k] += d.T @ xt
                g["U_" + k] += e.T @ h
                g["b_" + k] += d.sum(axis=0)
            dx[t] = dz @ p["W_z"] + dr @ p["W_r"] + dn @ p["W_n"]
            dh = dh * z + dz @ p["U_z"] + dr @ p["U_r"] + (dn * r) @ p["U_n"]
        return {"params": g, "x": dx, "state": {"h": dh}}


def side_by_side(gate):
    return Joined((Stack(gate, of="U", transpose=True), Stack(gate, of="W", transpose=True)), axis=0)


class Concatenated:
    """[h, x] times one matrix a gate, in rows."""

    dialect = Dialect(
        {
            "Wz": side_by_side("z"),
            "Wr": side_by_side("r"),
            "W": side_by_side("n"),
            "bz": Stack("z", of="b"),
            "br": Stack("r", of="b"),
            "b": Stack("n", of="b"),
        },
        state=("h",),
        layout="BTI",
    )

    def run(self, params, x, state):
        (h,) = state
        self.cache, outputs = [], []
        for t in range(x.shape[1]):
            hx = np.hstack([h, x[:, t]])
            z = sigma(hx.dot(params["Wz"]) + params["bz"])
            r = sigma(hx.dot(params["Wr"]) + params["br"])
            h_tilde = np.tanh(hx.dot(params["W"]) + params["b"])
            self.cache.append((h, hx, z, r, h_tilde))
            h = z * h + (1 - z) * h_tilde
            outputs.append(h)
        return np.stack(outputs, axis=1), (h,)

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        grads = {name: np.zeros_like(value) for name, value in params.items()}
        dx = np.zeros_like(x)
        (dh,) = cotangents["state"]
        for t in reversed(range(x.shape[1])):
            h, hx, z, _, h_tilde = self.cache[t]
            dh = dh + cotangents["outputs"][:, t]
            d_tilde = dh * (1 - z) * (1 - h_tilde**2)
            d_z = dh * (h - h_tilde) * z * (1 - z)
            grads["Wz"] += hx.T.dot(d_z)
            grads["bz"] += d_z.sum(axis=0)
            grads["W"] += hx.T.dot(d_tilde)
            grads["b"] += d_tilde.sum(axis=0)
            dhx = d_z.dot(params["Wz"].T) + d_tilde.dot(params["W"].T)
            dh = dh * z + dhx[:, : h.shape[1]]
            dx[:, t] = dhx[:, h.shape[1] :]
        return {"params": grads, "x": dx, "state": (dh,)}


class Stateful:
    """A layer for a stream: its own h, made at the first call."""

    def __init__(self):
        self.h = None

    def run(self, params, x, state):
        if self.h is None:
            self.h = state["h"].copy()
        outputs = []
        for x_t in x:
            self.h = self.cell(params, x_t, self.h)
            outputs.append(self.h)
        return np.stack(outputs), {"h": self.h}

    def cell(self, p, x, h):
        r = sigma(p["W_r"] @ x.T + p["U_r"] @ h.T + p["b_r"][:, None])
        z = sigma(p["W_z"] @ x.T + p["U_z"] @ h.T + p["b_z"][:, None])
        n = np.tanh(p["W_n"] @ x.T + p["b_n"][:, None] + r * (p["U_n"] @ h.T + p["b_hn"][:, None]))
        return ((1 - z) * n).T + z.T * h


class ForgottenToReverse:
    """The tape is gone through backwards with zip; gradients in a dictionary of stacks."""

    def run(self, params, x, state):
        W = np.stack([params["W_r"], params["W_z"], params["W_n"]])
        U = np.stack([params["U_r"], params["U_z"], params["U_n"]])
        b = np.stack([params["b_r"], params["b_z"], params["b_n"]])
        self.W, self.U = W, U
        h, self.tape, hs = state["h"], [], []
        for x_t in x:
            a = np.einsum("bi,ghi->gbh", x_t, W) + b[:, None]
            v = np.einsum("bk,ghk->gbh", h, U)
            r, z = sigma(a[0] + v[0]), sigma(a[1] + v[1])
            q = v[2] + params["b_hn"]
            n = np.tanh(a[2] + r * q)
            self.tape.append((x_t, h, r, z, q, n))
            h = z * h + (1 - z) * n
            hs.append(h)
        return np.stack(hs), {"h": h}

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        dW, dU, db = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros(self.W.shape[:2])
        db_hn, dxs = np.zeros_like(params["b_hn"]), []
        dh = cotangents["state"]["h"]
        for (x_t, h, r, z, q, n), dy in zip(reversed(self.tape), cotangents["outputs"], strict=True):
            dh = dh + dy
            dn = dh * (1 - z) * (1 - n**2)
            dr, dz = dn * q * r * (1 - r), dh * (h - n) * z * (1 - z)
            da, dv = np.stack([dr, dz, dn]), np.stack([dr, dz, dn * r])
            dW += np.einsum("gbh,bi->ghi", da, x_t)
            dU += np.einsum("gbh,bk->ghk", dv, h)
            db += da.sum(axis=1)
            db_hn += dv[2].sum(axis=0)
            dxs.append(np.einsum("gbh,ghi->bi", da, self.W))
            dh = dh * z + np.einsum("gbh,ghk->bk", dv, self.U)
        grads = {f"{k}_{g}": a for k, v in (("W", dW), ("U", dU), ("b", db)) for g, a in zip("rzn", v, strict=True)}
        return {"params": grads | {"b_hn": db_hn}, "x": np.stack(dxs[::-1]), "state": {"h": dh}}


WRONG = [
    (
        "reset_after_the_product",
        "gru:reset=before",
        ResetAfterTheProduct,
        "The reset gate is applied after the product with U_n, r * (U_n h), in both passes, not before it.",
    ),
    (
        "reset_gate_not_used",
        "gru:reset=before",
        Concatenated,
        "The candidate is made of [h, x] and not of [r * h, x]: the reset gate has no effect, in both passes.",
    ),
    (
        "state_of_the_call_before",
        "gru",
        Stateful,
        "The layer keeps h of its own between calls: from the second call on, the state given is ignored.",
    ),
    (
        "output_gradients_not_reversed",
        "gru",
        ForgottenToReverse,
        "Going back over the steps, the outputs' cotangents are taken from the first to the last.",
    ),
]

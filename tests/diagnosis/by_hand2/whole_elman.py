"""Simple recurrent networks of several hands, each of them wrong; what is wrong stands in WRONG."""

import math

import numpy as np

from rnnproof.dialects import Dialect, Stack


class UnitByUnit:
    """Loops over rows and units, as in a port to C."""

    def run(self, params, x, state):
        W, U, b = params["W_h"], params["U_h"], params["b_h"]
        T, B, _ = x.shape
        H = len(b)
        h = state["h"].copy()
        out = np.zeros((T, B, H))
        for t in range(T):
            for n in range(B):
                for j in range(H):
                    acc = b[j] + np.dot(W[j], x[t, n]) + np.dot(U[j], h[n])
                    h[n, j] = math.tanh(acc)
            out[t] = h
        return out, {"h": h}

    def grad(self, params, x, state, cotangents):
        W, U = params["W_h"], params["U_h"]
        out, _ = self.run(params, x, state)
        dW, dU, db, dx = np.zeros(W.shape), np.zeros(U.shape), np.zeros(len(U)), np.zeros(x.shape)
        dh = cotangents["state"]["h"].copy()
        for t in range(len(x) - 1, -1, -1):
            h_prev = out[t - 1] if t else state["h"]
            dh += cotangents["outputs"][t]
            d = dh * (1 - out[t] ** 2)
            dh = np.zeros(dh.shape)
            for n in range(x.shape[1]):
                dW += np.outer(d[n], x[t, n])
                dU += np.outer(d[n], h_prev[n])
                db += d[n]
                dx[t, n] = W.T.dot(d[n])
                dh[n] = U.T.dot(d[n])
        return {"params": {"W_h": dW, "U_h": dU, "b_h": db}, "x": dx, "state": {"h": dh}}


class ReadOutFirst:
    """Wax, Waa, Wya of a course, in rows; y is read out at the top of the loop."""

    dialect = Dialect(
        {
            "Wax": Stack("h", of="W", transpose=True),
            "Waa": Stack("h", of="U", transpose=True),
            "Wya": Stack("y", of="W", transpose=True),
            "ba": Stack("h", of="b"),
            "by": Stack("y", of="b"),
        },
    )

    def run(self, params, x, state):
        a = state["h"]
        self.a, y_pred = [a], []
        for xt in x:
            y_pred.append(np.tanh(a @ params["Wya"] + params["by"]))
            a = np.tanh(xt @ params["Wax"] + a @ params["Waa"] + params["ba"])
            self.a.append(a)
        self.y = np.stack(y_pred)
        return self.y.copy(), {"h": a}

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        g = {name: np.zeros_like(value) for name, value in params.items()}
        dx = np.zeros_like(x)
        da = cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            dz = da * (1 - self.a[t + 1] ** 2)
            g["Wax"] += x[t].T @ dz
            g["Waa"] += self.a[t].T @ dz
            g["ba"] += dz.sum(axis=0)
            dx[t] = dz @ params["Wax"].T
            dy = cotangents["outputs"][t] * (1 - self.y[t] ** 2)
            g["Wya"] += self.a[t].T @ dy
            g["by"] += dy.sum(axis=0)
            da = dz @ params["Waa"].T + dy @ params["Wya"].T
        return {"params": g, "x": dx, "state": {"h": da}}


class OneArrayForAll:
    """The state is overwritten in place, to save memory."""

    dialect = Dialect({"w_in": Stack("h", of="W"), "w_rec": Stack("h", of="U"), "bias": Stack("h", of="b")})

    def run(self, params, x, state):
        h = state["h"].copy()
        self.h_before, outputs = [], []
        for x_t in x:
            self.h_before.append(h.copy())
            np.tanh(x_t @ params["w_in"].T + h @ params["w_rec"].T + params["bias"], out=h)
            outputs.append(h)
        return np.stack(outputs), {"h": h}

    def grad(self, params, x, state, cotangents):
        _, final = self.run(params, x, state)
        after = [*self.h_before[1:], final["h"]]
        d_in, d_rec = np.zeros_like(params["w_in"]), np.zeros_like(params["w_rec"])
        d_bias, dx = np.zeros_like(params["bias"]), np.zeros_like(x)
        dh = cotangents["state"]["h"].copy()
        for t in range(x.shape[0])[::-1]:
            dh += cotangents["outputs"][t]
            dh *= 1 - after[t] ** 2
            d_in += dh.T @ x[t]
            d_rec += dh.T @ self.h_before[t]
            d_bias += dh.sum(axis=0)
            dx[t] = dh @ params["w_in"]
            dh = dh @ params["w_rec"]
        return {"params": {"w_in": d_in, "w_rec": d_rec, "bias": d_bias}, "x": dx, "state": {"h": dh}}


class ManyToOne:
    """Forward and backward of a classifier of sequences, with a sigmoid; arrays of all steps."""

    claims = {"dtypes": ["float64", "float32"]}

    def forward(self, p, x, h0):
        self.h = np.empty((len(x) + 1, *h0.shape), x.dtype)
        self.h[0] = h0
        for t in range(len(x)):
            self.h[t + 1] = 1 / (1 + np.exp(-(x[t] @ p["W_h"].T + self.h[t] @ p["U_h"].T + p["b_h"])))
        return self.h[1:]

    def run(self, params, x, state):
        outputs = self.forward(params, x, state["h"]).copy()
        return outputs, {"h": outputs[-1].copy()}

    def grad(self, params, x, state, cotangents):
        self.forward(params, x, state["h"])
        delta = np.empty_like(self.h[1:])
        dh = cotangents["state"]["h"] + cotangents["outputs"][-1]
        for t in range(len(x) - 1, -1, -1):
            delta[t] = dh * self.h[t + 1] * (1 - self.h[t + 1])
            dh = delta[t] @ params["U_h"]
        dW = np.einsum("tbh,tbi->hi", delta, x)
        dU = np.einsum("tbh,tbk->hk", delta, self.h[:-1])
        return {
            "params": {"W_h": dW, "U_h": dU, "b_h": delta.sum(axis=(0, 1))},
            "x": delta @ params["W_h"],
            "state": {"h": dh},
        }


WRONG = [
    (
        "units_updated_one_by_one",
        "elman",
        UnitByUnit,
        "Forward, h is overwritten unit by unit: later units of a step see the new values of the units before them.",
    ),
    (
        "read_out_before_the_update",
        "elman:readout=tanh",
        ReadOutFirst,
        "The readout is of the hidden state before the step, in both passes: outputs are one step late.",
    ),
    (
        "outputs_one_array",
        "elman",
        OneArrayForAll,
        "The list of outputs holds the same array at every step, updated in place: all outputs are the last one.",
    ),
    (
        "only_the_last_output",
        "elman:activation=sigmoid",
        ManyToOne,
        "The backward pass reads the cotangent of the last output alone; those of all outputs before it are ignored.",
    ),
]

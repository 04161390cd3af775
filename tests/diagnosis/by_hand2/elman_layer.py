"""A layer class, batch first, that keeps all hidden states in one array and multiplies out all steps at once."""

import numpy as np

from rnnproof.dialects import Dialect, Stack


class SimpleRNN:
    dialect = Dialect(
        arrays={
            "kernel": Stack("h", of="W", transpose=True),
            "recurrent_kernel": Stack("h", of="U", transpose=True),
            "bias": Stack("h", of="b"),
        },
        state=("h",),
        layout="BTI",
    )

    def forward(self, params, x, h0):
        batch, steps, _ = x.shape
        units = h0.shape[1]
        self.x = x
        self.hidden = np.empty((batch, steps + 1, units), dtype=x.dtype)
        self.hidden[:, 0] = h0
        projected = x.reshape(batch * steps, -1).dot(params["kernel"]).reshape(batch, steps, units) + params["bias"]
        for t in range(steps):
            self.hidden[:, t + 1] = np.tanh(projected[:, t] + self.hidden[:, t].dot(params["recurrent_kernel"]))
        return self.hidden[:, 1:]

    def backward(self, params, d_outputs, d_last):
        batch, steps, units = d_outputs.shape
        d_pre = np.empty_like(d_outputs)
        carry = d_last
        for t in reversed(range(steps)):
            d_pre[:, t] = (d_outputs[:, t] + carry) * (1 - self.hidden[:, t + 1] ** 2)
            carry = d_pre[:, t].dot(params["recurrent_kernel"].T)
        flat = d_pre.reshape(-1, units)
        grads = {
            "kernel": self.x.reshape(batch * steps, -1).T.dot(flat),
            "recurrent_kernel": self.hidden[:, :-1].reshape(-1, units).T.dot(flat),
            "bias": flat.sum(axis=0),
        }
        return grads, d_pre.dot(params["kernel"].T), carry

    def run(self, params, x, state):
        outputs = self.forward(params, x, state[0])
        return outputs.copy(), (outputs[:, -1].copy(),)

    def grad(self, params, x, state, cotangents):
        self.forward(params, x, state[0])
        grads, dx, dh0 = self.backward(params, cotangents["outputs"], cotangents["state"][0])
        return {"params": grads, "x": dx, "state": (dh0,)}

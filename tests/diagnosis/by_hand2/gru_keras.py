"""Kernel, recurrent kernel and two rows of bias, gates z r h, batch first: the layer of another framework in NumPy."""

import numpy as np

from rnnproof.dialects import Dialect, Joined, Stack

dialect = Dialect(
    arrays={
        "kernel": Stack("z r n", of="W", axis=1, transpose=True),
        "recurrent_kernel": Stack("z r n", of="U", axis=1, transpose=True),
        "bias": Joined(
            (
                (Stack("z r", of="b", part=1), Stack("n", of="b")),
                (Stack("z r", of="b", part=2), Stack("hn", of="b")),
            ),
            new=True,
        ),
    },
    state=("h",),
    layout="BTI",
)


def recurrent_activation(v):
    return 1 / (1 + np.exp(-v))


def recurrent_derivative(y):
    return y * (1 - y)


def one_step(x_t, h_tm1, kernel, recurrent_kernel, bias):
    units = h_tm1.shape[-1]
    matrix_x = np.dot(x_t, kernel) + bias[0]
    matrix_inner = np.dot(h_tm1, recurrent_kernel) + bias[1]
    z = recurrent_activation(matrix_x[:, :units] + matrix_inner[:, :units])
    r = recurrent_activation(matrix_x[:, units : 2 * units] + matrix_inner[:, units : 2 * units])
    recurrent_h = matrix_inner[:, 2 * units :]
    hh = np.tanh(matrix_x[:, 2 * units :] + r * recurrent_h)
    return z * h_tm1 + (1 - z) * hh, (h_tm1, z, r, hh, recurrent_h)


def call(params, x, h):
    outputs = np.zeros((x.shape[0], x.shape[1], h.shape[1]))
    memory = []
    for t in range(x.shape[1]):
        h, kept = one_step(x[:, t], h, params["kernel"], params["recurrent_kernel"], params["bias"])
        outputs[:, t] = h
        memory.append(kept)
    return outputs, h, memory


def run(params, x, state):
    outputs, h, _ = call(params, x, state[0])
    return outputs, (h,)


def grad(params, x, state, cotangents):
    _, _, memory = call(params, x, state[0])
    d_kernel = np.zeros(params["kernel"].shape)
    d_recurrent = np.zeros(params["recurrent_kernel"].shape)
    d_bias = np.zeros(params["bias"].shape)
    dx = np.zeros(x.shape)
    dh = cotangents["state"][0]
    for t in range(x.shape[1] - 1, -1, -1):
        h_tm1, z, r, hh, recurrent_h = memory[t]
        dh = dh + cotangents["outputs"][:, t]
        d_hh = dh * (1 - z) * (1 - hh**2)
        d_z = dh * (h_tm1 - hh) * recurrent_derivative(z)
        d_r = d_hh * recurrent_h * recurrent_derivative(r)
        d_x = np.hstack([d_z, d_r, d_hh])
        d_inner = np.hstack([d_z, d_r, d_hh * r])
        d_kernel += np.dot(x[:, t].T, d_x)
        d_recurrent += np.dot(h_tm1.T, d_inner)
        d_bias += np.vstack([d_x.sum(axis=0), d_inner.sum(axis=0)])
        dx[:, t] = np.dot(d_x, params["kernel"].T)
        dh = dh * z + np.dot(d_inner, params["recurrent_kernel"].T)
    return {
        "params": {"kernel": d_kernel, "recurrent_kernel": d_recurrent, "bias": d_bias},
        "x": dx,
        "state": (dh,),
    }

"""The cells of a course notebook: arrays of columns, [a, x] stacked, a cache for every step."""

import numpy as np

from rnnproof.dialects import Dialect, Joined, Stack


def _stacked(gate):
    return Joined((Stack(gate, of="U"), Stack(gate, of="W")), axis=1)


dialect = Dialect(
    arrays={
        "Wf": _stacked("f"),
        "bf": Stack("f", of="b"),
        "Wi": _stacked("i"),
        "bi": Stack("i", of="b"),
        "Wc": _stacked("g"),
        "bc": Stack("g", of="b"),
        "Wo": _stacked("o"),
        "bo": Stack("o", of="b"),
    },
    state=("h", "c"),
    layout="IBT",
)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    concat = np.concatenate((a_prev, xt), axis=0)
    ft = sigmoid(np.dot(parameters["Wf"], concat) + parameters["bf"][:, None])
    it = sigmoid(np.dot(parameters["Wi"], concat) + parameters["bi"][:, None])
    cct = np.tanh(np.dot(parameters["Wc"], concat) + parameters["bc"][:, None])
    c_next = ft * c_prev + it * cct
    ot = sigmoid(np.dot(parameters["Wo"], concat) + parameters["bo"][:, None])
    a_next = ot * np.tanh(c_next)
    return a_next, c_next, (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt)


def lstm_forward(x, a0, c0, parameters):
    _, m, T_x = x.shape
    a = np.zeros((a0.shape[0], m, T_x))
    caches = []
    a_next, c_next = a0, c0
    for t in range(T_x):
        a_next, c_next, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, parameters)
        a[:, :, t] = a_next
        caches.append(cache)
    return a, c_next, caches


def lstm_cell_backward(da_next, dc_next, cache, parameters):
    a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt = cache
    n_a = a_next.shape[0]
    dc = dc_next + da_next * ot * (1 - np.tanh(c_next) ** 2)
    dot = da_next * np.tanh(c_next) * ot * (1 - ot)
    dcct = dc * it * (1 - cct**2)
    dit = dc * cct * it * (1 - it)
    dft = dc * c_prev * ft * (1 - ft)
    concat = np.concatenate((a_prev, xt), axis=0)
    gradients = {
        "Wf": np.dot(dft, concat.T),
        "Wi": np.dot(dit, concat.T),
        "Wc": np.dot(dcct, concat.T),
        "Wo": np.dot(dot, concat.T),
        "bf": np.sum(dft, axis=1),
        "bi": np.sum(dit, axis=1),
        "bc": np.sum(dcct, axis=1),
        "bo": np.sum(dot, axis=1),
    }
    dconcat = (
        np.dot(parameters["Wf"].T, dft)
        + np.dot(parameters["Wi"].T, dit)
        + np.dot(parameters["Wc"].T, dcct)
        + np.dot(parameters["Wo"].T, dot)
    )
    da_prev = dconcat[:n_a]
    dx = dconcat[n_a:]
    dc_prev = dc * ft
    return dx, da_prev, dc_prev, gradients


def lstm_backward(da, da_last, dc_last, caches, parameters):
    T_x = da.shape[2]
    dx = np.zeros((caches[0][-1].shape[0], da.shape[1], T_x))
    total = {name: np.zeros(value.shape) for name, value in parameters.items()}
    da_prevt, dc_prevt = da_last, dc_last
    for t in reversed(range(T_x)):
        dx[:, :, t], da_prevt, dc_prevt, gradients = lstm_cell_backward(
            da[:, :, t] + da_prevt, dc_prevt, caches[t], parameters
        )
        for name in total:
            total[name] += gradients[name]
    return dx, da_prevt, dc_prevt, total


def run(params, x, state):
    a, c, caches = lstm_forward(x, state[0].T, state[1].T, params)
    return a, (caches[-1][0].T, c.T)


def grad(params, x, state, cotangents):
    _, _, caches = lstm_forward(x, state[0].T, state[1].T, params)
    da_last, dc_last = cotangents["state"]
    dx, da0, dc0, total = lstm_backward(cotangents["outputs"], da_last.T, dc_last.T, caches, params)
    return {"params": total, "x": dx, "state": (da0.T, dc0.T)}

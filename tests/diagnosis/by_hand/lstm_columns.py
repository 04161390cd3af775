"""An LSTM in the manner of a course's notebook: functions, examples in columns, a and x stacked, tuples as caches."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    """xt (n_x, m), a_prev and c_prev (n_a, m)."""
    concat = np.concatenate((a_prev, xt), axis=0)

    ft = sigmoid(np.dot(parameters["Wf"], concat) + parameters["bf"])
    it = sigmoid(np.dot(parameters["Wi"], concat) + parameters["bi"])
    cct = np.tanh(np.dot(parameters["Wc"], concat) + parameters["bc"])
    c_next = ft * c_prev + it * cct
    ot = sigmoid(np.dot(parameters["Wo"], concat) + parameters["bo"])
    a_next = ot * np.tanh(c_next)

    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)
    return a_next, c_next, cache


def lstm_forward(x, a0, c0, parameters):
    """x (n_x, m, T_x)."""
    caches = []
    n_x, m, T_x = x.shape
    n_a = a0.shape[0]
    a = np.zeros((n_a, m, T_x))
    a_next, c_next = a0, c0
    for t in range(T_x):
        a_next, c_next, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, parameters)
        a[:, :, t] = a_next
        caches.append(cache)
    return a, a_next, c_next, caches


def lstm_cell_backward(da_next, dc_next, cache):
    (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters) = cache
    n_a, m = a_next.shape

    dot = da_next * np.tanh(c_next) * ot * (1 - ot)
    dc = dc_next + ot * (1 - np.square(np.tanh(c_next))) * da_next
    dcct = dc * it * (1 - np.square(cct))
    dit = dc * cct * it * (1 - it)
    dft = dc * c_prev * ft * (1 - ft)

    concat = np.concatenate((a_prev, xt), axis=0)
    dWf = np.dot(dft, concat.T)
    dWi = np.dot(dit, concat.T)
    dWc = np.dot(dcct, concat.T)
    dWo = np.dot(dot, concat.T)
    dbf = np.sum(dft, axis=1, keepdims=True)
    dbi = np.sum(dit, axis=1, keepdims=True)
    dbc = np.sum(dcct, axis=1, keepdims=True)
    dbo = np.sum(dot, axis=1, keepdims=True)

    Wf, Wi, Wc, Wo = parameters["Wf"], parameters["Wi"], parameters["Wc"], parameters["Wo"]
    da_prev = (
        np.dot(Wf[:, :n_a].T, dft)
        + np.dot(Wi[:, :n_a].T, dit)
        + np.dot(Wc[:, :n_a].T, dcct)
        + np.dot(Wo[:, :n_a].T, dot)
    )
    dc_prev = dc * ft
    dxt = (
        np.dot(Wf[:, n_a:].T, dft)
        + np.dot(Wi[:, n_a:].T, dit)
        + np.dot(Wc[:, n_a:].T, dcct)
        + np.dot(Wo[:, n_a:].T, dot)
    )
    return {
        "dxt": dxt, "da_prev": da_prev, "dc_prev": dc_prev,
        "dWf": dWf, "dbf": dbf, "dWi": dWi, "dbi": dbi, "dWc": dWc, "dbc": dbc, "dWo": dWo, "dbo": dbo,
    }  # fmt: skip


def lstm_backward(da, da_last, dc_last, caches):
    n_a, m, T_x = da.shape
    n_x = caches[0][8].shape[0]
    dx = np.zeros((n_x, m, T_x))
    da_prevt = da_last
    dc_prevt = dc_last
    total = {}
    for t in reversed(range(T_x)):
        gradients = lstm_cell_backward(da[:, :, t] + da_prevt, dc_prevt, caches[t])
        da_prevt = gradients["da_prev"]
        dc_prevt = gradients["dc_prev"]
        dx[:, :, t] = gradients["dxt"]
        for name in ("dWf", "dbf", "dWi", "dbi", "dWc", "dbc", "dWo", "dbo"):
            total[name] = total.get(name, 0) + gradients[name]
    return dx, da_prevt, dc_prevt, total


GATES = {"f": "f", "i": "i", "c": "g", "o": "o"}


class Notebook:
    """What the notebook's functions are called with."""

    def _parameters(self, params):
        packed = {}
        for ours, theirs in GATES.items():
            packed["W" + ours] = np.concatenate([params["U_" + theirs], params["W_" + theirs]], axis=1)
            packed["b" + ours] = params["b_" + theirs][:, None]
        return packed

    def run(self, params, x, state):
        a, a_last, c_last, self.caches = lstm_forward(
            np.transpose(x, (2, 1, 0)), state["h"].T, state["c"].T, self._parameters(params)
        )
        return np.transpose(a, (2, 1, 0)), {"h": a_last.T, "c": c_last.T}

    def grad(self, params, x, state, cotangents):
        last = cotangents["state"]
        da = np.transpose(cotangents["outputs"], (2, 1, 0))
        dx, da0, dc0, total = lstm_backward(da, last["h"].T, last["c"].T, self.caches)
        n_a = da.shape[0]
        grads = {}
        for ours, theirs in GATES.items():
            grads["U_" + theirs] = total["dW" + ours][:, :n_a]
            grads["W_" + theirs] = total["dW" + ours][:, n_a:]
            grads["b_" + theirs] = total["db" + ours][:, 0]
        return {"params": grads, "x": np.transpose(dx, (2, 1, 0)), "state": {"h": da0.T, "c": dc0.T}}

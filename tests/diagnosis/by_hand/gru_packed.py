"""A GRU packed r z n with two biases, each gate a chunk of two products; float32 alone, one flat tuple a step."""

import numpy as np


def _sigmoid(z):
    return np.float32(0.5) * (np.tanh(np.float32(0.5) * z) + np.float32(1))


def gru_cell(gi, hidden, w_hh, b_hh):
    gh = hidden @ w_hh.T + b_hh
    i_r, i_i, i_n = np.split(gi, 3, axis=1)
    h_r, h_i, h_n = np.split(gh, 3, axis=1)
    resetgate = _sigmoid(i_r + h_r)
    inputgate = _sigmoid(i_i + h_i)
    newgate = np.tanh(i_n + resetgate * h_n)
    hy = newgate + inputgate * (hidden - newgate)
    return hy, (hidden, resetgate, inputgate, newgate, h_n)


def gru_cell_backward(grad_hy, saved):
    hidden, resetgate, inputgate, newgate, h_n = saved
    grad_in = grad_hy * (hidden - newgate) * (1 - inputgate) * inputgate
    grad_hx = grad_hy * inputgate
    grad_nn = grad_hy * (1 - inputgate) * (1 - newgate * newgate)
    grad_hn = grad_nn * resetgate
    grad_rn = grad_nn * h_n * (1 - resetgate) * resetgate
    grad_gi = np.concatenate([grad_rn, grad_in, grad_nn], axis=1)
    grad_gh = np.concatenate([grad_rn, grad_in, grad_hn], axis=1)
    return grad_gi, grad_gh, grad_hx


class PackedGRU:
    claims = {"dtypes": ["float32"]}

    def pack(self, params):
        w_ih = np.concatenate([params["W_r"], params["W_z"], params["W_n"]])
        w_hh = np.concatenate([params["U_r"], params["U_z"], params["U_n"]])
        b_ih = np.concatenate([params["b_r"], params["b_z"], params["b_n"]])
        b_hh = np.concatenate([np.zeros_like(params["b_r"]), np.zeros_like(params["b_z"]), params["b_hn"]])
        return w_ih, w_hh, b_ih, b_hh

    def run(self, params, x, state):
        w_ih, w_hh, b_ih, b_hh = self.pack(params)
        gi = x @ w_ih.T + b_ih
        hx = state["h"]
        self.saved, outputs = [], []
        for t in range(x.shape[0]):
            hx, saved = gru_cell(gi[t], hx, w_hh, b_hh)
            self.saved.append(saved)
            outputs.append(hx)
        return np.stack(outputs), {"h": hx}

    def grad(self, params, x, state, cotangents):
        w_ih, w_hh, b_ih, b_hh = self.pack(params)
        d_w_ih, d_w_hh = np.zeros_like(w_ih), np.zeros_like(w_hh)
        d_b_ih, d_b_hh = np.zeros_like(b_ih), np.zeros_like(b_hh)
        dx = np.zeros_like(x)
        dh = cotangents["state"]["h"]
        for t in range(x.shape[0] - 1, -1, -1):
            grad_gi, grad_gh, grad_hx = gru_cell_backward(dh + cotangents["outputs"][t], self.saved[t])
            d_w_ih += grad_gi.T @ x[t]
            d_w_hh += grad_gh.T @ self.saved[t][0]
            d_b_ih += grad_gi.sum(axis=0)
            d_b_hh += grad_gh.sum(axis=0)
            dx[t] = grad_gi @ w_ih
            dh = grad_hx + grad_gh @ w_hh
        grads = {"b_hn": d_b_hh[2 * dh.shape[1] :]}
        for k, w, u, b in zip("rzn", np.split(d_w_ih, 3), np.split(d_w_hh, 3), np.split(d_b_ih, 3), strict=True):
            grads["W_" + k], grads["U_" + k], grads["b_" + k] = w, u, b
        return {"params": grads, "x": dx, "state": {"h": dh}}

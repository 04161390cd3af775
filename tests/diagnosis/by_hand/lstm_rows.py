"""An LSTM one sequence at a time: node objects with bottom_data and top_diff, outer products, loops that count down."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1 + np.exp(-x))


class LstmParam:
    def __init__(self, params):
        for k in "gifo":
            setattr(self, "w" + k, np.hstack((params["W_" + k], params["U_" + k])))
            setattr(self, "b" + k, params["b_" + k])
            setattr(self, "w" + k + "_diff", np.zeros_like(getattr(self, "w" + k)))
            setattr(self, "b" + k + "_diff", np.zeros_like(getattr(self, "b" + k)))
        self.mem_cell_ct, self.x_dim = params["W_g"].shape


class LstmNode:
    def __init__(self, param):
        self.param = param

    def bottom_data_is(self, x, s_prev, h_prev):
        param = self.param
        self.s_prev = s_prev
        self.h_prev = h_prev
        self.xc = np.hstack((x, h_prev))
        self.g = np.tanh(np.dot(param.wg, self.xc) + param.bg)
        self.i = sigmoid(np.dot(param.wi, self.xc) + param.bi)
        self.f = sigmoid(np.dot(param.wf, self.xc) + param.bf)
        self.o = sigmoid(np.dot(param.wo, self.xc) + param.bo)
        self.s = self.g * self.i + s_prev * self.f
        self.h = np.tanh(self.s) * self.o

    def top_diff_is(self, top_diff_h, top_diff_s):
        param = self.param
        ds = self.o * (1.0 - np.tanh(self.s) ** 2) * top_diff_h + top_diff_s
        do = np.tanh(self.s) * top_diff_h
        di = self.g * ds
        dg = self.i * ds
        df = self.s_prev * ds

        di_input = (1.0 - self.i) * self.i * di
        df_input = (1.0 - self.f) * self.f * df
        do_input = (1.0 - self.o) * self.o * do
        dg_input = (1.0 - self.g**2) * dg

        param.wi_diff += np.outer(di_input, self.xc)
        param.wf_diff += np.outer(df_input, self.xc)
        param.wo_diff += np.outer(do_input, self.xc)
        param.wg_diff += np.outer(dg_input, self.xc)
        param.bi_diff += di_input
        param.bf_diff += df_input
        param.bo_diff += do_input
        param.bg_diff += dg_input

        dxc = np.zeros_like(self.xc)
        dxc += np.dot(param.wi.T, di_input)
        dxc += np.dot(param.wf.T, df_input)
        dxc += np.dot(param.wo.T, do_input)
        dxc += np.dot(param.wg.T, dg_input)

        self.bottom_diff_s = ds * self.f
        self.bottom_diff_x = dxc[: param.x_dim]
        self.bottom_diff_h = dxc[param.x_dim :]


class LstmNetwork:
    def run(self, params, x, state):
        self.param = LstmParam(params)
        T, B, _ = x.shape
        H = self.param.mem_cell_ct
        outputs, h_last, s_last = np.zeros((T, B, H)), np.zeros((B, H)), np.zeros((B, H))
        self.nodes = []
        for b in range(B):
            h, s = state["h"][b], state["c"][b]
            row = []
            for t in range(T):
                node = LstmNode(self.param)
                node.bottom_data_is(x[t, b], s, h)
                h, s = node.h, node.s
                outputs[t, b] = h
                row.append(node)
            self.nodes.append(row)
            h_last[b], s_last[b] = h, s
        return outputs, {"h": h_last, "c": s_last}

    def grad(self, params, x, state, cotangents):
        dx, dh0, dc0 = np.zeros_like(x), np.zeros_like(state["h"]), np.zeros_like(state["c"])
        for b, row in enumerate(self.nodes):
            diff_h = cotangents["state"]["h"][b]
            diff_s = cotangents["state"]["c"][b]
            idx = len(row) - 1
            while idx >= 0:
                diff_h = diff_h + cotangents["outputs"][idx, b]
                row[idx].top_diff_is(diff_h, diff_s)
                dx[idx, b] = row[idx].bottom_diff_x
                diff_h = row[idx].bottom_diff_h
                diff_s = row[idx].bottom_diff_s
                idx -= 1
            dh0[b], dc0[b] = diff_h, diff_s
        return {"params": self.gradients(), "x": dx, "state": {"h": dh0, "c": dc0}}

    def gradients(self):
        grads, n = {}, self.param.x_dim
        for k in "gifo":
            w_diff = getattr(self.param, "w" + k + "_diff")
            grads["W_" + k], grads["U_" + k] = w_diff[:, :n], w_diff[:, n:]
            grads["b_" + k] = getattr(self.param, "b" + k + "_diff")
        return grads

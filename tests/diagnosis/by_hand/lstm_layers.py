"""An LSTM built of layer objects, each with a forward and a backward, every gate its own chain of them."""

import numpy as np


class Affine:
    def __init__(self, W, U, b):
        self.W, self.U, self.b = W, U, b
        self.dW, self.dU, self.db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
        self.inputs = []

    def forward(self, x, h):
        self.inputs.append((x, h))
        return np.dot(x, self.W.T) + np.dot(h, self.U.T) + self.b

    def backward(self, dout):
        x, h = self.inputs.pop()
        self.dW += np.dot(dout.T, x)
        self.dU += np.dot(dout.T, h)
        self.db += np.sum(dout, axis=0)
        return np.dot(dout, self.W), np.dot(dout, self.U)


class Sigmoid:
    def __init__(self):
        self.outs = []

    def forward(self, x):
        out = 0.5 * (1 + np.tanh(0.5 * x))
        self.outs.append(out)
        return out

    def backward(self, dout):
        out = self.outs.pop()
        return dout * (1.0 - out) * out


class Tanh:
    def __init__(self):
        self.outs = []

    def forward(self, x):
        out = np.tanh(x)
        self.outs.append(out)
        return out

    def backward(self, dout):
        out = self.outs.pop()
        return dout * (1.0 - out**2)


class Multiply:
    def __init__(self):
        self.pairs = []

    def forward(self, x, y):
        self.pairs.append((x, y))
        return x * y

    def backward(self, dout):
        x, y = self.pairs.pop()
        return dout * y, dout * x


class Gate:
    def __init__(self, params, letter, activation):
        self.affine = Affine(params["W_" + letter], params["U_" + letter], params["b_" + letter])
        self.activation = activation

    def forward(self, x, h):
        return self.activation.forward(self.affine.forward(x, h))

    def backward(self, dout):
        return self.affine.backward(self.activation.backward(dout))


class LSTM:
    def build(self, params):
        self.gates = {k: Gate(params, k, Tanh() if k == "g" else Sigmoid()) for k in "ifgo"}
        self.forget, self.write, self.show, self.squash = Multiply(), Multiply(), Multiply(), Tanh()

    def forward_step(self, x, h, c):
        i, f, g, o = (self.gates[k].forward(x, h) for k in "ifgo")
        c = self.forget.forward(f, c) + self.write.forward(i, g)
        h = self.show.forward(o, self.squash.forward(c))
        return h, c

    def backward_step(self, dh, dc):
        do, dtanh = self.show.backward(dh)
        dc = dc + self.squash.backward(dtanh)
        di, dg = self.write.backward(dc)
        df, dc_prev = self.forget.backward(dc)
        dx, dh_prev = 0, 0
        for k, d in {"i": di, "f": df, "g": dg, "o": do}.items():
            dx_k, dh_k = self.gates[k].backward(d)
            dx = dx + dx_k
            dh_prev = dh_prev + dh_k
        return dx, dh_prev, dc_prev

    def run(self, params, x, state):
        self.build(params)
        h, c = state["h"], state["c"]
        hs = []
        for xt in x:
            h, c = self.forward_step(xt, h, c)
            hs.append(h)
        return np.stack(hs), {"h": h, "c": c}

    def grad(self, params, x, state, cotangents):
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        dxs = []
        for dy in cotangents["outputs"][::-1]:
            dx, dh, dc = self.backward_step(dh + dy, dc)
            dxs.append(dx)
        grads = {}
        for k, gate in self.gates.items():
            grads["W_" + k], grads["U_" + k], grads["b_" + k] = gate.affine.dW, gate.affine.dU, gate.affine.db
        return {"params": grads, "x": np.stack(dxs[::-1]), "state": {"h": dh, "c": dc}}

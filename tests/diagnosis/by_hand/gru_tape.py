"""A GRU on a small tape: every operation records how its gradient goes back, and the tape is read from its end."""

import numpy as np


class Node:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class Tape:
    def __init__(self):
        self.backs = []

    def _record(self, value, back):
        out = Node(value)
        self.backs.append(lambda: back(out.grad))
        return out

    def linear(self, v, weight):
        """v (B, I) times weight (H, I)."""

        def back(g):
            v.grad += g @ weight.value
            weight.grad += g.T @ v.value

        return self._record(v.value @ weight.value.T, back)

    def bias(self, a, b):
        def back(g):
            a.grad += g
            b.grad += g.sum(axis=0)

        return self._record(a.value + b.value, back)

    def add(self, a, b):
        def back(g):
            a.grad += g
            b.grad += g

        return self._record(a.value + b.value, back)

    def mul(self, a, b):
        def back(g):
            a.grad += g * b.value
            b.grad += g * a.value

        return self._record(a.value * b.value, back)

    def one_minus(self, a):
        def back(g):
            a.grad -= g

        return self._record(1 - a.value, back)

    def sigmoid(self, a):
        y = 1 / (1 + np.exp(-a.value))

        def back(g):
            a.grad += g * y * (1 - y)

        return self._record(y, back)

    def tanh(self, a):
        y = np.tanh(a.value)

        def back(g):
            a.grad += g * (1 - y**2)

        return self._record(y, back)

    def backward(self):
        for back in reversed(self.backs):
            back()


class TapeGRU:
    def cell(self, x, h):
        t, p = self.tape, self.p
        r = t.sigmoid(t.bias(t.add(t.linear(x, p["W_r"]), t.linear(h, p["U_r"])), p["b_r"]))
        z = t.sigmoid(t.bias(t.add(t.linear(x, p["W_z"]), t.linear(h, p["U_z"])), p["b_z"]))
        hidden = t.bias(t.linear(h, p["U_n"]), p["b_hn"])
        n = t.tanh(t.add(t.bias(t.linear(x, p["W_n"]), p["b_n"]), t.mul(r, hidden)))
        return t.add(t.mul(t.one_minus(z), n), t.mul(z, h))

    def run(self, params, x, state):
        self.tape = Tape()
        self.p = {name: Node(value) for name, value in params.items()}
        self.xs = [Node(x[t]) for t in range(len(x))]
        self.h0 = Node(state["h"])
        self.hs, h = [], self.h0
        for node in self.xs:
            h = self.cell(node, h)
            self.hs.append(h)
        return np.stack([node.value for node in self.hs]), {"h": h.value}

    def grad(self, params, x, state, cotangents):
        for node, g in zip(self.hs, cotangents["outputs"], strict=True):
            node.grad += g
        self.hs[-1].grad += cotangents["state"]["h"]
        self.tape.backward()
        return {
            "params": {name: node.grad for name, node in self.p.items()},
            "x": np.stack([node.grad for node in self.xs]),
            "state": {"h": self.h0.grad},
        }

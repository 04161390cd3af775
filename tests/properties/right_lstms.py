"""Right LSTMs, each written another way, in plain NumPy: none of them may be refused by any law."""

import numpy as np


def by_exp(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def by_tanh(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def piecewise(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small)).astype(z.dtype)


class Packed:
    """One product of [x, h] with all gates' weights, gate order o f i g inside; backward in the same packing."""

    claims = {"dtypes": ["float64", "float32"]}
    sigmoid = staticmethod(by_exp)
    order = "ofig"

    def pack(self, params):
        rows = [np.concatenate([params[f"W_{k}"], params[f"U_{k}"]], axis=1) for k in self.order]
        return np.concatenate(rows), np.concatenate([params[f"b_{k}"] for k in self.order])

    def product(self, weight, v):
        return v @ weight.T

    def of_gates(self, dz):
        return dz

    def carried(self, t, dh, dc):
        """What step t hands to the step before it."""
        return dh, dc

    def run(self, params, x, state):
        weight, bias = self.pack(params)
        h, c, size = state["h"], state["c"], state["h"].shape[1]
        self.tape, outputs = [], []
        for x_t in x:
            v = np.concatenate([x_t, h], axis=1)
            z = self.product(weight, v) + bias
            gates = {k: z[:, n * size : (n + 1) * size] for n, k in enumerate(self.order)}
            i, f, o = (self.sigmoid(gates[k]) for k in "ifo")
            g = np.tanh(gates["g"])
            new = f * c + i * g
            self.tape.append((v, c, i, f, g, o, new))
            h, c = o * np.tanh(new), new
            outputs.append(h)
        return np.stack(outputs), {"h": h, "c": c}

    def grad(self, params, x, state, cotangents):
        weight, bias = self.pack(params)
        inputs, size = x.shape[2], state["h"].shape[1]
        dweight, dbias, dx = np.zeros_like(weight), np.zeros_like(bias), []
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in reversed(range(len(x))):
            v, c, i, f, g, o, new = self.tape[t]
            dh = dh + cotangents["outputs"][t]
            dc = dc + dh * o * (1 - np.tanh(new) ** 2)
            by_gate = {
                "i": dc * g * i * (1 - i),
                "f": dc * c * f * (1 - f),
                "g": dc * i * (1 - g) * (1 + g),
                "o": dh * np.tanh(new) * (o - o * o),
            }
            dz = self.of_gates(np.concatenate([by_gate[k] for k in self.order], axis=1))
            dweight, dbias = dweight + dz.T @ v, dbias + dz.sum(axis=0)
            dv = dz @ weight
            dx.append(dv[:, :inputs])
            dh, dc = self.carried(t, dv[:, inputs:], dc * f)
        params_ = {}
        for n, k in enumerate(self.order):
            rows = slice(n * size, (n + 1) * size)
            params_ |= {f"W_{k}": dweight[rows, :inputs], f"U_{k}": dweight[rows, inputs:], f"b_{k}": dbias[rows]}
        return {"params": params_, "x": np.stack(dx[::-1]), "state": {"h": dh, "c": dc}}


class Einsum(Packed):
    def product(self, weight, v):
        return np.einsum("bi,gi->bg", v, weight)


class TanhSigmoid(Packed):
    sigmoid = staticmethod(by_tanh)


class PiecewiseSigmoid(Packed):
    sigmoid = staticmethod(piecewise)
    order = "gfio"


class Loops:
    """Entry by entry with Python floats, forward only, summed from the last product to the first."""

    claims = {"dtypes": ["float64"]}

    @staticmethod
    def run(params, x, state):
        steps, rows, _ = x.shape
        size = state["h"].shape[1]
        h, c = state["h"].tolist(), state["c"].tolist()
        outputs = np.zeros((steps, rows, size))

        def z(k, t, b, n):
            terms = [w * s for w, s in zip(params[f"U_{k}"][n], h[b], strict=True)]
            terms += [w * s for w, s in zip(params[f"W_{k}"][n], x[t, b], strict=True)]
            return float(sum(reversed(terms)) + params[f"b_{k}"][n])

        for t in range(steps):
            made = {k: [[z(k, t, b, n) for n in range(size)] for b in range(rows)] for k in "ifgo"}
            i, f, o = (by_tanh(np.array(made[k])) for k in "ifo")
            new = i * np.tanh(np.array(made["g"])) + f * np.array(c)
            c, h = new.tolist(), (np.tanh(new) * o).tolist()
            outputs[t] = h
        return outputs, {"h": np.array(h), "c": np.array(c)}


class WithStep(Packed):
    """Has a step and shows its states."""

    def step(self, params, x, state):
        outputs, final = Packed().run(params, x[None], state)
        return outputs[0], final

    def states(self, params, x, state, lengths=None):
        h, c, kept = state["h"], state["c"], {"h": [], "c": []}
        for x_t in x:
            _, final = self.step(params, x_t, {"h": h, "c": c})
            h, c = final["h"], final["c"]
            kept["h"].append(h)
            kept["c"].append(c)
        return {name: np.stack(values) for name, values in kept.items()}


RIGHT = {
    "packed": Packed,
    "einsum": Einsum,
    "tanh-based sigmoid": TanhSigmoid,
    "piecewise sigmoid": PiecewiseSigmoid,
    "with step and states": WithStep,
}

"""Two layers of tanh units in both directions on rows of several lengths, masked step by step, forward and backward."""

import numpy as np

NAME = "elman:layers=2,direction=bidirectional"


class Masked:
    """Right: a state is kept where a row has not begun (backward) or has ended (forward)."""

    claims = {"networks": [NAME]}
    keeps = True
    masks_outputs = True
    flips_back = True

    def run(self, params, x, state, lengths=None):
        self.tape, final = {}, {}
        steps, rows, _ = x.shape
        lengths = np.full(rows, steps) if lengths is None else np.asarray(lengths)
        self.valid = (np.arange(steps)[:, None] < lengths[None])[..., None]
        below = x
        for layer in (0, 1):
            halves = []
            for way in ("forward", "backward"):
                key = f"{layer}.{way}."
                outputs, final[key + "h"] = self.read(params, key, below, state[key + "h"], way == "backward")
                halves.append(outputs)
            below = np.concatenate(halves, axis=2)
        return below, final

    def order(self, steps, backward):
        return range(steps - 1, -1, -1) if backward else range(steps)

    def read(self, params, key, x, h, backward):
        W, U, b = (params[f"{key}{kind}_h"] for kind in "WUb")
        outputs, before, after = np.zeros((*x.shape[:2], len(b)), x.dtype), {}, {}
        for t in self.order(len(x), backward):
            new = np.tanh(x[t] @ W.T + h @ U.T + b)
            before[t], after[t] = h, new
            h = np.where(self.valid[t], new, h) if self.keeps else new
            outputs[t] = np.where(self.valid[t], new, 0) if self.masks_outputs else new
        self.tape[key] = x, before, after
        return outputs, h

    def grad(self, params, x, state, cotangents, lengths=None):
        grads, initial = {}, {}
        dy = cotangents["outputs"]
        for layer in (1, 0):
            size = len(params[f"{layer}.forward.b_h"])
            below = 0
            for way, d in (("forward", dy[..., :size]), ("backward", dy[..., size:])):
                key = f"{layer}.{way}."
                part, dx, initial[key + "h"] = self.pull(
                    params, key, d, cotangents["state"][key + "h"], way == "backward"
                )
                grads |= part
                below = below + dx
            dy = below
        return {"params": {name: grads[name] for name in params}, "x": dy, "state": initial}

    def pull(self, params, key, d, dh, backward):
        x, before, after = self.tape[key]
        W, U = params[key + "W_h"], params[key + "U_h"]
        dW, dU, db, dx = np.zeros_like(W), np.zeros_like(U), np.zeros_like(params[key + "b_h"]), np.zeros_like(x)
        for t in reversed(list(self.order(len(x), backward))):
            dz = np.where(self.valid[t], (dh + d[t]) * (1 - after[t] ** 2), 0)
            dW, dU, db = dW + dz.T @ x[t], dU + dz.T @ before[t], db + dz.sum(axis=0)
            dx[t] = dz @ W
            dh = np.where(self.valid[t], dz @ U, dh)
        return {key + "W_h": dW, key + "U_h": dU, key + "b_h": db}, dx, dh


class IgnoresLengths(Masked):
    def run(self, params, x, state, lengths=None):
        return super().run(params, x, state, None)


class OutputsGoOn(Masked):
    """The outputs in the padding are not zero."""

    masks_outputs = False


class StateGoesOn(Masked):
    """The state goes on through the padding: the final one is that at the last step of the batch."""

    keeps = False


class BackwardNotFlippedBack(Masked):
    def run(self, params, x, state, lengths=None):
        outputs, final = super().run(params, x, state, lengths)
        half = outputs.shape[2] // 2
        return np.concatenate([outputs[..., :half], outputs[::-1, :, half:]], axis=2), final


class ExchangesTheDirections(Masked):
    """The halves of the last layer's outputs are exchanged."""

    def run(self, params, x, state, lengths=None):
        outputs, final = super().run(params, x, state, lengths)
        return np.roll(outputs, outputs.shape[2] // 2, axis=2), final


class ChangesTheLengths(Masked):
    def run(self, params, x, state, lengths=None):
        found = super().run(params, x, state, None if lengths is None else lengths.copy())
        if lengths is not None:
            lengths[...] = len(x)
        return found


class KeepsTheLengths(Masked):
    """The lengths of the first call are those of every later one of its sizes."""

    def run(self, params, x, state, lengths=None):
        kept = getattr(self, "kept", {})
        self.kept = kept
        return super().run(params, x, state, kept.setdefault(x.shape, lengths))


class GradientSeesThePadding(Masked):
    """The mask is forgotten in the backward pass."""

    def grad(self, params, x, state, cotangents, lengths=None):
        self.valid = np.ones_like(self.valid)
        return super().grad(params, x, state, cotangents, lengths)

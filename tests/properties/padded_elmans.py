"""Tanh units whose outputs past a row's end are not zero: the last valid one again, or what runs on."""

import numpy as np
from ragged_elmans import NAME, Masked


def ends(x, lengths):
    """The length of every row, and which steps are valid, (T,B,1)."""
    steps, rows, _ = x.shape
    lengths = np.full(rows, steps) if lengths is None else np.asarray(lengths)
    return lengths, (np.arange(steps)[:, None] < lengths[None])[..., None]


class Repeats(Masked):
    """Right: two layers, both directions, the last valid output repeated."""

    claims = {"networks": [f"{NAME},padding=repeat"]}

    def run(self, params, x, state, lengths=None):
        outputs, final = super().run(params, x, state, lengths)
        lengths, _ = ends(x, lengths)
        return np.stack([outputs[np.minimum(t, lengths - 1), range(len(lengths))] for t in range(len(x))]), final

    def grad(self, params, x, state, cotangents, lengths=None):
        lengths, valid = ends(x, lengths)
        outputs = np.where(valid, cotangents["outputs"], 0)
        beyond = np.where(valid, 0, cotangents["outputs"]).sum(axis=0)
        for row, length in enumerate(lengths):
            if length:
                outputs[length - 1, row] += beyond[row]
        return super().grad(params, x, state, cotangents | {"outputs": outputs}, lengths)


class RepeatsNothing(Repeats):
    """The padding stays zero, as do its cotangents' gradients."""

    run, grad = Masked.run, Masked.grad


class ForgetsTheRepeated(Repeats):
    """The cotangents in the padding are forgotten."""

    grad = Masked.grad


class RepeatsTheLastStep(Repeats):
    """Where a row has ended, the output of the step before its last one."""

    def run(self, params, x, state, lengths=None):
        outputs, final = super().run(params, x, state, lengths)
        lengths, valid = ends(x, lengths)
        early = outputs[np.maximum(lengths - 2, 0), range(len(lengths))]
        return np.where(valid, outputs, early), final


class RunsOn:
    """Right: one layer; the final state is picked at the row's own end."""

    claims = {"networks": ["elman:padding=run"]}

    def seen(self, x, lengths):
        return x

    def picked(self, every, lengths):
        return every[lengths, range(len(lengths))]

    def run(self, params, x, state, lengths=None):
        self.lengths, self.valid = ends(x, lengths)
        every = [state["h"]]
        for x_t in self.seen(x, self.lengths):
            every.append(np.tanh(x_t @ params["W_h"].T + every[-1] @ params["U_h"].T + params["b_h"]))
        self.every = np.stack(every)
        return self.every[1:], {"h": self.picked(self.every, self.lengths)}

    def entering(self, t, d_final):
        """The cotangent of the final state, in the rows that end with the t-th state."""
        return np.where((self.lengths == t)[:, None], d_final, 0)

    def grad(self, params, x, state, cotangents, lengths=None):
        found = {name: np.zeros_like(value) for name, value in params.items()}
        dx, dh, d_final = np.zeros_like(x), np.zeros_like(state["h"]), cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            dz = (dh + cotangents["outputs"][t] + self.entering(t + 1, d_final)) * (1 - self.every[t + 1] ** 2)
            found["W_h"] += dz.T @ x[t]
            found["U_h"] += dz.T @ self.every[t]
            found["b_h"] += dz.sum(axis=0)
            dx[t], dh = dz @ params["W_h"], dz @ params["U_h"]
        return {"params": found, "x": dx, "state": {"h": dh + self.entering(0, d_final)}}


class EndsWithTheBatch(RunsOn):
    """The final state is that after the last step of the batch."""

    def picked(self, every, lengths):
        return every[-1]


class PullsFromTheLastStep(RunsOn):
    """The cotangent of the final state enters at the last step of the batch."""

    def entering(self, t, d_final):
        return d_final if t == len(self.every) - 1 else np.zeros_like(d_final)


class StopsThePadding(RunsOn):
    """The outputs in the padding are zero."""

    def run(self, params, x, state, lengths=None):
        outputs, final = super().run(params, x, state, lengths)
        return np.where(self.valid, outputs, 0), final


class SeesThePadding(RunsOn):
    """The first input has a millionth of the last one in it."""

    def seen(self, x, lengths):
        return np.concatenate([x[:1] + x[-1:] * x.dtype.type(2.0**-20), x[1:]])


class NoGradientInThePadding(RunsOn):
    def grad(self, params, x, state, cotangents, lengths=None):
        found = super().grad(params, x, state, cotangents, lengths)
        return found | {"x": np.where(self.valid, found["x"], 0)}

"""Wrong LSTMs, each with one mistake that somebody made, in plain NumPy; right_lstms.Packed is the right one."""

import numpy as np
import right_lstms


class CutsLargeGradients(right_lstms.Packed):
    """No cotangent of a pre-activation is larger than 5."""

    def of_gates(self, dz):
        return np.clip(dz, -5, 5)


class KeepsItsState(right_lstms.Packed):
    """The second call starts where the first one ended."""

    kept = None

    def run(self, params, x, state):
        fits = self.kept is not None and self.kept["h"].shape == state["h"].shape
        outputs, self.kept = super().run(params, x, self.kept if fits else state)
        return outputs, self.kept


class ReturnsItsBuffer(right_lstms.Packed):
    """The outputs are a view of a buffer that the next call of that size fills again."""

    buffers = None

    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        self.buffers = self.buffers or {}
        buffer = self.buffers.setdefault(outputs.shape, np.empty_like(outputs))
        buffer[...] = outputs
        return buffer, final


class RemembersByShape(right_lstms.Packed):
    """The first result of a shape is returned for every later call of that shape."""

    known = None

    def run(self, params, x, state):
        self.known = self.known or {}
        outputs, final = super().run(params, x, state)
        return self.known.setdefault(x.shape, (outputs, final))


class RemembersByInput(right_lstms.Packed):
    """The gradient is remembered by x alone: other cotangents get the first ones' gradient."""

    known = None

    def grad(self, params, x, state, cotangents):
        self.known = self.known or {}
        return self.known.setdefault(x.tobytes(), super().grad(params, x, state, cotangents))


class ShowsNaN(right_lstms.WithStep):
    """The states that it shows are not those of its run."""

    def states(self, params, x, state, lengths=None):
        return {name: value * np.nan for name, value in super().states(params, x, state).items()}


class StepKeepsItsState(right_lstms.WithStep):
    kept = None

    def step(self, params, x, state):
        output, self.kept = super().step(params, x, self.kept or state)
        return output, self.kept

    states = None


class StepOverwritesTheState(right_lstms.WithStep):
    def step(self, params, x, state):
        output, new = super().step(params, x, state)
        for name, value in new.items():
            state[name][...] = value
        return output, new

    states = None


class StepReturnsFloat32(right_lstms.WithStep):
    claims = {"dtypes": ["float64"]}

    def step(self, params, x, state):
        output, new = super().step(params, x, state)
        return output.astype(np.float32).astype(np.float64).astype(np.float32), new

    states = None


class ReadsWeightsInMemoryOrder(right_lstms.Packed):
    def run(self, params, x, state):
        return super().run({k: v.ravel(order="K").reshape(v.shape) for k, v in params.items()}, x, state)


class ZeroMeansNothing(right_lstms.Packed):
    """A short cut: where all inputs are zero the state is returned as it was."""

    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return (outputs, final) if x.any() else (0 * outputs, dict(state))


class Float32Inside(right_lstms.Packed):
    claims = {"dtypes": ["float64"]}

    def run(self, params, x, state):
        low = [{k: np.asarray(v, dtype=np.float32) for k, v in part.items()} for part in (params, {"x": x}, state)]
        outputs, final = super().run(low[0], low[1]["x"], low[2])
        return outputs.astype(np.float64), {k: v.astype(np.float64) for k, v in final.items()}

    def grad(self, params, x, state, cotangents):
        right_lstms.Packed.run(self, params, x, state)
        return super().grad(params, x, state, cotangents)


class ScalesItsInput(right_lstms.Packed):
    def run(self, params, x, state):
        outcome = super().run(params, x.copy(), state)
        if x.flags.writeable:
            x /= 2
        return outcome


class ReadsMemoryOrder(right_lstms.Packed):
    def run(self, params, x, state):
        return super().run(params, x.ravel(order="K").reshape(x.shape), state)


class IgnoresInitialC(right_lstms.Packed):
    def run(self, params, x, state):
        return super().run(params, x, {**state, "c": np.zeros_like(state["c"])})


class ExchangesFinalStates(right_lstms.Packed):
    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return outputs, {"h": final["c"], "c": final["h"]}


class FinalStateOneStepEarly(right_lstms.Packed):
    def run(self, params, x, state):
        early = super().run(params, x[:-1], state)[1] if len(x) > 1 else state
        return super().run(params, x, state)[0], early


class Overflows(right_lstms.Packed):
    @staticmethod
    def sigmoid(z):
        return np.exp(z) / (1 + np.exp(z))


class BatchMean(right_lstms.Packed):
    def run(self, params, x, state):
        return super().run(params, x - x.mean(axis=1, keepdims=True, dtype=x.dtype), state)


class OnlyTwoRows(right_lstms.Packed):
    def run(self, params, x, state):
        x = x.copy()
        x[:, 2:] = x[:, :1]
        return super().run(params, x, state)


class SeesTheFuture(right_lstms.Packed):
    def run(self, params, x, state):
        return super().run(params, np.concatenate([x[1:], x[-1:]]), state)


class IgnoresOrder(right_lstms.Packed):
    def run(self, params, x, state):
        return super().run(params, np.repeat(x.mean(axis=0, keepdims=True, dtype=x.dtype), len(x), axis=0), state)


class ForgetsOneGateInDx(right_lstms.Packed):
    def grad(self, params, x, state, cotangents):
        full = super().grad(params, x, state, cotangents)
        without = super().grad({**params, "W_o": 0 * params["W_o"]}, x, state, cotangents)
        return {**full, "x": without["x"]}


class MeanOverTheBatch(right_lstms.Packed):
    def grad(self, params, x, state, cotangents):
        full = super().grad(params, x, state, cotangents)
        return {**full, "params": {k: v / x.shape[1] for k, v in full["params"].items()}}


class ReturnsFloat32(right_lstms.Packed):
    claims = {"dtypes": ["float64"]}

    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return outputs.astype(np.float32), final


class OneLastBit(right_lstms.Packed):
    """A gate is off by one part in 10^12: no allclose would see it."""

    claims = {"dtypes": ["float64"]}

    @staticmethod
    def sigmoid(z):
        return right_lstms.by_exp(z) * (1 + 1e-12)

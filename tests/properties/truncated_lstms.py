"""LSTMs that are right but for where their backward pass ends, and right ones that return more, or less, of it."""

import numpy as np
from right_lstms import Packed


class CutAfterSix(Packed):
    """Backpropagation over the last six steps of any run."""

    def carried(self, t, dh, dc):
        keep = len(self.tape) - t < 6
        return keep * dh, keep * dc


class CutAfterOne(Packed):
    def carried(self, t, dh, dc):
        return 0 * dh, 0 * dc


class DetachedEveryThree(Packed):
    """The state is detached every three steps, from the first on."""

    def carried(self, t, dh, dc):
        return (t % 3 != 0) * dh, (t % 3 != 0) * dc


class DetachedOnce(Packed):
    def carried(self, t, dh, dc):
        return (t != 2) * dh, (t != 2) * dc


class WrongAfterThree(Packed):
    """Nothing is cut off, but the fourth step of the backward pass is doubled."""

    def carried(self, t, dh, dc):
        twice = 1 + (len(self.tape) - t == 3)
        return twice * dh, twice * dc


class ShowsInnerCotangents(Packed):
    """Returns dh_t and dc_t of every step as well; ``spoil`` changes what is returned of dc."""

    spoil = staticmethod(lambda dc: dc)

    def grad(self, params, x, state, cotangents):
        self.inner = []
        found = super().grad(params, x, state, cotangents)
        carried = [*reversed(self.inner), (cotangents["state"]["h"], cotangents["state"]["c"])][1:]
        dh = np.stack([dh for dh, _ in carried]) + cotangents["outputs"]
        through_h = [dh[t] * o * (1 - np.tanh(new) ** 2) for t, (*_, o, new) in enumerate(self.tape)]
        dc = np.stack([dc for _, dc in carried]) + np.stack(through_h)
        return {**found, "states": {"h": dh, "c": self.spoil(dc)}}

    def carried(self, t, dh, dc):
        self.inner.append((dh, dc))
        return dh, dc


class WrongInnerCotangent(ShowsInnerCotangents):
    """dc of every step but the last without what comes through h."""

    @staticmethod
    def spoil(dc):
        return np.concatenate([dc[:1] * 2, dc[1:]])


class WithoutX:
    """Its gradient by x is not returned."""

    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        return {name: found[name] for name in ("params", "state")}


class RightWithoutX(WithoutX, Packed):
    pass


class CutWithoutX(WithoutX, CutAfterSix):
    pass


class OutputsAlone:
    """No final state is returned."""

    def run(self, params, x, state):
        return super().run(params, x, state)[0], None


class CutWithOutputsAlone(OutputsAlone, CutAfterSix):
    pass


class RightWithOutputsAlone(OutputsAlone, Packed):
    pass


class InitialStatesAlone(Packed):
    """No gradient but that by the initial states."""

    def grad(self, params, x, state, cotangents):
        return {"state": super().grad(params, x, state, cotangents)["state"]}

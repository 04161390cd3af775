"""LSTMs whose gradients are wrong in ways of different kinds."""

import numpy as np
from right_lstms import Packed


class Changed(Packed):
    """The gradients by the parameters are changed; ``change(value, name, T, B)``."""

    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        T, B = x.shape[:2]
        changed = {name: self.change(value, name, T, B) for name, value in found["params"].items()}
        return {**found, "params": changed}


class MeanOverTime(Changed):
    def change(self, value, name, T, B):
        return value / T


class MeanOverAll(Changed):
    def change(self, value, name, T, B):
        return value / (T * B)


class XOfMeanLoss(Packed):
    """The gradient by x is that of a mean over the batch."""

    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        return {**found, "x": found["x"] / x.shape[1]}


class TimesT(Changed):
    def change(self, value, name, T, B):
        return value * T


class BiasesOtherwise(Changed):
    """A mean over time, that of the biases over the batch as well."""

    def change(self, value, name, T, B):
        return value / (T * B if name.startswith("b") else T)


class SevenTenths(Changed):
    def change(self, value, name, T, B):
        return 0.7 * value


class NotScaled(Changed):
    """Off by a hundredth of the largest entry."""

    def change(self, value, name, T, B):
        return value + 0.01 * np.abs(value).max()


class Single(Changed):
    def change(self, value, name, T, B):
        return value.astype("float32").astype("float64")


class NotANumber(Changed):
    def change(self, value, name, T, B):
        return value * np.inf


class Nothing(Changed):
    def change(self, value, name, T, B):
        return 0 * value


class Random(Changed):
    """Something is left out of every entry, at random."""

    drawn = np.random.default_rng(0)

    def change(self, value, name, T, B):
        return value * self.drawn.random(value.shape)

"""Activation functions, each with its pullback.

A pullback is written in the output y = a(z): y is what the forward pass has kept, z is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from rnnproof.cells.contract import Array


@dataclass(frozen=True)
class Activation:
    """y = a(z) and dz = a'(z)^T dy.

    ``value(z, xp)`` gives y; ``pullback(dy, y)`` gives dz. Shapes: z, y, dy, dz all (..., N).
    """

    value: Callable[[Array, ModuleType], Array]
    pullback: Callable[[Array, Array], Array]


def identity(z: Array, xp: ModuleType = np) -> Array:
    """identity(z) = z."""
    return z


def relu(z: Array, xp: ModuleType = np) -> Array:
    """relu(z) = max(z, 0), with slope 0 at the kink; nan stays nan.

    Shapes: any.
    """
    # Not xp.maximum: differentiating that splits the cotangent in two at the kink.
    y: Array = xp.where(z <= 0, 0, z)
    return y


def tanh(z: Array, xp: ModuleType = np) -> Array:
    """tanh(z) = (e^z - e^-z) / (e^z + e^-z)."""
    y: Array = xp.tanh(z)
    return y


def sigmoid(z: Array, xp: ModuleType = np) -> Array:
    """sigmoid(z) = 1 / (1 + e^-z) = (1 + tanh(z/2)) / 2, in the dtype of z.

    The second form has no branch, and nothing in it can overflow; it is exact at 0, and elsewhere its error
    is about one unit roundoff, absolutely. The price is the lower tail: below about -38 (-20 in single
    precision) it is 0, and so is the slope y (1 - y), as in the upper tail; the true slope is then less than
    one unit roundoff.

    Shapes: any.
    """
    y: Array = 0.5 + 0.5 * xp.tanh(0.5 * z)
    return y


def hard_sigmoid(slope: float) -> Activation:
    """min(max(slope z + 1/2, 0), 1), flat from the kinks on; nan stays nan.

    Keras 2 has the slope 1/5; torch.nn.Hardsigmoid and Keras 3 have 1/6.

    Shapes: any.
    Reference: M. Courbariaux, Y. Bengio and J.-P. David, BinaryConnect: training deep neural networks with binary
    weights during propagations, NIPS 2015 (there with slope 1/2).
    """

    def value(z: Array, xp: ModuleType = np) -> Array:
        line = slope * z + 0.5
        y: Array = xp.where(line <= 0, 0, xp.where(line >= 1, 1, line))
        return y

    return Activation(value, lambda dy, y: np.where((y > 0) & (y < 1), slope * dy, 0))


def clip(bound: float) -> Activation:
    """min(max(z, -bound), bound), flat from the kinks on; nan stays nan.

    Shapes: any.
    """

    def value(z: Array, xp: ModuleType = np) -> Array:
        y: Array = xp.where(z >= bound, bound, xp.where(z <= -bound, -bound, z))
        return y

    return Activation(value, lambda dy, y: np.where((y > -bound) & (y < bound), dy, 0))


def softmax(z: Array, xp: ModuleType = np) -> Array:
    """softmax(z)_k = e^z_k / sum_j e^z_j, over the last axis.

    Shapes: z (..., O) with O > 0.
    """
    # The shift cancels in the quotient; with it the largest exponent is 0, so nothing overflows.
    e = xp.exp(z - xp.max(z, axis=-1, keepdims=True))
    y: Array = e / xp.sum(e, axis=-1, keepdims=True)
    return y


ACTIVATIONS: Mapping[str, Activation] = {
    "tanh": Activation(tanh, lambda dy, y: dy * (1 - y * y)),
    "relu": Activation(relu, lambda dy, y: dy * (y > 0)),
    "sigmoid": Activation(sigmoid, lambda dy, y: dy * y * (1 - y)),
    "identity": Activation(identity, lambda dy, y: dy),
    # Its Jacobian diag(y) - y y^T is symmetric, and mixes the entries.
    "softmax": Activation(softmax, lambda dy, y: y * (dy - (dy * y).sum(axis=-1, keepdims=True))),
}

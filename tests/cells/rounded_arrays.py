"""Arrays with a radius that holds every right floating-point computation of them.

The rule: if every right computation of a is within ``radius`` of ``a.value``, and likewise of b, then every
right computation of a*b is within ``(a*b).radius`` of ``(a*b).value``. What rounds, rounds twice: once in the
other computation, and once in ours, which is only one more of them.

A sum of n products errs by at most n u sum|terms|, in whatever order it is taken, and by a subnormal spacing
for each product that underflows.

Reference: C.-P. Jeannerod and S. M. Rump, Improved error bounds for inner products in floating-point
arithmetic, SIAM J. Matrix Anal. Appl. 34 (2013) 338-344.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# A library's tanh, sigmoid and softmax, and slopes made of them, are taken to be right within this many units
# roundoff, absolutely. NumPy's are measured in test_cells_activation.py.
FUNCTION_ERROR = 8


@dataclass(frozen=True)
class Rounded:
    """Shapes: value and radius alike, float64, whatever ``format`` the others compute in."""

    value: Any
    radius: Any
    format: np.finfo

    @property
    def size(self):
        return np.abs(self.value) + self.radius

    def of(self, value, carried, terms, n):
        """value, with the radius carried over and n roundings on terms of that size."""
        u, spacing = float(self.format.eps) / 2, float(self.format.smallest_subnormal)
        return Rounded(value, carried + 2 * n * (u * terms + spacing), self.format)

    def __add__(self, other):
        # Counted twice, so that a sum of three holds in every order.
        return self.of(self.value + other.value, self.radius + other.radius, self.size + other.size, 2)

    def __mul__(self, other):
        carried = self.size * other.radius + self.radius * other.size
        return self.of(self.value * other.value, carried, self.size * other.size, 1)

    def __sub__(self, other):
        return self.of(self.value - other.value, self.radius + other.radius, self.size + other.size, 2)

    def __matmul__(self, other):
        carried = self.size @ other.radius + self.radius @ other.size
        return self.of(self.value @ other.value, carried, self.size @ other.size, self.value.shape[1])

    def __getitem__(self, index):
        return Rounded(self.value[index], self.radius[index], self.format)

    @property
    def T(self):
        return Rounded(self.value.T, self.radius.T, self.format)

    def smooth(self, value, slope):
        """f(self), for a function with slopes up to ``slope`` and values in [-1, 1]: no two differ by more than 2."""
        carried = np.minimum(slope * self.radius, 2)
        return self.of(value, carried, np.ones_like(value), FUNCTION_ERROR)

    def full(self, number):
        """A column of that number, exact. Shapes: (N,M) -> (N,1)."""
        return exact(np.full((len(self.value), 1), number), self.format)


def exact(array, format) -> Rounded:
    array = np.asarray(array, dtype=np.float64)
    return Rounded(array, np.zeros_like(array), format)


def join(arrays, axis=0) -> Rounded:
    values, radii = ([getattr(array, part) for array in arrays] for part in ("value", "radius"))
    return Rounded(np.concatenate(values, axis), np.concatenate(radii, axis), arrays[0].format)


def total(arrays) -> Rounded:
    """The sum of all of them, in any order."""
    values, radii, sizes = ([getattr(array, part) for array in arrays] for part in ("value", "radius", "size"))
    return arrays[0].of(sum(values), sum(radii), sum(sizes), len(arrays) - 1)


def stack(arrays) -> Rounded:
    return join([array[np.newaxis] for array in arrays])


def affine(*terms) -> Rounded:
    """The sum of W s over the pairs (W, s), as one sum. Shapes: W (N,M), s (B,M)."""
    weights, signals = zip(*terms, strict=True)
    return join(signals, axis=1) @ join(weights, axis=1).T


# An activation gives y = a(z) and, from z alone, its slope. |tanh''| <= 0.77 and |sigmoid''| <= 0.1.


def tanh(z):
    return z.smooth(np.tanh(z.value), 1)


def tanh_slope(z):
    return z.smooth(1 - np.tanh(z.value) ** 2, 0.77)


def sigmoid(z):
    return z.smooth(0.5 + 0.5 * np.tanh(z.value / 2), 0.25)


def sigmoid_slope(z):
    return z.smooth(0.25 * (1 - np.tanh(z.value / 2) ** 2), 0.1)


def relu(z):
    return Rounded(np.maximum(z.value, 0), z.radius, z.format)


def relu_slope(z):
    near_the_kink = np.abs(z.value) <= z.radius
    return Rounded((z.value > 0) * 1.0, near_the_kink * 1.0, z.format)


def identity(z):
    return z


def identity_slope(z):
    return exact(np.ones_like(z.value), z.format)


def clip(bound):
    """(value, slope) of min(max(z, -bound), bound)."""

    def slope(z):
        near_a_kink = np.abs(np.abs(z.value) - bound) <= z.radius
        return Rounded((np.abs(z.value) < bound) * 1.0, near_a_kink * 1.0, z.format)

    return lambda z: Rounded(np.clip(z.value, -bound, bound), z.radius, z.format), slope


def hard_sigmoid(slope):
    """(value, slope) of min(max(slope z + 1/2, 0), 1); the slope itself is rounded too."""

    def line(z):
        return z.of(slope * z.value + 0.5, slope * z.radius, slope * z.size + 0.5, 3)

    def flat_outside(z):
        y = line(z)
        inside, near_a_kink = np.abs(y.value - 0.5) < 0.5, np.abs(np.abs(y.value - 0.5) - 0.5) <= y.radius
        return z.of(slope * inside, slope * near_a_kink, slope + 0 * y.value, 1)

    return lambda z: Rounded(np.clip(line(z).value, 0, 1), line(z).radius, z.format), flat_outside


ACTIVATIONS = {
    "tanh": (tanh, tanh_slope),
    "sigmoid": (sigmoid, sigmoid_slope),
    "relu": (relu, relu_slope),
    "identity": (identity, identity_slope),
}


def softmax(z):
    """By the mean value theorem: sum_j |dy_k/dz_j| = 2 y_k (1 - y_k) <= 1/2."""
    e = np.exp(z.value - z.value.max(axis=1, keepdims=True))
    value = e / e.sum(axis=1, keepdims=True)
    widest = z.radius.max(axis=1, keepdims=True)
    return z.of(value, 0.5 * widest + 0 * value, np.ones_like(value), FUNCTION_ERROR + value.shape[1])


def softmax_pullback(z, dy):
    """dz_k = y_k (dy_k - sum_j dy_j y_j).

    Who differentiates the shift by the largest z too adds a sum of all dz, which is 0 up to its rounding.
    """
    y = softmax(z)
    columns = y.value.shape[1]
    inner = (dy * y) @ exact(np.ones((columns, columns)), z.format)
    difference = dy.of(dy.value - inner.value, dy.radius + inner.radius, dy.size + inner.size, 1)
    product = y * difference
    shift = (dy.size * y.size).sum(axis=1, keepdims=True)
    return z.of(product.value, product.radius, 2 * shift, FUNCTION_ERROR + columns)

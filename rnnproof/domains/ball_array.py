"""Arrays of Arb's balls: object arrays, entry by entry; matrix products by Arb's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, arb_mat

from rnnproof.domains.ball import APPLIED
from rnnproof.model.case import Array

Balls = Any  # an object array of flint.arb

_exactly = np.frompyfunc(lambda number: arb(float(number)), 1, 1)
_middle = np.frompyfunc(lambda ball: float(arb(ball)), 1, 1)


def _above(ball: Any) -> float:
    ball = arb(ball)
    return 0.0 if ball.is_exact() else math.nextafter(float(ball.rad()), math.inf)


_radius = np.frompyfunc(_above, 1, 1)

ACTIVATIONS: Mapping[str, Callable[[Balls], Balls]] = {
    name: np.frompyfunc(function, 1, 1) for name, function in APPLIED.items()
}


def balls(numbers: Array) -> Balls:
    """Floats, exactly."""
    return np.asarray(_exactly(numbers), dtype=object)


def zeros(shape: tuple[int, ...]) -> Balls:
    """Zeros, exactly."""
    return balls(np.zeros(shape))


def middles(array: Balls) -> Array:
    """The middle of each ball, rounded to float64: to within 2^-53 of its size, or half a subnormal spacing."""
    return np.asarray(_middle(array), dtype=np.float64)


def radii(array: Balls) -> Array:
    """The radius of each ball, not below its true value; infinite where the ball is not finite."""
    return np.asarray(_radius(array), dtype=np.float64)


def matrix(array: Balls) -> Any:
    """A matrix of Arb's own."""
    return arb_mat(array.tolist())


def product(rows: Balls, ready: Any) -> Balls:
    """rows @ W, of a W made ready by ``matrix``."""
    found = arb_mat(rows.tolist()) * ready
    return np.array(found.tolist(), dtype=object).reshape(found.nrows(), found.ncols())


def softmax(z: Balls, axis: int) -> Balls:
    """exp(z - m) / sum of exp(z - m) along an axis, of any number m near the largest z."""
    largest = middles(z).max(axis=axis, keepdims=True)
    powers = ACTIVATIONS["exp"](z - balls(np.where(np.isfinite(largest), largest, 0.0)))
    return powers / powers.sum(axis=axis, keepdims=True)

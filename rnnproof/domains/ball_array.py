"""Arrays of Arb's balls: object arrays, entry by entry; matrix products by Arb's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, arb_mat

from rnnproof.domains.ball import APPLIED
from rnnproof.model.case import Array

Balls = Any  # an object array of flint.arb

_exactly = np.frompyfunc(lambda number: arb(float(number)), 1, 1)

_upper = np.frompyfunc(lambda ball: float(ball.abs_upper()), 1, 1)
_not_zero = np.frompyfunc(lambda ball: not ball.is_zero(), 1, 1)


def _step(z: arb) -> arb:
    """The derivative of relu: at 0, where anything in [0, 1] is accepted, the middle of it."""
    return arb(0.5) if z.is_zero() else APPLIED["step"](z)


ACTIVATIONS: Mapping[str, Callable[[Balls], Balls]] = {
    name: np.frompyfunc(function, 1, 1) for name, function in {**APPLIED, "step": _step}.items()
}


def balls(numbers: Array) -> Balls:
    """Floats, exactly."""
    return np.asarray(_exactly(numbers), dtype=object)


def zeros(shape: tuple[int, ...]) -> Balls:
    """Zeros, exactly."""
    return balls(np.zeros(shape))


def rounded(array: Balls) -> tuple[Array, Array]:
    """The float64 next to the middle of each ball, and how far from it the ball reaches at the most.

    That is 0 for a float64, and infinite where the ball, or its middle as a float64, is not finite.
    """
    middle = array.astype(np.float64)
    off = array - middle
    radius = _upper(off).astype(np.float64)
    inexact = radius > 0
    if not inexact.all():  # a radius that is below all float64, or none
        inexact[~inexact] = _not_zero(off[~inexact])
    return middle, np.where(np.isnan(radius), np.inf, np.where(inexact, np.nextafter(radius, np.inf), 0.0))


def matrix(array: Balls) -> Any:
    """A matrix of Arb's own."""
    return arb_mat(array.tolist())


def product(rows: Balls, ready: Any) -> Balls:
    """rows @ W, of a W made ready by ``matrix``; rows may have any leading axes."""
    found = arb_mat(rows.reshape(-1, rows.shape[-1]).tolist()) * ready
    return np.array(found.entries(), dtype=object).reshape(*rows.shape[:-1], found.ncols())


def softmax(z: Balls, axis: int) -> Balls:
    """exp(z - m) / sum of exp(z - m) along an axis, of any number m near the largest z."""
    largest = rounded(z)[0].max(axis=axis, keepdims=True)
    powers = ACTIVATIONS["exp"](z - balls(np.where(np.isfinite(largest), largest, 0.0)))
    return powers / powers.sum(axis=axis, keepdims=True)

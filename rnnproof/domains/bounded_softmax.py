"""The softmax of balls, and its adjoint: every accepted way of computing them stays inside.

Let y = softmax(z), and y' what it is when each exponent is off by E_j at the most. Then

    |log y'_k - log y_k| <= E_k + min(max_j E_j, sum over j of y_j (exp(E_j) - 1))

because y'_k / y_k = exp(e_k) / sum over j of y_j exp(e_j) for some |e_j| <= E_j. That z is known to within r is one
such E; and as both sum to 1, there |y'_k - y_k| is at most what all the other entries together are off by. Another E
is what is rounded on the way to exp, u being the unit roundoff and m the largest z:

    exp(z - m) / sum               u |z_j - m|
    exp(z - (m + log(sum)))        that, u |m|, and u log n six times: for log, for m + log, for z - that
    exp(z) / sum                   nothing; it is accepted where no exp leaves the format's range

Beside the exponents: n - 1 additions of positive terms, two exp and a division, n + 8 units; and what underflows.
"""

from __future__ import annotations

import numpy as np

from rnnproof.domains.bounded import Bounded, grow, inflate, where_finite
from rnnproof.domains.floating import softmax as computed
from rnnproof.domains.formats import LIBRARY_UNITS, Format, gamma
from rnnproof.domains.sums import Sum
from rnnproof.model.case import Array

SECOND_ORDER = 1 + 2.0**-6  # of the roundings on the way to exp, as long as they are not of the first
SMALLEST = 2.0**-1020  # above what a softmax that underflows in float64 may have been


def softmax(z: Bounded, axis: int, form: Format) -> Bounded:
    """exp(z_k) / sum of exp(z_j) along an axis. A row of which something is unknown is unknown."""
    known = np.isfinite(z.magnitude).all(axis=axis, keepdims=True)
    z = where_finite(z)
    y, n = computed(z.value, axis), z.value.shape[axis]
    near = _known_within(y, z.radius, axis)
    highest = np.fmin(y * SECOND_ORDER + near, 1)
    units = n + 2 * LIBRARY_UNITS
    rounded = gamma(units, form)
    off = (_off(highest, _exponents(z, axis, form), axis) + rounded) * grow(8)
    spread = np.fmin(near + (highest + SMALLEST) * np.expm1(off), 1 + rounded) + 4 * (n + 2) * form.lost
    return Bounded(y, np.where(known, inflate(spread, n), np.inf))


def _known_within(y: Array, radius: Array, axis: int) -> Array:
    """By how much the exact softmax may change, z being known to within a radius."""
    alone = np.fmin((y + SMALLEST) * SECOND_ORDER * np.expm1(_off(y, radius, axis) * grow(8)), 1)
    others = alone.sum(axis=axis, keepdims=True) * grow(y.shape[axis]) - alone
    return np.asarray(np.fmin(alone, others))


def _exponents(z: Bounded, axis: int, form: Format) -> Array:
    """What is rounded on the way to exp."""
    largest = z.value.max(axis=axis, keepdims=True) + z.radius.max(axis=axis, keepdims=True)
    top = z.magnitude.max(axis=axis, keepdims=True)
    logs = (LIBRARY_UNITS + 2) * np.log(z.value.shape[axis])
    return np.asarray(form.unit * SECOND_ORDER * (top + largest - z.value + z.radius + logs))


def _off(y: Array, exponents: Array, axis: int) -> Array:
    """By how much log y may be off, the exponents being off by so much at the most."""
    together = ((y * SECOND_ORDER + SMALLEST) * np.expm1(exponents)).sum(axis=axis, keepdims=True)
    return np.asarray(exponents + np.fmin(exponents.max(axis=axis, keepdims=True), together))


def mixed(factor: Bounded, weight: Bounded, received: Bounded, z: Bounded, axis: int, form: Format) -> Sum:
    """factor * sum along an axis of weight * received, beside a term of its own, in whatever order it is multiplied.

    Whether as y (d - sum of y d), with the matrix of all y_j y_k, or as exp and its sum differentiated one by one:
    a product passes through n + 3 roundings at the most. Who differentiates the shift too, adds to the largest z the
    sum of all d(z), which is zero but for what is rounded: n + 3 units of all the products, n - 1 of their sum, both
    of twice sum |y d|, and n - 1 of the sum of exp.
    """
    n = z.value.shape[axis]
    products = (weight.magnitude * received.magnitude).sum(axis=axis, keepdims=True)
    spread = weight.radius * received.magnitude + np.abs(weight.value) * received.radius
    own = np.abs(factor.value) * spread.sum(axis=axis, keepdims=True) + factor.radius * products
    least = (z.value - z.radius).max(axis=axis, keepdims=True)
    shift = np.where(z.value + z.radius >= least, gamma(5 * n + 3, form) * products, 0)
    lost = 4 * form.lost * (3 + received.magnitude).sum(axis=axis, keepdims=True)
    value = factor.value * (weight.value * received.value).sum(axis=axis, keepdims=True)
    size = factor.magnitude * products * (gamma(2 * (n + 3), form) / (2 * (n + 3) * form.unit))  # n u is for sums alone
    return Sum(value, inflate(own + shift + n * lost, n), size, n + 2, 2 * n, n)

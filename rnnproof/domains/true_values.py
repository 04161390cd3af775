"""An activation's true values at floats, to about twice float64's digits: Arb's, rounded twice."""

from __future__ import annotations

import numpy as np
from flint import arb

from rnnproof.domains.ball import APPLIED, precisely
from rnnproof.model.case import Array

BITS = 160
FLAT = 800.0  # beyond which exp(-|z|) is below half the smallest subnormal number of float64


def true_values(function: str, z: Array) -> tuple[Array, Array]:
    """f(z) as an unevaluated sum of two float64: the nearest one, and the nearest one to what is left.

    ``function``: sigmoid or tanh, which are flat far out.

    Shapes: z (N,), both results (N,).
    """
    f, nearest, left = APPLIED[function], np.empty(z.shape), np.empty(z.shape)
    with precisely(BITS):
        for n, number in enumerate(np.clip(z.astype(np.float64), -FLAT, FLAT).tolist()):
            value = f(arb(number))
            nearest[n] = float(value)
            left[n] = float(value - nearest[n])
    return nearest, left

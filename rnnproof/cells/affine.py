"""The one product that every backward pass over a sequence ends with."""

from __future__ import annotations

import numpy as np

from rnnproof.cells.contract import Array


def outer_sum(dz: Array, signal: Array) -> Array:
    """dW = sum over t and b of dz[t,b] signal[t,b]^T, the gradient of W in z = W signal, as a single product.

    Shapes: dz (T,B,N), signal (T,B,M); dW (N,M).
    """
    return np.tensordot(dz, signal, axes=((0, 1), (0, 1)))


def total(dz: Array) -> Array:
    """db = sum over t and b of dz[t,b], the gradient of b in z = W signal + b.

    Shapes: dz (T,B,N); db (N,).
    """
    db: Array = dz.sum(axis=(0, 1))
    return db

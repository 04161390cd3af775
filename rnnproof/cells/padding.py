"""Which entries are padding, and what a layer's outputs are there."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.cells.contract import Array, Arrays, Cotangents, Gradients, Layer, Lengths
from rnnproof.cells.contract import Cache as LayerCache
from rnnproof.errors import UsageError


def checked(lengths: object, T: int, B: int) -> Lengths | None:
    """The lengths as signed integers; None stays None, which is no padding. Shapes: (B,).

    Errors: UsageError for lengths that are not B whole numbers from 0 to T.
    """
    if lengths is None:
        return None
    given = np.asarray(lengths)
    if (given.dtype.kind not in "iu" and given.size) or given.shape != (B,):
        raise UsageError(f"lengths {lengths!r}: expected {B} whole numbers, one for each row")
    if given.size and not (given.min() >= 0 and given.max() <= T):
        raise UsageError(f"lengths {given.tolist()}: expected numbers from 0 to {T}, the steps of x")
    return given.astype(np.int64)


def valid(lengths: Lengths, T: int) -> Any:
    """Whether step t of row b is one. Shapes: lengths (B,), result (T,B,1)."""
    return (np.arange(T)[:, np.newaxis] < lengths)[:, :, np.newaxis]


def zeroed(array: Array, lengths: Lengths | None, xp: ModuleType = np) -> Array:
    """The array with zeros in the padding, whatever stood there: selected, since 0 nan is nan. Shapes: (T,B,N)."""
    if lengths is None:
        return array
    selected: Array = xp.where(valid(lengths, len(array)), array, 0)
    return selected


@dataclass(frozen=True)
class Cache:
    """The cache of the layer, and the lengths, (B,)."""

    layer: LayerCache
    lengths: Lengths | None

    @property
    def states(self) -> Arrays:
        """The layer's."""
        return self.layer.states


def zero(layer: Layer) -> Layer:
    """The layer with zeros for outputs in the padding; the cotangents there do not count. Shapes: as the layer's."""
    forward, backward = layer

    def forward_zero(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> tuple[tuple[Array, dict[str, Array]], Cache]:
        (outputs, final), cache = forward(params, x, state, lengths=lengths, xp=xp)
        return (zeroed(outputs, lengths, xp), final), Cache(cache, lengths)

    def backward_zero(cotangents: Cotangents, cache: Any) -> Gradients:
        d_outputs = zeroed(cotangents["outputs"], cache.lengths)
        return backward({"outputs": d_outputs, "state": cotangents["state"]}, cache.layer)

    return forward_zero, backward_zero


def repeat(layer: Layer) -> Layer:
    """The layer with its last valid output in the padding; a row of length 0 has none, and stays zero.

    The cotangents in the padding belong to that last valid output.

    Shapes: as the layer's.
    """
    forward, backward = zero(layer)

    def forward_repeated(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> tuple[tuple[Array, dict[str, Array]], Cache]:
        (outputs, final), cache = forward(params, x, state, lengths=lengths, xp=xp)
        if lengths is not None:
            last = np.maximum(lengths - 1, 0)
            outputs = outputs[np.minimum(np.arange(len(x))[:, np.newaxis], last), np.arange(len(last))]
        return (outputs, final), Cache(cache, lengths)

    def backward_repeated(cotangents: Cotangents, cache: Any) -> Gradients:
        d_outputs = gathered(cotangents["outputs"], cache.lengths)
        return backward({"outputs": d_outputs, "state": cotangents["state"]}, cache.layer)

    return forward_repeated, backward_repeated


def gathered(d_outputs: Array, lengths: Lengths | None) -> Array:
    """The cotangents in the padding added to that of the last valid step. Shapes: (T,B,N), lengths (B,)."""
    if lengths is None:
        return d_outputs
    is_valid = valid(lengths, len(d_outputs))
    beyond = np.where(is_valid, 0, d_outputs).sum(axis=0)
    is_last = is_valid & ~valid(lengths - 1, len(d_outputs))
    return np.where(is_valid, d_outputs, 0) + np.where(is_last, beyond, 0)

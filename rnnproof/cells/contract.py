"""What every hand-written cell has in common: the words of its signatures.

A cell is a pair of functions over a whole sequence::

    forward(params, x, state, xp=numpy) -> ((outputs, final_state), cache)
    backward(cotangents, cache)         -> {"params": ..., "x": ..., "state": ...}

``xp`` is the array namespace to compute in, as in the array API standard: whoever differentiates the forward
pass hands in a namespace that records what is done, and the code stays the same. ``backward`` always
computes in NumPy. All arrays of one call have one floating dtype, and that is the dtype of the results.

A layer is such a pair that also takes ``lengths``, the number of valid steps of each row (``ragged`` makes one of
a cell), and whatever is made of layers (two directions, a stack, a readout on top) is a layer again.

Shapes: x (T,B,I), outputs (T,B,H) or (T,B,O), each state (B,H); a cotangent is shaped as what it belongs to;
lengths (B,).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Arrays = Mapping[str, Array]
Lengths = NDArray[np.integer[Any]]


class Cotangents(TypedDict):
    """dL/d(outputs) and dL/d(each final state): complete, zeros where L does not look."""

    outputs: Array
    state: Arrays


class Gradients(TypedDict):
    """dL/d(each parameter), dL/dx and dL/d(each initial state), summed over time and batch where shared."""

    params: dict[str, Array]
    x: Array
    state: dict[str, Array]


class Cache(Protocol):
    """What a forward pass keeps for its backward pass; everybody may read its states."""

    @property
    def states(self) -> Arrays:
        """Each state before the first step and after every step, (T+1,B,H)."""


class Forward(Protocol):
    """y, s_T = f(params, x, s_0), and what its backward pass needs."""

    def __call__(
        self, params: Arrays, x: Array, state: Arrays, *, xp: ModuleType = ...
    ) -> tuple[tuple[Array, dict[str, Array]], Any]:
        """((outputs, final state), cache)."""


class Backward(Protocol):
    """The vector-Jacobian product of the forward pass that filled the cache."""

    def __call__(self, cotangents: Cotangents, cache: Any) -> Gradients:
        """Gradients for parameters, x and initial state."""


class LayerForward(Protocol):
    """The forward pass of a layer: x from ``lengths[b]`` on is padding in row b, whatever it holds."""

    def __call__(
        self, params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = ..., xp: ModuleType = ...
    ) -> tuple[tuple[Array, dict[str, Array]], Any]:
        """((outputs, final state), cache); no lengths is no padding."""


Layer = tuple[LayerForward, Backward]

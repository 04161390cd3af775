"""Arrays of bfloat16 that stay so: each operation is done in float32, and its result rounded.

NumPy itself multiplies no matrices of bfloat16, and makes float32 of 0.5 z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

from rnnproof.cells.contract import Array, Arrays, Cotangents, Lengths
from rnnproof.cells.plain import PlainTarget

DTYPE = np.dtype(ml_dtypes.bfloat16)


class Bfloat16(np.ndarray):
    """An array of bfloat16."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """The operation in float32, a sum's additions too; what is not a number, a comparison's result, stays."""
        into = options.pop("out", None)
        found = getattr(ufunc, method)(*map(_wide, inputs), **options)
        if into is None:
            return _narrow(found)
        into[0][...] = found
        return into[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """What rearranges arrays keeps them as they are."""
        return _narrow(super().__array_function__(function, types, args, kwargs))


def _wide(value: Any) -> Any:
    bare = np.asarray(value) if isinstance(value, np.ndarray) else value
    return np.asarray(bare, np.float32) if getattr(bare, "dtype", None) == DTYPE else bare


def _narrow(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(map(_narrow, value))
    floating = isinstance(value, np.ndarray | np.generic) and (value.dtype == np.float32 or value.dtype == DTYPE)
    return np.asarray(value, DTYPE).view(Bfloat16) if floating else value


def kept(value: Any) -> Any:
    """The same arrays, in dictionaries too, as arrays that stay in bfloat16."""
    if isinstance(value, Mapping):
        return {name: kept(each) for name, each in value.items()}
    return value.view(Bfloat16)


def bare(value: Any) -> Any:
    """The same arrays, in tuples and dictionaries too, as NumPy has them."""
    if isinstance(value, Mapping):
        return {name: bare(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(map(bare, value))
    return np.asarray(value)


@dataclass(frozen=True)
class InBfloat16:
    """A hand-written network at arrays of bfloat16; its methods are those of a plain target."""

    target: PlainTarget

    def run(self, params: Arrays, x: Array, state: Arrays, lengths: Lengths | None = None) -> Any:
        """(outputs, final state) of the whole sequence."""
        return bare(self.target.run(kept(params), kept(x), kept(state), lengths))

    def grad(
        self, params: Arrays, x: Array, state: Arrays, cotangents: Cotangents, lengths: Lengths | None = None
    ) -> Any:
        """The gradients by parameters, x and initial state."""
        return bare(self.target.grad(kept(params), kept(x), kept(state), kept(cotangents), lengths))

    def step(self, params: Arrays, x: Array, state: Arrays, lengths: Lengths | None = None) -> Any:
        """(output, new state) of a single step."""
        return bare(self.target.step(kept(params), kept(x), kept(state), lengths))

    def states(self, params: Arrays, x: Array, state: Arrays, lengths: Lengths | None = None) -> Any:
        """Each state after every step."""
        return bare(self.target.states(kept(params), kept(x), kept(state), lengths))

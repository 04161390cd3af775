"""What NumPy's functions do to dual numbers: move entries, sum them, multiply and sum them, or choose among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from rnnproof.domains.dual import Dual, literal, multiply, settled, subtract
from rnnproof.domains.dual_functions import divide, linear, sqrt
from rnnproof.domains.ring_ufuncs import chosen, maximum, minimum

# They give each entry another place, or leave it out: the same for every component, zeros where they fill up.
MOVING = frozenset({
    "append", "array_split", "atleast_1d", "atleast_2d", "atleast_3d", "block", "broadcast_arrays", "broadcast_to",
    "column_stack", "concatenate", "copy", "delete", "diag", "diagonal", "diagflat", "dsplit", "dstack", "expand_dims",
    "flip", "fliplr", "flipud", "hsplit", "hstack", "insert", "matrix_transpose", "moveaxis", "ravel", "repeat",
    "reshape", "resize", "roll", "rollaxis", "rot90", "split", "squeeze", "stack", "swapaxes", "take",
    "take_along_axis", "tile", "transpose", "tril", "triu", "unstack", "vsplit", "vstack",
})  # fmt: skip
# Sums of products, one factor from each array.
MULTILINEAR = frozenset({"dot", "einsum", "inner", "kron", "matmul", "outer", "tensordot", "vdot", "convolve"})
# Sums of entries.
LINEAR = frozenset({"cumsum", "diff", "trace"})
# Of the array itself, not of its numbers.
ABOUT = frozenset({"shape", "ndim", "size", "iscomplexobj", "isrealobj"})


def total(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The sum over axes."""
    return linear(lambda part: part.sum(axis=axis, keepdims=keepdims), a)


def mean(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The mean over axes."""
    summed = total(a, axis, keepdims)
    return divide(summed, literal(a.ring, a.x.size // max(summed.x.size, 1)))


def variance(a: Dual, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Dual:
    """The mean squared distance from the mean, over all entries but ``ddof``."""
    apart = subtract(a, mean(a, axis, keepdims=True))
    summed = total(multiply(apart, apart), axis, keepdims)
    return divide(summed, literal(a.ring, a.x.size // max(summed.x.size, 1) - ddof))


def deviation(a: Dual, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Dual:
    """The square root of the variance."""
    return sqrt(variance(a, axis, ddof, keepdims))


def norm(a: Dual, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Dual:
    """The square root of the sum of squares."""
    if ord not in (None, 2, "fro") or (ord == 2 and a.x.ndim == 2 and axis is None):
        a.ring.refuse(f"np.linalg.norm with ord={ord}")
    return sqrt(total(multiply(a, a), axis, keepdims))


def largest(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The largest entry over an axis, as the shadow says; of equal ones the first."""
    return _picked(a, np.argmax(a.f, axis=axis), axis, keepdims)


def smallest(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The smallest entry over an axis, as the shadow says; of equal ones the first."""
    return _picked(a, np.argmin(a.f, axis=axis), axis, keepdims)


def _picked(a: Dual, index: Any, axis: Any, keepdims: bool) -> Dual:
    a.ring.note("comparison")
    if np.isnan(a.f).any():
        a.ring.refuse("the largest of numbers that are not known")
    if axis is None:
        picked = a.moved(lambda part: part.reshape(-1)[index])
        return picked.moved(lambda part: part.reshape((1,) * a.x.ndim)) if keepdims else picked
    if not isinstance(axis, int):
        a.ring.refuse("the largest over several axes")
    at = np.expand_dims(index, axis)
    picked = a.moved(lambda part: np.take_along_axis(part, at, axis))
    return picked if keepdims else picked.moved(lambda part: np.squeeze(part, axis))


def clipped(a: Dual, low: Dual | None, high: Dual | None) -> Dual:
    """a between two bounds; a bound that was reached is written down as an active clip.

    Where the ring leaves clips out, a itself.
    """
    ring, result = a.ring, a
    if low is not None:
        result = maximum(result, low)
    if high is not None:
        result = minimum(result, high)
    active = np.any(result.f != np.broadcast_to(a.f, result.f.shape))
    ring.note("active clip" if active else "inactive clip")
    return result if ring.clips else a.moved(np.copy)


def product(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The product over an axis, or of all entries."""
    if axis is None:
        flat = a.moved(np.ravel)
        result = _along(flat)
        return result.moved(lambda part: part.reshape((1,) * a.x.ndim)) if keepdims else result
    result = _along(a.moved(lambda part: np.moveaxis(part, axis, 0)))
    return result.moved(lambda part: np.expand_dims(part, axis)) if keepdims else result


def _along(a: Dual) -> Dual:
    result = literal(a.ring, np.ones(a.x.shape[1:]))
    for n in range(len(a.x)):
        result = multiply(result, a.moved(itemgetter(n)))
    return result


def where(condition: Any, a: Dual, b: Dual) -> Dual:
    """a where the condition holds, b elsewhere."""
    return chosen(np.asarray(condition), a, b)


def added_at(a: Dual, index: Any, b: Dual) -> None:
    """a[index] += b, in place, as often as an index comes."""
    for mine, other in zip(a.parts[:4], b.parts[:4], strict=True):
        np.add.at(mine, index, other)
    done = settled(a.ring, *a.parts[:4])
    a.x[...], a.d[...] = done.x, done.d


def zeros(a: Dual, shape: Any = None) -> Dual:
    """Zeros in the shape of an array, or in another one."""
    return literal(a.ring, np.zeros(a.x.shape if shape is None else shape, dtype=int))


REDUCING: Mapping[str, Callable[..., Dual]] = {
    "sum": total,
    "mean": mean,
    "average": mean,
    "var": variance,
    "std": deviation,
    "norm": norm,
    "max": largest,
    "amax": largest,
    "min": smallest,
    "amin": smallest,
    "prod": product,
}
BY_SHADOW: Mapping[str, Callable[..., Any]] = {"argmax": np.argmax, "argmin": np.argmin, "argsort": np.argsort}

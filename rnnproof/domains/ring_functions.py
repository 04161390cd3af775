"""What NumPy's functions do to dual numbers: move entries, sum them, multiply and sum them, or choose among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from rnnproof.domains.dual import Dual, literal, multiply, negative, settled, subtract
from rnnproof.domains.dual_functions import divide, linear, sqrt
from rnnproof.domains.place import place
from rnnproof.domains.ring_known import plain
from rnnproof.domains.ring_ufuncs import chosen, compared, maximum, minimum

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
ABOUT = frozenset({
    "can_cast", "common_type", "iscomplexobj", "isrealobj", "may_share_memory", "ndim", "result_type", "shape",
    "shares_memory", "size",
})  # fmt: skip
# What may be said to those of one array; of argsort's kinds, all give the same where nothing ties.
OPTIONS = ("axis", "axis1", "axis2", "offset", "n", "keepdims", "kind", "stable")


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
    matrix = isinstance(axis, tuple) or (axis is None and a.x.ndim > 1)
    if ord not in (None, 2, "fro") or (ord == 2 and matrix):
        a.ring.refuse(f"np.linalg.norm with ord={ord}")
    return sqrt(total(multiply(a, a), axis, keepdims))


def largest(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The largest entry over an axis, as the shadow says; ties are refused."""
    return _picked(a, np.argmax, axis, keepdims)


def smallest(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The smallest entry over an axis, as the shadow says; ties are refused."""
    return _picked(a, np.argmin, axis, keepdims)


def _picked(a: Dual, function: Callable[..., Any], axis: Any, keepdims: bool) -> Dual:
    if isinstance(axis, tuple):
        a.ring.refuse("the largest or smallest over several axes")
    flat = a if axis is not None else a.moved(lambda part: part.reshape(-1))
    at = place_of(flat, function, 0 if axis is None else axis, keepdims=True)
    picked = flat.moved(lambda part: np.take_along_axis(part, at, 0 if axis is None else axis))
    if axis is None:
        return picked.moved(lambda part: part.reshape((1,) * a.x.ndim if keepdims else ()))
    return picked if keepdims else picked.moved(lambda part: np.squeeze(part, axis))


def place_of(a: Dual, function: Callable[..., Any], axis: Any = None, keepdims: bool = False) -> Any:
    """Where the largest (np.argmax) or smallest (np.argmin) entry is. Errors: Untraceable for a tie, and for a NaN."""
    flat, along = (a.moved(np.ravel), 0) if axis is None else (a, axis)
    at = function(flat.f, axis=along, keepdims=True)
    compared(flat, flat.moved(lambda part: np.take_along_axis(part, at, along)), picks=True)
    return function(a.f, axis=axis, keepdims=keepdims)


def order_of(a: Dual, axis: Any = -1, **options: Any) -> Any:
    """The order from small to large. Errors: Untraceable for a tie, and for a NaN."""
    if not a.x.ndim:
        a.ring.refuse("np.argsort of a number")
    flat, along = (a.moved(np.ravel), 0) if axis is None else (a, axis)
    at = np.argsort(flat.f, axis=along, **options)
    ordered = flat.moved(lambda part: np.moveaxis(np.take_along_axis(part, at, along), along, 0))
    compared(ordered.moved(lambda part: part[1:]), ordered.moved(lambda part: part[:-1]))
    return at


def clipped(a: Dual, low: Dual | None, high: Dual | None) -> Dual:
    """a between two bounds; a bound that was reached is written down as an active clip.

    At a line where the ring leaves clips out, a itself.
    """
    ring, result = a.ring, a
    if low is not None:
        result = maximum(result, low)
    if high is not None:
        result = minimum(result, high)
    reached = result.f != np.broadcast_to(a.f, result.f.shape)
    ring.note("active clip" if reached.any() else "inactive clip")
    if (low is not None and np.any(low.f >= 0)) or (high is not None and np.any(high.f <= 0)):
        ring.note("clip to one side of zero")
    if result is a or place() in ring.unclipped:
        return a.moved(np.copy)
    ring.bounds.update(int(x) for x in result.x[reached])
    return result


def product(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The product over an axis, or of all entries."""
    if isinstance(axis, tuple):
        a.ring.refuse("the product over several axes")
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
    if a.w.any() or b.w.any():
        a.ring.refuse("np.add.at with logarithms")
    at = plain(index)
    for mine, other in zip(a.parts[:4], b.parts[:4], strict=True):
        np.add.at(mine, at, other)
    done = settled(a.ring, *a.parts[:4])
    a.x[...], a.d[...] = done.x, done.d


def subtracted_at(a: Dual, index: Any, b: Dual) -> None:
    """a[index] -= b, in place, as often as an index comes."""
    added_at(a, index, negative(b))


AT: Mapping[str, Callable[[Dual, Any, Dual], None]] = {"add": added_at, "subtract": subtracted_at}
REDUCING: Mapping[str, Callable[..., Dual]] = {
    "sum": total,
    "mean": mean,
    "var": variance,
    "std": deviation,
    "norm": norm,
    "max": largest,
    "amax": largest,
    "min": smallest,
    "amin": smallest,
    "prod": product,
}
# What the reduce of a ufunc is.
REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
BY_SHADOW: Mapping[str, Callable[..., Any]] = {
    "argmax": partial(place_of, function=np.argmax),
    "argmin": partial(place_of, function=np.argmin),
    "argsort": order_of,
}

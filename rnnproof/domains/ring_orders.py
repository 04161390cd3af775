"""Sorted entries and their middle, weighted means, truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.dual import Dual, literal, multiply
from rnnproof.domains.dual_functions import divide
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_arguments import bound, reduction
from rnnproof.domains.ring_array import RingArray, lifted
from rnnproof.domains.ring_ufuncs import compared


def ordered(a: Dual, axis: Any = -1, **options: Any) -> Dual:
    """From small to large, as the shadow says. Errors: Untraceable for a tie, and for a NaN."""
    flat, along = (a.moved(np.ravel), 0) if axis is None else (a, axis)
    at = functions.order_of(flat, along, **options)
    return flat.moved(lambda part: np.take_along_axis(part, at, along))


def middle(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    """The entry in the middle, or the mean of two, as the shadow says. Errors: Untraceable for a tie, and for a NaN."""
    if isinstance(axis, tuple) or (keepdims and axis is None):
        a.ring.refuse("np.median over several axes")
    along = 0 if axis is None else axis
    row = ordered(a, axis)
    half, odd = divmod(row.x.shape[along], 2)
    at = [half] if odd else [half - 1, half]
    return functions.mean(row.moved(lambda part: np.take(part, at, along)), along, keepdims)


def _average(
    ring: Ring, a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: Any = False
) -> RingArray:
    """The mean, each entry as often as its weight says."""
    if returned:
        ring.refuse("np.average with returned")
    numbers, kept = lifted(ring, a), keepdims is True
    if weights is None:
        return RingArray(functions.mean(numbers, axis, kept))
    by = lifted(ring, weights)
    if by.x.shape != numbers.x.shape:
        by = _beside(by, numbers, axis)
    return RingArray(divide(functions.total(multiply(numbers, by), axis, kept), functions.total(by, axis, kept)))


def _beside(weights: Dual, numbers: Dual, axis: Any) -> Dual:
    """Weights along one axis for every entry."""
    if not isinstance(axis, int) or weights.x.ndim != 1:
        numbers.ring.refuse("np.average with weights of another shape")
    shape = [1] * numbers.x.ndim
    shape[axis] = -1
    return weights.moved(lambda part: np.broadcast_to(part.reshape(shape), numbers.x.shape).copy())


def _any_or_all(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(ring: Ring, *args: Any, **kwargs: Any) -> Any:
        numbers, options = _given(ring, function, args, kwargs)
        return function(compared(numbers, literal(ring, 0), np.not_equal), **options)

    return call


def _made(make: Callable[..., Dual], function: Callable[..., Any]) -> Callable[..., RingArray]:
    def call(ring: Ring, *args: Any, **kwargs: Any) -> RingArray:
        numbers, options = _given(ring, function, args, kwargs)
        return RingArray(make(numbers, **options))

    return call


def _given(ring: Ring, function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Dual, dict[str, Any]]:
    """The numbers, and the axis and the like. Errors: Untraceable for options that are not built."""
    given, name = bound(function, args, kwargs).arguments, f"np.{function.__name__}"
    if given.pop("out", None) is not None:
        ring.refuse(f"{name} with out")
    first, *_ = given
    numbers = lifted(ring, given.pop(first))
    return numbers, reduction(ring, name, ("axis", "keepdims"), given)


ORDERS: Mapping[str, Callable[..., Any]] = {
    "sort": _made(ordered, np.sort),
    "median": _made(middle, np.median),
    "average": _average,
    "any": _any_or_all(np.any),
    "all": _any_or_all(np.all),
}

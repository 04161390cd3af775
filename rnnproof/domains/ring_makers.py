"""Functions that make an array beside another one, or write into one, each with the options that are built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.dual import literal, unset
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_arguments import only_floats
from rnnproof.domains.ring_array import RingArray, lifted, own, ring_in, stored


def _where(ring: Ring, condition: Any, *values: Any) -> RingArray:
    if isinstance(condition, RingArray) or len(values) != 2:
        ring.refuse("np.where by the numbers themselves")
    return RingArray(functions.where(condition, *(lifted(ring, each) for each in values)))


def _clip(ring: Ring, a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, **options: Any) -> Any:
    low, high = options.pop("min", a_min), options.pop("max", a_max)
    only_floats(ring, "np.clip", options.pop("dtype", None))
    if options.pop("where", True) is not True or options:
        ring.refuse("np.clip with where, or another option of a ufunc")
    bounds = (None if each is None else lifted(ring, each) for each in (low, high))
    return stored(ring, RingArray(functions.clipped(lifted(ring, a), *bounds)), out)


def _like(fill: Any) -> Callable[..., Any]:
    def make(ring: Ring, a: Any, dtype: Any = None, order: Any = "K", subok: Any = None, shape: Any = None) -> Any:
        del subok
        floats = a.dual.f if isinstance(a, RingArray) else np.asarray(a)
        made = np.full_like(floats, fill, dtype=dtype, order=order or "K", shape=shape)
        return RingArray(literal(ring, made)) if made.dtype.kind == "f" else made

    return make


def _empty_like(ring: Ring, a: Any, *args: Any, **kwargs: Any) -> Any:
    """Memory that was not set: unknown numbers that are NaN as floats, so that reading them shows."""
    made = _like(0)(ring, a, *args, **kwargs)
    return RingArray(unset(ring, made.dual.f)) if isinstance(made, RingArray) else made


def _full_like(ring: Ring, a: Any, fill_value: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
    if ring_in(fill_value) is not None:
        only_floats(ring, "np.full_like", dtype)
    made = _like(0)(ring, a, dtype, *args, **kwargs)
    made[...] = fill_value
    return made


def _copyto(ring: Ring, dst: Any, src: Any, casting: Any = None, where: Any = True) -> None:
    del casting
    own(ring, dst)
    if where is True:
        dst[...] = src
    else:
        dst[where] = RingArray(lifted(ring, src))[where] if np.ndim(src) else src


def _bincount(ring: Ring, x: Any, weights: Any = None, minlength: int = 0) -> RingArray:
    """The sum of the weights of each number in x."""
    if ring_in(x) is not None:
        ring.refuse("np.bincount of places that are computed from the numbers")
    made = RingArray(literal(ring, np.zeros(np.bincount(x, minlength=minlength).shape)))
    functions.added_at(made.dual, np.asarray(x), lifted(ring, weights))
    return made


def _nan_to_num(ring: Ring, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    del nan, posinf, neginf  # what it would put for numbers that are not finite
    if not copy:
        ring.refuse("np.nan_to_num with copy=False")
    numbers = lifted(ring, x)
    if not np.isfinite(numbers.f).all():
        ring.refuse("np.nan_to_num of a number that is not finite")
    return RingArray(numbers.moved(np.copy))


MADE: Mapping[str, Callable[..., Any]] = {
    "where": _where,
    "clip": _clip,
    "zeros_like": _like(0),
    "ones_like": _like(1),
    "empty_like": _empty_like,
    "full_like": _full_like,
    "copyto": _copyto,
    "bincount": _bincount,
    "nan_to_num": _nan_to_num,
}

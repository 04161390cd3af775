"""Functions that choose among entries, compare arrays or put something around them, made of simpler ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, lifted, ring_in
from rnnproof.domains.ring_known import Known, known
from rnnproof.domains.ring_ufuncs import compared, same

PADDED = ("constant", "edge", "reflect", "symmetric", "wrap")


def _pad(ring: Ring, array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> RingArray:
    """Entries put around: one number, or those of the array."""
    value = options.pop("constant_values", 0) if mode == "constant" else 0
    if mode not in PADDED or options or np.ndim(value) or ring_in(pad_width) is not None:
        ring.refuse(f"np.pad with mode {mode}, or with several values")
    inner = lifted(ring, array)
    made = inner.moved(lambda part: np.pad(part, pad_width, mode))
    inside = np.pad(np.ones(inner.x.shape, dtype=bool), pad_width) | (mode != "constant")
    return RingArray(functions.where(inside, made, lifted(ring, value)))


def _select(ring: Ring, condlist: Any, choicelist: Any, default: Any = 0) -> RingArray:
    """The choice of the first condition that holds."""
    if ring_in(list(condlist)) is not None:
        ring.refuse("np.select by the numbers themselves")
    made = lifted(ring, default)
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        made = functions.where(condition, lifted(ring, choice), made)
    return RingArray(made)


def _piecewise(ring: Ring, x: Any, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Any:
    """Each function where its condition holds; one function more is for the rest."""
    if not isinstance(x, RingArray) or ring_in(condlist) is not None:
        ring.refuse("np.piecewise by the numbers themselves")
    one = np.isscalar(condlist) or (not isinstance(condlist[0], list | np.ndarray) and x.ndim)
    held = [np.array(each, dtype=bool) for each in ([condlist] if one else condlist)]
    held += [~np.any(held, axis=0)] * (len(funclist) - len(held))
    made: Any = np.zeros_like(x)
    for condition, function in zip(held, funclist, strict=True):
        if not callable(function):
            made[condition] = function
        elif condition.any():
            made[condition] = function(x[condition], *args, **kwargs)
    return made


def _isclose(ring: Ring, a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Known:
    """|a - b| <= atol + rtol |b|, as the floats decide it.

    Errors: Untraceable for what is not finite, and for a distance that rounding may carry over the limit.
    """
    del equal_nan
    if ring_in([rtol, atol]) is not None:
        ring.refuse("np.isclose with a tolerance that is computed from the numbers")
    ring.note("comparison")
    first, second = lifted(ring, a), lifted(ring, b)
    if not (np.isfinite(first.f).all() and np.isfinite(second.f).all()):
        ring.refuse("np.isclose of a number that is not finite")
    gap = np.abs(first.f - second.f) - (atol + rtol * np.abs(second.f))
    if np.any((np.abs(gap) <= ring.noise) & ~same(first, second)):
        ring.refuse("np.isclose of numbers whose distance is as large as the tolerance")
    return known(ring, gap <= 0, number=True)


def _allclose(ring: Ring, *args: Any, **kwargs: Any) -> bool:
    return bool(np.all(_isclose(ring, *args, **kwargs)))


def _array_equal(ring: Ring, a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    del equal_nan
    first, second = lifted(ring, a1), lifted(ring, a2)
    return first.x.shape == second.x.shape and bool(np.all(compared(first, second, np.equal)))


def _round(ring: Ring, a: Any, decimals: int = 0, out: Any = None) -> Any:
    if decimals != 0 or out is not None:
        ring.refuse("np.round to so many digits, or with out")
    return np.rint(RingArray(lifted(ring, a)))


CHOICES: Mapping[str, Callable[..., Any]] = {
    "pad": _pad,
    "round": _round,
    "around": _round,
    "select": _select,
    "piecewise": _piecewise,
    "isclose": _isclose,
    "allclose": _allclose,
    "array_equal": _array_equal,
}

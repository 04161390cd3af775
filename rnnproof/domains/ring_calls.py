"""NumPy's functions called with arrays of the ring among their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.dual import Dual, literal
from rnnproof.domains.dual_functions import linear, multilinear
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, lifted, own, stored


def called(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    """One of NumPy's functions, on arguments some of which are arrays of the ring."""
    name = function.__name__
    if name in functions.MOVING:
        return _moved(ring, function, args, kwargs)
    if name in functions.MULTILINEAR:
        return _multiplied(ring, function, args, kwargs)
    if name in functions.LINEAR:
        rest = args[1:]
        return RingArray(linear(lambda part: function(part, *rest, **kwargs), lifted(ring, args[0])))
    if name in functions.REDUCING:
        out = kwargs.pop("out", None)
        return stored(ring, reduced(ring, name, args, kwargs), out)
    if name in functions.BY_SHADOW:
        ring.note("comparison")
        return functions.BY_SHADOW[name](args[0].dual.f, *args[1:], **kwargs)
    if name in functions.ABOUT:
        return function(args[0].dual.f, *args[1:], **kwargs)
    if name in SPECIAL:
        return SPECIAL[name](ring, *args, **kwargs)
    return ring.refuse(f"np.{name}")


def reduced(ring: Ring, name: str, args: Any, kwargs: Any) -> RingArray:
    """A sum, mean, norm, largest or smallest."""
    kwargs = {key: value for key, value in kwargs.items() if key != "dtype" and value is not None}
    initial = kwargs.pop("initial", None)
    if initial is not None and initial is not np._NoValue:
        ring.refuse(f"np.{name} with initial")
    kwargs = {key: value for key, value in kwargs.items() if value is not np._NoValue}
    if kwargs.pop("where", True) is not True or not set(kwargs) <= {"axis", "keepdims", "ddof", "ord"}:
        ring.refuse(f"np.{name} with {', '.join(kwargs) or 'where'}")
    return RingArray(functions.REDUCING[name](lifted(ring, args[0]), *args[1:], **kwargs))


def _moved(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    """The same for every component; what stands in a list beside an array of the ring is lifted first."""
    if function.__name__ in ("append", "insert"):
        args = [RingArray(lifted(ring, each)) if n != 1 or len(args) == 2 else each for n, each in enumerate(args)]
    args, kwargs = (_with_lists_lifted(ring, each) for each in (args, kwargs))
    results = [function(*_component(args, n), **_component(kwargs, n)) for n in range(5)]
    if isinstance(results[0], list | tuple):
        return [_joined(ring, parts) for parts in zip(*results, strict=True)]
    return _joined(ring, results)


def _joined(ring: Ring, parts: Any) -> RingArray:
    kinds = (object, object, float, float, np.int64)
    return RingArray(Dual(ring, *(np.asarray(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True))))


def _with_lists_lifted(ring: Ring, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_lists_lifted(ring, each) for key, each in value.items()}
    if not isinstance(value, list | tuple):
        return value
    beside = any(isinstance(each, RingArray) for each in value)
    whole = [
        RingArray(lifted(ring, each)) if beside and _number(each) else _with_lists_lifted(ring, each) for each in value
    ]
    return tuple(whole) if isinstance(value, tuple) else whole


def _number(value: Any) -> bool:
    return isinstance(value, np.ndarray | float | np.floating)


def _component(value: Any, n: int) -> Any:
    if isinstance(value, RingArray):
        return value.dual.parts[n]
    if isinstance(value, dict):
        return {key: _component(each, n) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_component(each, n) for each in value)
    return value


def _multiplied(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    """A sum of products: the arrays are the factors, everything else stays as it is."""
    out = kwargs.pop("out", None)
    kwargs.pop("optimize", None)
    places = [n for n, each in enumerate(args) if isinstance(each, RingArray | np.ndarray | list | float | int)]
    places = places[: 2 if function.__name__ != "einsum" else None]
    if function.__name__ in ("dot", "inner", "outer", "vdot") and len(places) < 2:
        ring.refuse(f"np.{function.__name__} of one array")

    def of(*factors: Any) -> Any:
        full = list(args)
        for place, factor in zip(places, factors, strict=True):
            full[place] = factor
        return function(*full, **kwargs)

    return stored(ring, RingArray(multilinear(of, *(lifted(ring, args[n]) for n in places))), out)


def _where(ring: Ring, condition: Any, *values: Any) -> RingArray:
    if isinstance(condition, RingArray) or len(values) != 2:
        ring.refuse("np.where by the numbers themselves")
    return RingArray(functions.where(condition, *(lifted(ring, each) for each in values)))


def _clip(ring: Ring, a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, **options: Any) -> Any:
    low, high = options.pop("min", a_min), options.pop("max", a_max)
    bounds = (None if each is None else lifted(ring, each) for each in (low, high))
    return stored(ring, RingArray(functions.clipped(lifted(ring, a), *bounds)), out)


def _like(fill: Any) -> Callable[..., Any]:
    def make(ring: Ring, a: Any, dtype: Any = None, order: Any = None, subok: Any = None, shape: Any = None) -> Any:
        del order, subok
        size = np.shape(a) if shape is None else shape
        if dtype is not None and np.dtype(dtype).kind != "f":
            return np.full(size, fill, dtype=dtype)
        return RingArray(literal(ring, np.full(size, fill)))

    return make


def _full_like(ring: Ring, a: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
    value = RingArray(lifted(ring, fill_value))
    return called(ring, np.broadcast_to, (value, options.get("shape") or np.shape(a)), {}).copy()


def _copyto(ring: Ring, dst: Any, src: Any, **options: Any) -> None:
    where = options.get("where", True)
    own(ring, dst)
    if where is True:
        dst[...] = src
    else:
        dst[where] = RingArray(lifted(ring, src))[where] if np.ndim(src) else src


def _nan_to_num(ring: Ring, x: Any, **options: Any) -> RingArray:
    if not np.isfinite(x.dual.f).all():
        ring.refuse("np.nan_to_num of a number that is not finite")
    return RingArray(lifted(ring, x))


SPECIAL: dict[str, Callable[..., Any]] = {
    "where": _where,
    "clip": _clip,
    "zeros_like": _like(0),
    "ones_like": _like(1),
    "empty_like": _like(0),
    "full_like": _full_like,
    "copyto": _copyto,
    "nan_to_num": _nan_to_num,
}

"""The arguments of NumPy's functions, by name; which of them hold numbers, and what the others must not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from inspect import BoundArguments, Parameter, Signature, signature
from typing import Any

import numpy as np

from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, lifted, ring_in

# Beside its first parameter, what else of a function holds numbers.
NUMBERS: Mapping[str, str] = {"append": "values", "insert": "values"}
# ufunc.reduce, whose parameters have no names that could be looked up.
REDUCE = ("a", "axis", "dtype", "out", "keepdims", "initial", "where")


@cache
def _signature(function: Callable[..., Any]) -> Signature:
    return signature(function)


def bound(function: Callable[..., Any], args: Any, kwargs: Any) -> BoundArguments:
    """The arguments by name, without those that were left to their default.

    Errors: TypeError as NumPy's own.
    """
    given = _signature(function).bind(*args, **kwargs)
    for name, value in list(given.arguments.items()):
        if value is np._NoValue:
            del given.arguments[name]
    return given


def split(ring: Ring, function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[BoundArguments, list[str]]:
    """The arguments by name, and the names of those that hold numbers, all lifted.

    Errors: Untraceable where another argument holds some, for ``out``, and for a dtype that is not of floats.
    """
    given, name = bound(function, args, kwargs), function.__name__
    first = next(iter(_signature(function).parameters.values()))
    numbers = [each for each in (first.name, NUMBERS.get(name)) if each in given.arguments]
    for other in set(given.arguments) - set(numbers):
        if ring_in(given.arguments[other]) is not None:
            ring.refuse(f"np.{name} with an index, size or place that is computed from the numbers")
    only_floats(ring, f"np.{name}", given.arguments.pop("dtype", None))
    if given.arguments.pop("out", None) is not None:
        ring.refuse(f"np.{name} with out")
    for each in numbers:
        several = first.kind is Parameter.VAR_POSITIONAL and each == first.name
        given.arguments[each] = leaves_lifted(ring, given.arguments[each], always=several or name in NUMBERS)
    return given, numbers


def leaves_lifted(ring: Ring, value: Any, always: bool = False) -> Any:
    """A number or array as one of the ring, in a list or tuple that holds a number of the ring each of its entries."""
    if isinstance(value, list | tuple) and (always or ring_in(value) is not None):
        whole = (leaves_lifted(ring, each, True) for each in value)
        return tuple(whole) if isinstance(value, tuple) else list(whole)
    if isinstance(value, RingArray) and value.ring is ring:
        return value  # a number stays one
    return RingArray(lifted(ring, value)) if always or isinstance(value, RingArray) else value


def only_floats(ring: Ring, what: str, dtype: Any) -> None:
    """Another format of floats changes nothing in the ring. Errors: Untraceable for a dtype that is none."""
    if dtype is not None and np.dtype(dtype).kind != "f":
        ring.refuse(f"{what} with dtype {np.dtype(dtype).name}")


def reduction(ring: Ring, what: str, names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a sum, product or largest that are built: ``names``, where they are given.

    Errors: Untraceable for others, unless they are at their default.
    """
    only_floats(ring, what, given.get("dtype"))
    kept = {name: value for name, value in given.items() if name in names and (value is not None or name == "axis")}
    rest = {name: value for name, value in given.items() if name not in names and name not in ("dtype", "out")}
    for name, value in rest.items():
        if value is not None and value is not np._NoValue and value is not (name == "where"):
            ring.refuse(f"{what} with {name}")
    if ring_in(list(kept.values())) is not None:
        ring.refuse(f"{what} along an axis that is computed from the numbers")
    return kept

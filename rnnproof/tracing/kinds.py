"""What isinstance says of an array of the ring: what it would say of NumPy's array, or nothing of a number."""

from __future__ import annotations

from types import UnionType
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import RingArray

NEVER = frozenset({str, bytes, bool, int, list, tuple, dict, set, type, type(None)})  # what no number of NumPy's is


def type_of(value: Any, *rest: Any) -> Any:
    """type(value). Errors: Untraceable for a value of the ring."""
    if isinstance(value, RingArray):
        value.ring.refuse("the type of a number is looked at (type)")
    return type(value, *rest)


def is_instance(value: Any, kinds: Any) -> bool:
    """isinstance(value, kinds). Errors: Untraceable where that differs between NumPy's numbers and its arrays."""
    every = tuple(_flat(kinds))
    if not isinstance(value, RingArray):
        return isinstance(value, every)
    if value.ndim:
        return issubclass(np.ndarray, every)
    if not set(every) <= NEVER:
        value.ring.refuse("the type of a number is looked at (isinstance)")
    return False


def _flat(kinds: Any) -> list[Any]:
    """The classes of a tuple of classes; the real ``type`` for what stands for it."""
    if isinstance(kinds, tuple):
        return [inner for kind in kinds for inner in _flat(kind)]
    if isinstance(kinds, UnionType):
        return _flat(kinds.__args__)
    return [type if kinds is type_of else kinds]

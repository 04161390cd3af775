"""What isinstance says of an array of the ring: what it would say of NumPy's array or number."""

from __future__ import annotations

from types import UnionType
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.ring_known import Known
from rnnproof.domains.ring_whole import Whole


def type_of(value: Any, *rest: Any) -> Any:
    """type(value). Errors: Untraceable for a value of the ring."""
    if isinstance(value, RingArray):
        value.ring.refuse("the type of a number is looked at (type)")
    return np.ndarray if not rest and type(value) in (Known, Whole) else type(value, *rest)


def is_instance(value: Any, kinds: Any) -> bool:
    """isinstance(value, kinds). Errors: Untraceable where it cannot be told whether NumPy or Python made a number."""
    every = tuple(_flat(kinds))
    if not isinstance(value, RingArray):
        return isinstance(value, every)
    found = {isinstance(value.model(reading), every) for reading in (0, 1)}
    return found.pop() if len(found) == 1 else value.ring.refuse("the type of a number is looked at (isinstance)")


def _flat(kinds: Any) -> list[Any]:
    """The classes of a tuple of classes; the real ``type`` for what stands for it."""
    if isinstance(kinds, tuple):
        return [inner for kind in kinds for inner in _flat(kind)]
    if isinstance(kinds, UnionType):
        return _flat(kinds.__args__)
    return [type if kinds is type_of else kinds]

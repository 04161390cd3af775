"""NumPy's formats of floats where they are called, ``np.float64(x)``: here they change no number."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, lifted, like, ring_in

NAMES = ("float16", "float32", "float64")
ALIASES = ("double", "half", "single")


def formats(ring: Ring) -> dict[str, Any]:
    """The classes by name; each is the dtype that NumPy's own is, and has its instances."""
    made = {base: _Format(base.__name__, (base,), _names(ring, base)) for base in (getattr(np, name) for name in NAMES)}
    return {name: made[getattr(np, name)] for name in (*NAMES, *ALIASES)}


class _Format(type):
    """A class that stands for one of NumPy's: ``base``."""

    base: type

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, cls.base)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, cls.base)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.base or (isinstance(other, np.dtype) and other == np.dtype(cls.base))

    def __hash__(cls) -> int:
        return hash(cls.base)


def _names(ring: Ring, base: Any) -> dict[str, Any]:
    def make(cls: type, value: Any = 0.0) -> Any:
        if ring_in(value) is None:
            return base(value)
        return _converted(ring, value, np.dtype(base))

    return {"base": base, "__new__": make}


def _converted(ring: Ring, value: Any, form: np.dtype[Any]) -> RingArray:
    numbers = lifted(ring, value).moved(np.copy)
    floats = numbers.f.astype(form)
    return like(numbers, floats if floats.ndim else floats[()], form)

"""Clocks and sources of chance beside NumPy's and Python's generators: no two runs read the same from them."""

from __future__ import annotations

import math
import os
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from rnnproof.domains.place import formatting
from rnnproof.tracing import outside

CLOCKS = ("monotonic", "perf_counter", "process_time", "thread_time", "time")
NAMES: Mapping[ModuleType, tuple[str, ...]] = {
    time: (*CLOCKS, *(f"{name}_ns" for name in CLOCKS)),
    os: ("getrandom", "urandom"),
    secrets: ("choice", "randbelow", "randbits", "token_bytes", "token_hex", "token_urlsafe"),
    uuid: ("uuid1", "uuid4"),
}
CHANCE: Mapping[str, Mapping[str, Any]] = {
    module.__name__: {name: getattr(module, name) for name in names if hasattr(module, name)}
    for module, names in NAMES.items()
}
MODULES = {name: {**CHANCE.get(name, {}), **outside.MODULES.get(name, {})} for name in (*CHANCE, *outside.MODULES)}
BY_ID = {id(value): (home, name) for home, values in CHANCE.items() for name, value in values.items()}


def is_one(value: Any) -> bool:
    """Whether something else stands for this value: a clock, a source of chance, what reaches outside, a path."""
    return id(value) in BY_ID or id(value) in outside.BY_ID or isinstance(value, Path)


def stand_for(value: Any, is_building: Callable[[], bool], refuse: Callable[[str], NoReturn]) -> Any:
    """What stands for it; a clock, and a source of chance, may be used while an object is built."""
    if id(value) in BY_ID:
        return lambda *args: value(*args) if is_building() else read(value, refuse)
    if isinstance(value, Path):
        return outside.path(value, refuse)
    return outside.stand_for(value, is_building, refuse)


def read(value: Any, refuse: Callable[[str], NoReturn]) -> Reading:
    """What one gives while code runs. Errors: as ``refuse``, for random numbers."""
    home, name = BY_ID[id(value)]
    if home == "time":
        return Reading(lambda: refuse(f"what the clock says is used ({name})"))
    return refuse(f"random numbers are drawn ({home}.{name})")


@dataclass(frozen=True, eq=False)
class Reading:
    """What a clock says: it may be subtracted, scaled and printed; ``refuse``: for whatever else is done with it."""

    refuse: Callable[[], NoReturn]

    def _scaled(self, other: Any) -> Reading:
        return self if isinstance(other, Reading | int | float) else self.refuse()

    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = _scaled
    __radd__ = __rsub__ = __rmul__ = _scaled

    def __round__(self, digits: Any = None) -> Reading:
        return self

    def __format__(self, spec: str) -> str:
        return "≈"  # no text of a float

    def __float__(self) -> float:
        return math.nan if formatting() else self.refuse()

    def _refused(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.refuse()

    __bool__ = __int__ = __index__ = __hash__ = __array__ = __array_ufunc__ = _refused
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refused


def draws(home: str) -> bool:
    """Whether what comes from this module draws random numbers: a user's own random_walk does not."""
    return home == "random" or f"{home}.".startswith("numpy.random.")

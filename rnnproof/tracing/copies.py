"""Copies of what somebody's code holds: what runs on them changes nothing of the code's own."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from types import MethodType, SimpleNamespace
from typing import Any

import numpy as np

from rnnproof.domains.ring_whole import whole

GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)


@dataclass(frozen=True, eq=False)
class Copies:
    """Copies of containers, arrays, and objects of the code's own classes (``modules``); the same of the same.

    ``replaced`` gives what stands for anything else.
    """

    modules: frozenset[Any]
    replaced: Callable[[Any], Any]
    made: dict[int, tuple[Any, Any]] = field(default_factory=dict)  # the original is kept, so that its id stays its own

    def of(self, value: Any) -> Any:
        """The copy of a value, or what stands for it."""
        if id(value) not in self.made:
            self.made[id(value)] = (value, value)
            self.made[id(value)] = (value, self._copied(value))
        return self.made[id(value)][1]

    def _copied(self, value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind != "f":
            return whole(value.copy())
        if isinstance(value, tuple):
            return self._tuple(value)
        if isinstance(value, list | dict | set):
            return self._container(value)
        if isinstance(value, partial):
            return partial(
                self.of(value.func), *map(self.of, value.args), **{k: self.of(v) for k, v in value.keywords.items()}
            )
        if isinstance(value, MethodType) and not isinstance(value.__self__, GENERATORS):
            bound = self.of(value.__self__)
            return value if bound is value.__self__ else MethodType(value.__func__, bound)
        if isinstance(value, staticmethod):
            inner = self.of(value.__func__)
            return value if inner is value.__func__ else staticmethod(inner)
        if hasattr(value, "cache_clear") and hasattr(value, "__wrapped__"):
            return value.__wrapped__  # a cache would keep numbers of the ring
        if self._is_own(value):
            return self._object(value)
        return self.replaced(value)

    def _tuple(self, value: Any) -> Any:
        inner = [self.of(each) for each in value]
        if all(new is old for new, old in zip(inner, value, strict=True)):
            return value
        return type(value)(*inner) if hasattr(value, "_fields") else type(value)(inner)

    def _container(self, value: Any) -> Any:
        made = copy.copy(value)
        self.made[id(value)] = (value, made)
        if isinstance(made, list):
            made[:] = [self.of(each) for each in value]
        elif isinstance(made, dict):
            for key, inner in value.items():
                made[key] = self.of(inner)
        return made

    def _is_own(self, value: Any) -> bool:
        kind = type(value)
        plain = kind is SimpleNamespace or kind.__module__ in self.modules
        return plain and isinstance(getattr(value, "__dict__", None), dict) and not isinstance(value, type | Enum)

    def _object(self, value: Any) -> Any:
        made = object.__new__(type(value)) if _is_plain(type(value)) else copy.copy(value)
        self.made[id(value)] = (value, made)
        vars(made).update({name: self.of(inner) for name, inner in vars(value).items()})
        return made


def _is_plain(kind: type) -> bool:
    """Whether all that an object of this class holds is in its ``__dict__``."""
    defined = {name for base in kind.__mro__[:-1] for name in vars(base)}
    return not defined & {"__new__", "__slots__"}

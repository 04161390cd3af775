"""Copies of what modules and objects hold, each object once; in a ring, arrays of floats are of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from types import MethodType
from typing import Any

import numpy as np

from rnnproof.domains.dual import literal
from rnnproof.domains.ring import Note, Ring
from rnnproof.domains.ring_array import of
from rnnproof.usecases.gradients.callables import Call, owner_of


@dataclass(frozen=True, eq=False)
class Copier:
    """Copies of what a namespace holds, each object once; ``modules``: whose instances are copied."""

    ring: Ring | None
    modules: set[Any]
    known: dict[int, Any]

    def copies(self, value: Any) -> bool:
        """Whether a value is one that somebody's code could change."""
        return isinstance(value, np.ndarray | list | dict | tuple | set) or self.is_own(value)

    def of(self, value: Any) -> Any:
        """The copy of a value, the same for the same object; anything else as it is."""
        if id(value) not in self.known and self.copies(value):
            self.known[id(value)] = self._made(value)
        return self.known.get(id(value), value)

    def call(self, call: Call) -> Call:
        """A method of a copy; a function as it is."""
        if isinstance(call, MethodType) and not isinstance(call.__self__, type):
            return MethodType(call.__func__, self._instance(call.__self__))
        owner = owner_of(call)
        return call if owner is None or isinstance(call, MethodType) else self._instance(owner)

    def is_own(self, value: Any) -> bool:
        """Whether a value is an instance of a class of somebody's own modules."""
        kind = type(value)
        return kind.__module__ in self.modules and hasattr(value, "__dict__") and not isinstance(value, type)

    def _made(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, list | dict):
            made: Any = copy.copy(value)
            self.known[id(value)] = made
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, each in list(items):
                made[key] = self.of(each)
            return made
        if isinstance(value, set) or hasattr(value, "_fields"):
            return copy.copy(value)
        return tuple(self.of(each) for each in value) if isinstance(value, tuple) else self._instance(value)

    def _array(self, value: Any) -> Any:
        if self.ring is None or value.dtype.kind != "f" or not np.isfinite(value).all():
            return value.copy()
        before = dict(self.ring.notes)
        made = of(literal(self.ring, value), value)
        if len(self.ring.notes) > len(before):  # the line that says it is not known any more
            self.ring.notes = {**before, Note("literal", "an array of the module or object"): None}
        return made

    def _instance(self, value: Any) -> Any:
        if id(value) not in self.known:
            made = self.known[id(value)] = _blank(value)
            vars(made).update({name: self.of(each) for name, each in vars(value).items()})
        return self.known[id(value)]


def _blank(value: Any) -> Any:
    """An instance of the same class; copy.copy would leave a note in it."""
    try:
        return object.__new__(type(value))
    except TypeError:  # a kind of list or dict
        return copy.copy(value)

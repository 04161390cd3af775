"""The namespaces that somebody's code looks its names up in: found, given stand-ins, left as they were."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

from rnnproof.domains.ring import Ring
from rnnproof.tracing.standin import Stage, generators, restored

Namespace = dict[str, Any]
LIBRARIES = ("numpy", "scipy", "autograd", "builtins")


def namespaces(target: Any) -> list[Namespace]:
    """The globals of the target's functions, and of all that they name in files of the same directory.

    NumPy's own are none of them, and of modules without a file (the interpreter's, a notebook's) only the target's.
    """
    found: dict[int, Namespace] = {}
    waiting = [space for space in _globals(target) if _is_foreign(space)]
    homes = {_home(space) for space in waiting} - {None}
    own = {id(space) for space in waiting}
    while waiting:
        space = waiting.pop()
        if id(space) in found or (id(space) not in own and _home(space) not in homes):
            continue
        found[id(space)] = space
        for value in list(space.values()):
            waiting += _globals(value)
    return list(found.values())


def _globals(value: Any) -> Iterator[Namespace]:
    """The globals of a function, a method, a class's or an object's methods, or a module."""
    if isinstance(value, ModuleType):
        yield vars(value)
    elif isinstance(value, FunctionType):
        yield value.__globals__
        yield from _globals(getattr(value, "__wrapped__", None))
    elif isinstance(value, MethodType):
        yield from _globals(value.__func__)
    elif isinstance(value, partial):
        yield from _globals(value.func)
    elif isinstance(value, staticmethod | classmethod):
        yield from _globals(value.__func__)
    elif isinstance(value, type):
        if value.__module__ != "builtins":
            for cls in value.__mro__[:-1]:
                for inner in vars(cls).values():
                    if isinstance(inner, FunctionType | staticmethod | classmethod):
                        yield from _globals(inner)
    elif value is not None and not isinstance(value, str | int | float | list | dict | tuple):
        yield from _globals(type(value))
        for inner in list(getattr(value, "__dict__", {}).values()):
            if isinstance(inner, FunctionType | MethodType | partial):
                yield from _globals(inner)


def _is_foreign(space: Namespace) -> bool:
    return str(space.get("__name__")).partition(".")[0] not in LIBRARIES


def _home(space: Namespace) -> str | None:
    """The directory of the file whose globals these are."""
    file = space.get("__file__")
    return _directory(file) if isinstance(file, str) else None


@cache
def _directory(file: str) -> str:
    return str(Path(file).resolve().parent)


@contextmanager
def executed(ring: Ring, spaces: list[Namespace], extra: Namespace | None = None) -> Iterator[Stage]:
    """Inside, the namespaces hold stand-ins, and copies of their arrays, lists and dicts; afterwards what they held.

    ``extra`` holds further values for names of the first namespace.
    """
    stage = Stage(ring)
    before = [(space, dict(space)) for space in spaces]
    states = generators()
    try:
        for space in spaces:
            others = {name: _copied(stage.of(value)) for name, value in space.items() if not name.startswith("__")}
            space.update(others)
            space.update({name: value for name, value in stage.names().items() if name not in before_names(space)})
        if extra:
            spaces[0].update(extra)
        yield stage
    finally:
        for space, kept in before:
            space.clear()
            space.update(kept)
        restored(states)


def before_names(space: Namespace) -> set[str]:
    """Names that the code defines itself."""
    return {name for name in space if not name.startswith("__")}


def _copied(value: Any) -> Any:
    return copy.copy(value) if type(value) in (list, dict, set) else value

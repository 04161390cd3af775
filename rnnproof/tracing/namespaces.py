"""The namespaces that somebody's code looks its names up in: found, given stand-ins, left as they were."""

from __future__ import annotations

import builtins
import collections
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from rnnproof.domains.ring import Ring
from rnnproof.tracing.copies import Copies
from rnnproof.tracing.global_states import global_states, restored
from rnnproof.tracing.holders import Globals, Holder, Namespace, holders
from rnnproof.tracing.standin import Stage

# Generated methods have globals of the standard library's: those are not the code's own.
FOREIGN = frozenset(
    {"built-in", *(str(Path(str(each.__file__)).resolve().parent) for each in (typing, collections, np))}
)
LIBRARIES = ("numpy", "scipy", "autograd", "builtins")


def namespaces(target: Any) -> list[Namespace]:
    """The globals of the target's functions, and of all that they name in files of the same directory.

    NumPy's own are none of them, and of modules without a file (the interpreter's, a notebook's) only the target's.
    """
    found: dict[int, Namespace] = {}
    waiting = [space for space in _globals(target) if _is_foreign(space)]
    homes = {home for space in waiting if (home := _home(space)) not in FOREIGN}
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
    """The directory of the file whose globals these are; None for code that was typed in."""
    file, spec = space.get("__file__"), space.get("__spec__")
    if isinstance(file, str):
        return _directory(file)
    return None if spec is None else "built-in"


@cache
def _directory(file: str) -> str:
    return str(Path(file).resolve().parent)


@contextmanager
def executed(
    ring: Ring, spaces: list[Namespace], extra: Namespace | None = None, stage: Stage | None = None, target: Any = None
) -> Iterator[Stage]:
    """Inside, the code finds stand-ins, and copies of what it holds; afterwards everything is as it was.

    ``extra`` holds further values for names of the first namespace. With a ``stage``, classes, defaults and closures
    are copied too, those of the ``target`` among them, and where it was used before, the code goes on with what it
    held at its end.
    """
    every = [Globals(space) for space in spaces] if stage is None else holders(spaces, target)
    stage = stage or Stage(ring)
    before = [(holder, holder.read()) for holder in every]
    states = global_states()
    try:
        copies = stage.copies(frozenset(space.get("__name__") for space in spaces))
        for holder, held in before:
            holder.write(stage.kept.get(holder.key) or _staged(holder, held, copies, stage))
        if extra:
            spaces[0].update(extra)
        with importing(stage, spaces):
            yield stage
    finally:
        stage.kept = {holder.key: holder.read() for holder in every}
        for holder, held in before:
            holder.write(held)
        restored(states)


def _staged(holder: Holder, held: Namespace, copies: Copies, stage: Stage) -> Namespace:
    """What a holder holds inside: copies and stand-ins, and built-in names that are others, in a module."""
    try:
        inside = {name: value if name.startswith("__") else copies.of(value) for name, value in held.items()}
    except RecursionError:
        stage.ring.refuse("the code holds objects that are nested too deeply to be copied")
    return stage.names() | inside if isinstance(holder, Globals) else inside


@contextmanager
def importing(stage: Stage, spaces: list[Namespace]) -> Iterator[None]:
    """Inside, an import statement of the code gives it stand-ins too."""
    original, own = builtins.__import__, {id(space) for space in spaces}

    def load(name: str, space: Any = None, *rest: Any, **options: Any) -> Any:
        module = original(name, space, *rest, **options)
        return stage.of(module) if id(space) in own else module

    builtins.__import__ = load  # type: ignore[assignment]
    try:
        yield
    finally:
        builtins.__import__ = original

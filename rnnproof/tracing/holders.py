"""What of somebody's code holds values between two calls: globals, class attributes, defaults, closures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from types import CellType, FunctionType, MethodType
from typing import Any, Protocol

Namespace = dict[str, Any]


class Holder(Protocol):
    """Something that holds values under names."""

    @property
    def key(self) -> int:
        """The same for the same thing."""

    def read(self) -> Namespace:
        """What it holds."""

    def write(self, values: Namespace) -> None:
        """Make it hold exactly these."""


@dataclass(frozen=True, eq=False)
class Globals:
    """A module's names."""

    space: Namespace

    @property
    def key(self) -> int:
        """The dictionary's."""
        return id(self.space)

    def read(self) -> Namespace:
        """What it holds."""
        return dict(self.space)

    def write(self, values: Namespace) -> None:
        """Make it hold exactly these."""
        self.space.clear()
        self.space.update(values)


@dataclass(frozen=True, eq=False)
class Class:
    """A class's attributes."""

    cls: type

    @property
    def key(self) -> int:
        """The class's."""
        return id(self.cls)

    def read(self) -> Namespace:
        """What it holds."""
        return dict(vars(self.cls))

    def write(self, values: Namespace) -> None:
        """Make it hold exactly these."""
        now = dict(vars(self.cls))
        for name in now.keys() - values.keys():
            type.__delattr__(self.cls, name)
        for name, value in values.items():
            if now.get(name, self) is not value:
                type.__setattr__(self.cls, name, value)


@dataclass(frozen=True, eq=False)
class Function:
    """A function's defaults and attributes."""

    function: FunctionType

    @property
    def key(self) -> int:
        """The function's."""
        return id(self.function)

    def read(self) -> Namespace:
        """What it holds."""
        function = self.function
        return {"defaults": function.__defaults__, "named": function.__kwdefaults__, "own": dict(vars(function))}

    def write(self, values: Namespace) -> None:
        """Make it hold exactly these."""
        function = self.function
        function.__defaults__, function.__kwdefaults__ = values["defaults"], values["named"]
        vars(function).clear()
        vars(function).update(values["own"])


@dataclass(frozen=True, eq=False)
class Cell:
    """A variable of a closure."""

    cell: CellType

    @property
    def key(self) -> int:
        """The cell's."""
        return id(self.cell)

    def read(self) -> Namespace:
        """What it holds."""
        try:
            return {"value": self.cell.cell_contents}
        except ValueError:  # not set yet
            return {}

    def write(self, values: Namespace) -> None:
        """Make it hold exactly these."""
        if values:
            self.cell.cell_contents = values["value"]
        elif self.read():
            del self.cell.cell_contents


def holders(spaces: list[Namespace], target: Any = None) -> list[Holder]:
    """The namespaces, and the classes, functions and closures of the code in them (and of the target), each once."""
    homes, found = {id(space) for space in spaces}, dict[int, Holder]()
    for space in spaces:
        found[id(space)] = Globals(space)
    waiting = [target, *(value for space in spaces for value in space.values())]
    names = {space.get("__name__") for space in spaces}
    while waiting:
        value = waiting.pop()
        for holder in _of(value, homes, names):
            if holder.key not in found:
                found[holder.key] = holder
                waiting += _inner(holder)
        waiting += [] if isinstance(value, FunctionType | type) else list(_wrapped(value))
    return list(found.values())


def _of(value: Any, homes: set[int], names: set[Any]) -> Iterator[Holder]:
    if isinstance(value, FunctionType) and id(value.__globals__) in homes:
        yield Function(value)
        yield from (Cell(cell) for cell in value.__closure__ or ())
    elif isinstance(value, type) and value.__module__ in names:
        yield Class(value)


def _inner(holder: Holder) -> Iterable[Any]:
    if isinstance(holder, Function):
        return [getattr(holder.function, "__wrapped__", None)]
    return holder.read().values() if isinstance(holder, Class | Cell) else ()


def _wrapped(value: Any) -> Iterator[Any]:
    """The functions in a method, a property, a partial or a decorated function; an object's class and functions."""
    if isinstance(value, MethodType | staticmethod | classmethod):
        yield value.__func__
    elif isinstance(value, partial):
        yield value.func
    elif isinstance(value, property):
        yield from (value.fget, value.fset)
    elif hasattr(value, "cache_clear") and hasattr(value, "__wrapped__"):
        yield value.__wrapped__
    elif isinstance(getattr(value, "__dict__", None), dict) and not hasattr(value, "__spec__"):
        yield type(value)
        yield from (inner for inner in vars(value).values() if isinstance(inner, FunctionType | MethodType | partial))

"""What functions and classes hold themselves: class attributes, closures, defaults. Copies inside, as before after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import CellType, FunctionType, MethodType
from typing import Any

from rnnproof.usecases.gradients.copies import Copier


@contextmanager
def set_aside(values: Iterable[Any], copier: Copier) -> Iterator[None]:
    """Inside, the functions and classes among the values, and those that they hold, hold copies."""
    functions, classes = held(values, copier)
    kept = [(function, function.__defaults__, function.__kwdefaults__, dict(vars(function))) for function in functions]
    cells = [(cell, cell.cell_contents) for function in functions for cell in _filled(function)]
    attributes = [(cls, dict(vars(cls))) for cls in classes]
    try:
        for function in functions:
            function.__defaults__ = copier.of(function.__defaults__) if function.__defaults__ else None
            function.__kwdefaults__ = copier.of(function.__kwdefaults__) if function.__kwdefaults__ else None
            vars(function).update({name: copier.of(value) for name, value in vars(function).items()})
        for cell, value in cells:
            cell.cell_contents = copier.of(value)
        for cls, before in attributes:
            for name, value in before.items():
                if copier.copies(value) and not name.startswith("__"):
                    setattr(cls, name, copier.of(value))
        yield
    finally:
        for function, defaults, named, own in kept:
            function.__defaults__, function.__kwdefaults__ = defaults, named
            vars(function).clear()
            vars(function).update(own)
        for cell, value in cells:
            cell.cell_contents = value
        for cls, before in attributes:
            _restore(cls, before)


def _restore(cls: type, before: dict[str, Any]) -> None:
    for name, value in dict(vars(cls)).items():
        if name not in before:
            delattr(cls, name)
        elif value is not before[name]:
            setattr(cls, name, before[name])


def held(values: Iterable[Any], copier: Copier) -> tuple[list[FunctionType], list[type]]:
    """The functions and the classes of somebody's own modules, also those in closures, methods and instances."""
    functions: dict[int, FunctionType] = {}
    classes: dict[int, type] = {}
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, MethodType):
            waiting += [value.__func__, value.__self__]
        elif isinstance(value, partial):
            waiting += [value.func, *value.args, *value.keywords.values()]
        elif isinstance(value, staticmethod | classmethod):
            waiting.append(value.__func__)
        elif isinstance(value, property):
            waiting += [value.fget, value.fset]
        elif isinstance(value, FunctionType) and id(value) not in functions and value.__module__ in copier.modules:
            functions[id(value)] = value
            waiting += [cell.cell_contents for cell in _filled(value)]
            waiting.append(getattr(value, "__wrapped__", None))
        elif isinstance(value, type) and id(value) not in classes and value.__module__ in copier.modules:
            classes[id(value)] = value
            waiting += [*vars(value).values(), *value.__mro__[1:]]
        elif copier.is_own(value):
            waiting.append(type(value))
    return list(functions.values()), list(classes.values())


def _filled(function: FunctionType) -> list[CellType]:
    return [cell for cell in function.__closure__ or () if _has_contents(cell)]


def _has_contents(cell: CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # not assigned yet
        return False

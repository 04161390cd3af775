"""Arrays that share memory with an argument, as E.T does with E: they move together, and copies of them would not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from rnnproof.errors import UsageError
from rnnproof.usecases.gradients.arguments import Arguments
from rnnproof.usecases.gradients.callables import Namespace, names_read_by, owner_of
from rnnproof.usecases.gradients.scene import Pair
from rnnproof.usecases.gradients.tree import fields_of, leaves

Named = list[tuple[str, Any]]


def refuse_shared(pair: Pair, arguments: Arguments, paths: Collection[str]) -> None:
    """Errors: UsageError where an argument of these paths shares memory with another array that the code can see.

    An argument stands for what has its name in the object or module, wherever that very object is held. An array
    that was given, and is held under another name, is a constant there.
    """
    if not paths:
        return
    given = [leaf for name, value in arguments.given.items() for leaf in _arrays(value, name)]
    replaced = _replaced(pair, arguments)
    stood_for = [leaf for name, value in replaced for leaf in _arrays(value, name)]
    held = _Reached(pair, {id(value) for _, value in replaced}).arrays()
    constant = {id(array) for _, array in given} - {id(array) for _, array in stood_for}
    for path, array in (leaf for leaf in (*given, *stood_for) if leaf[0] in paths):
        others = [leaf for leaf in given if leaf[0] != path] + [leaf for leaf in held if id(leaf[1]) not in constant]
        other = next((name for name, each in others if _overlap(array, each)), None)
        if other is not None:
            told = f"{path} and {other} share memory, and move together, but would be taken for two arrays"
            raise UsageError(f"{told}: let one be computed from the other inside the function, or give copies")


def _replaced(pair: Pair, arguments: Arguments) -> Named:
    """What the arguments stand for: an array, list or dict of that name."""
    owners = [vars(owner) for owner in map(owner_of, (pair.function, pair.gradient)) if owner is not None]
    spaces = [*pair.spaces, *owners]
    found = [(name, space.get(name)) for name in arguments.given for space in spaces]
    return [
        (name, value) for name, value in found if isinstance(value, np.ndarray | list) or fields_of(value) is not None
    ]


def _arrays(value: Any, path: str) -> Named:
    return [leaf for leaf in leaves(value, path) if isinstance(leaf[1], np.ndarray)]


def _overlap(one: Any, other: Any) -> bool:
    """Whether an entry of one is an entry of the other; where that is hard to tell, whether one may be."""
    try:
        return np.shares_memory(one, other, max_work=10**6)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


@dataclass(frozen=True, eq=False)
class _Reached:
    """What the code of a function and its gradient can see, but for what arguments stand for (``replaced``)."""

    pair: Pair
    replaced: Collection[int]
    seen: dict[int, Any] = field(default_factory=dict)

    def arrays(self) -> Named:
        """Every array, by the name under which it is first found."""
        found: Named = []
        waiting: Named = [("", self.pair.function), ("", self.pair.gradient)]
        while waiting:
            name, value = waiting.pop(0)
            if id(value) in self.seen or id(value) in self.replaced:
                continue
            self.seen[id(value)] = value
            if isinstance(value, np.ndarray):
                found.append((name, value))
            waiting += [(f"{name}.{inner}".strip("."), each) for inner, each in self._inside(value)]
        return found

    def _inside(self, value: Any) -> Iterable[tuple[str, Any]]:
        if isinstance(value, FunctionType):
            return [("", each) for each in (getattr(value, "__wrapped__", None),)] + list(self._of_function(value))
        if isinstance(value, dict):
            return [(str(key), each) for key, each in value.items()]
        if isinstance(value, list | tuple | set | frozenset):
            return [(str(n), each) for n, each in enumerate(value)]
        if isinstance(value, MethodType):
            return [("", value.__self__), ("", value.__func__)]
        if isinstance(value, partial):
            return [("", value.func), *self._inside(value.args), *self._inside(value.keywords)]
        if isinstance(value, staticmethod | classmethod):
            return [("", value.__func__)]
        if isinstance(value, property):
            return [("", value.fget)]
        return self._of_object(value)

    def _of_function(self, function: FunctionType) -> Iterator[tuple[str, Any]]:
        if not any(function.__globals__ is space for space in self.pair.spaces):
            return
        read = dict.fromkeys(names_read_by(function))
        yield from ((name, function.__globals__[name]) for name in read if name in function.__globals__)
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        yield from ((name, cell.cell_contents) for name, cell in cells if _is_set(cell))
        yield from ((function.__name__, each) for each in (function.__defaults__, function.__kwdefaults__))
        yield from vars(function).items()

    def _of_object(self, value: Any) -> Iterable[tuple[str, Any]]:
        """The attributes of the code's own modules, classes and objects."""
        spaces: list[Namespace] = self.pair.spaces
        if isinstance(value, ModuleType):
            own = any(vars(value) is space for space in spaces)
            return [(name, each) for name, each in vars(value).items() if name in self.pair.read] if own else ()
        kind = value if isinstance(value, type) else type(value)
        if kind is not SimpleNamespace and kind.__module__ not in {space.get("__name__") for space in spaces}:
            return ()
        bases = [("", base) for base in (kind.__bases__ if value is kind else (kind,))]
        return [*dict(getattr(value, "__dict__", {})).items(), *bases]


def _is_set(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False

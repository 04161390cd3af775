"""Where a function and its gradient are called: their modules and objects as copies, left as they were afterwards."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from rnnproof.adapters.foreign import calling
from rnnproof.domains.dual import literal
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import UsageError, nearest
from rnnproof.tracing.namespaces import Namespace, executed, namespaces
from rnnproof.tracing.standin import generators, restored

Call = Callable[..., Any]
Watch = Callable[[], Any]  # a context manager: no call takes longer than it may


@dataclass(frozen=True, eq=False)
class Pair:
    """A function, its gradient, and how each is called in messages."""

    function: Call
    gradient: Call
    names: tuple[str, str]
    watch: Watch
    positional: bool = False
    spaces: list[Namespace] = field(default_factory=list)
    read: frozenset[str] = frozenset()

    @property
    def same(self) -> bool:
        """Whether the function gives its own gradient."""
        return self.function == self.gradient


@dataclass(frozen=True, eq=False)
class Scene:
    """One execution: the function and the gradient bound to copies, and where each argument was put."""

    function: Call
    gradient: Call
    names: tuple[str, str]
    values: Mapping[str, Any]
    pair: Pair
    places: Mapping[str, Callable[[], Any]]
    random_before: tuple[Any, Any]

    def call_function(self) -> Any:
        """What the function returns. Errors: TargetError."""
        return self._called(self.function, self.names[0], self.values)

    def call_gradient(self, more: Mapping[str, Any]) -> Any:
        """What the gradient returns; ``more`` are values for parameters that are no arguments."""
        return self._called(self.gradient, self.names[1], {**self.values, **more})

    def _called(self, call: Call, name: str, values: Mapping[str, Any]) -> Any:
        if self.pair.positional and not self.pair.same and call is self.gradient:
            values = _renamed(call, values)
        positional, named = passed(call, name, values)
        with self.pair.watch(), calling(name), np.errstate(all="ignore"):
            return call(*positional, **named)

    def now(self, name: str) -> Any:
        """What an argument is after the calls: changed in place, or put in its place."""
        return self.places[name]()

    def kept(self) -> list[Namespace]:
        """The attributes of the gradient's object, and the globals of its module."""
        owner = _owner(self.gradient)
        spaces = [None if owner is None else vars(owner), _globals(self.gradient)]
        return [space for space in spaces if space is not None]

    def drew(self) -> bool:
        """Whether the global generators of random numbers were used."""
        before, after = self.random_before, generators()
        return before[1] != after[1] or any(np.any(a != b) for a, b in zip(before[0], after[0], strict=True))


def _renamed(call: Call, values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments given in order, under the names that this callable has for them."""
    own = [parameter.name for parameter in parameters_of(call) or ()]
    known = [name for name in values if name in own]
    return dict(values) if known else {**dict(zip(own, values.values(), strict=False)), **values}


def passed(call: Call, name: str, values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The values that a callable takes, as it takes them.

    Errors: UsageError for a parameter without a value.
    """
    parameters = parameters_of(call)
    if parameters is None:
        return list(values.values()), {}
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            named.update({key: value for key, value in values.items() if key not in named})
        elif parameter.name not in values:
            if parameter.default is parameter.empty:
                told = ", ".join(values)
                raise UsageError(f"{name} takes {parameter.name}, which is none of the arguments {told}")
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(values[parameter.name])
        else:
            named[parameter.name] = values[parameter.name]
    return positional, named


def takes(call: Call, name: str) -> bool:
    """Whether a callable takes a value of that name."""
    parameters = parameters_of(call)
    return parameters is None or any(p.name == name or p.kind is p.VAR_KEYWORD for p in parameters)


def parameters_of(call: Call) -> list[inspect.Parameter] | None:
    """The parameters; None where a callable takes anything, or does not say."""
    try:
        found = list(inspect.signature(call).parameters.values())
    except (ValueError, TypeError):
        return None
    return None if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in found) else found


def pair(function: Call, gradient: Call, names: tuple[str, str], watch: Watch, positional: bool) -> Pair:
    """Both, with the namespaces of their code. Errors: UsageError for what cannot be called."""
    for call, name in zip((function, gradient), names, strict=True):
        if not callable(call):
            raise UsageError(f"{name} is {type(call).__name__}, which cannot be called")
    found = [*namespaces(function), *namespaces(gradient)]
    spaces = list({id(space): space for space in found}.values())
    code = [function, gradient, *map(type, filter(None, map(_owner, (function, gradient))))]
    held = [*code, *(value for space in spaces for value in space.values())]
    read = frozenset(name for value in held for name in _read_by(value))
    return Pair(function, gradient, names, watch, positional, spaces, read)


def _read_by(value: Any) -> Iterator[str]:
    """The names that the code of a function or of a class's methods looks up, nested functions included."""
    if isinstance(value, type):
        for inner in vars(value).values():
            if not isinstance(inner, type):
                yield from _read_by(inner)
    function = inspect.unwrap(getattr(value, "__func__", value)) if callable(value) else value
    code = getattr(function, "__code__", getattr(getattr(value, "fget", None), "__code__", None))
    waiting = [code] if isinstance(code, CodeType) else []
    while waiting:
        code = waiting.pop()
        yield from code.co_names
        waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]


@contextmanager
def scene(pair: Pair, values: Mapping[str, Any], ring: Ring | None) -> Iterator[Scene]:
    """Inside, everything is a copy; in a ring, every array of floats is one of it.

    Errors: UsageError for an argument that is no parameter, no attribute and no global of either.
    """
    originals = [dict(space) for space in pair.spaces]
    notes, logs = (dict(ring.notes), ring.logs) if ring is not None else ({}, 0)
    with _executed(ring, pair.spaces):
        if ring is not None:  # an array that nobody reads is no literal of the code
            ring.notes, ring.logs = notes, 0
        copier = _Copier(ring, {space.get("__name__") for space in pair.spaces}, {})
        copier.known.update(_stand_for(values, [*originals, *map(vars, filter(None, map(_owner, _calls(pair))))]))
        for space, original in zip(pair.spaces, originals, strict=True):
            held = {name: value for name, value in original.items() if name in pair.read}
            space.update({name: copier.of(value) for name, value in held.items() if copier.copies(value)})
        function, gradient = copier.call(pair.function), copier.call(pair.gradient)
        places = {name: _put(name, value, (function, gradient), pair) for name, value in values.items()}
        yield Scene(function, gradient, pair.names, values, pair, places, generators())
    if ring is not None:  # each logarithm costs its own run a digit, and no other run
        ring.logs = max(logs, ring.logs)


def _calls(pair: Pair) -> tuple[Call, Call]:
    return pair.function, pair.gradient


def _stand_for(values: Mapping[str, Any], held: list[Namespace]) -> dict[int, Any]:
    """What arguments stand for: the arrays and containers of their names, also where a list holds them."""
    return {
        id(space[name]): value
        for name, value in values.items()
        for space in held
        if isinstance(space.get(name), np.ndarray | list | dict)
    }


@contextmanager
def _executed(ring: Ring | None, spaces: list[Namespace]) -> Iterator[None]:
    if ring is not None:
        with executed(ring, spaces):
            yield
        return
    before, states = [(space, dict(space)) for space in spaces], generators()
    try:
        yield
    finally:
        for space, kept in before:
            space.clear()
            space.update(kept)
        restored(states)


def _put(name: str, value: Any, calls: tuple[Call, Call], pair: Pair) -> Callable[[], Any]:
    """Where an argument goes that is no parameter; how to look at it afterwards."""
    found: Callable[[], Any] | None = None
    for call in calls:
        if pair.positional or takes(call, name):
            found = found or (lambda: value)
            continue
        owner = _owner(call)
        if owner is not None and hasattr(owner, name):
            setattr(owner, name, value)
            found = partial(getattr, owner, name)
        elif (space := _globals(call)) is not None and (name in space or name in _names_read(call)):
            space[name] = value
            found = partial(space.__getitem__, name)
    if found is None:
        known = [parameter.name for call in calls for parameter in parameters_of(call) or ()]
        raise UsageError(
            f"{name} is no parameter of {pair.names[0]}, and no global or attribute that it reads{nearest(name, known)}"
        )
    return found


def _owner(call: Call) -> Any:
    """The object that a method is bound to, or that is called itself; None for a function."""
    if isinstance(call, MethodType):
        return call.__self__
    return None if isinstance(call, FunctionType | partial | type) or not hasattr(call, "__dict__") else call


def _globals(call: Call) -> Namespace | None:
    inner = call.func if isinstance(call, partial) else call
    function = inspect.unwrap(getattr(inner, "__func__", inner))
    return getattr(function, "__globals__", None)


def _names_read(call: Call) -> tuple[str, ...]:
    function = inspect.unwrap(getattr(call, "__func__", call))
    code = getattr(function, "__code__", None)
    return () if code is None else code.co_names


@dataclass(frozen=True, eq=False)
class _Copier:
    """Copies of what a namespace holds, each object once; ``modules``: whose instances are copied."""

    ring: Ring | None
    modules: set[Any]
    known: dict[int, Any]

    def copies(self, value: Any) -> bool:
        """Whether a value is one that somebody's code could change."""
        return isinstance(value, np.ndarray | list | dict | tuple | set) or self._own(value)

    def of(self, value: Any) -> Any:
        """The copy of a value, the same for the same object; anything else as it is."""
        if id(value) not in self.known and self.copies(value):
            self.known[id(value)] = self._made(value)
        return self.known.get(id(value), value)

    def call(self, call: Call) -> Call:
        """A method of a copy; a function as it is."""
        if isinstance(call, MethodType) and not isinstance(call.__self__, type):
            return MethodType(call.__func__, self._instance(call.__self__))
        owner = _owner(call)
        return call if owner is None or isinstance(call, MethodType) else self._instance(owner)  # type: ignore[no-any-return]

    def _own(self, value: Any) -> bool:
        kind = type(value)
        return kind.__module__ in self.modules and hasattr(value, "__dict__") and not isinstance(value, type)

    def _made(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, list):
            made = self.known[id(value)] = copy.copy(value)
            made[:] = [self.of(each) for each in value]
            return made
        if isinstance(value, dict):
            made = self.known[id(value)] = copy.copy(value)
            made.update({key: self.of(each) for key, each in value.items()})
            return made
        if isinstance(value, set) or hasattr(value, "_fields"):
            return copy.copy(value)
        return tuple(self.of(each) for each in value) if isinstance(value, tuple) else self._instance(value)

    def _array(self, value: Any) -> Any:
        if self.ring is None or value.dtype.kind != "f" or not np.isfinite(value).all():
            return value.copy()
        return RingArray(literal(self.ring, value))

    def _instance(self, value: Any) -> Any:
        if id(value) not in self.known:
            made = self.known[id(value)] = copy.copy(value)
            vars(made).update({name: self.of(each) for name, each in vars(value).items()})
        return self.known[id(value)]

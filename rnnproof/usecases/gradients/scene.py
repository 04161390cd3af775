"""Where a function and its gradient are called: their modules and objects as copies, left as they were afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from rnnproof.adapters import foreign
from rnnproof.domains.ring import Ring
from rnnproof.errors import UsageError, nearest
from rnnproof.tracing.global_states import generators, restored
from rnnproof.tracing.namespaces import executed, namespaces
from rnnproof.tracing.standin import Stage
from rnnproof.usecases.gradients.callables import (
    Call,
    Namespace,
    globals_of,
    names_read,
    names_read_by,
    owner_of,
    parameters_of,
    passed,
    renamed,
    takes,
)
from rnnproof.usecases.gradients.copies import copied_call, copies_on, set_aside
from rnnproof.usecases.gradients.tree import fields_of

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
        values = {**self.values, **more}
        if self.pair.positional and not self.pair.same:
            values = renamed(self.gradient, self.values, more)
        return self._called(self.gradient, self.names[1], values)

    def _called(self, call: Call, name: str, values: Mapping[str, Any]) -> Any:
        positional, named = passed(call, name, values)
        with self.pair.watch(), np.errstate(all="ignore"):
            return foreign.call(name, call, positional, named)

    def now(self, name: str) -> Any:
        """What an argument is after the calls: changed in place, or put in its place."""
        return self.places[name]()

    def kept(self) -> list[Namespace]:
        """The attributes of the gradient's object, and the globals of its module."""
        owner = owner_of(self.gradient)
        spaces = [None if owner is None else vars(owner), globals_of(self.gradient)]
        return [space for space in spaces if space is not None]

    def drew(self) -> bool:
        """Whether the global generators of random numbers were used."""
        before, after = self.random_before, generators()
        return before[1] != after[1] or any(np.any(a != b) for a, b in zip(before[0], after[0], strict=True))


def pair(function: Call, gradient: Call, names: tuple[str, str], watch: Watch, positional: bool) -> Pair:
    """Both, with the namespaces of their code. Errors: UsageError for what cannot be called."""
    for call, name in zip((function, gradient), names, strict=True):
        if not callable(call):
            raise UsageError(f"{name} cannot be called: it is {type(call).__name__}")
    found = [*namespaces(function), *namespaces(gradient)]
    spaces = list({id(space): space for space in found}.values())
    code = [function, gradient, *map(type, filter(None, map(owner_of, (function, gradient))))]
    held = [*code, *(value for space in spaces for value in space.values())]
    read = frozenset(name for value in held for name in names_read_by(value))
    return Pair(function, gradient, names, watch, positional, spaces, read)


@contextmanager
def scene(pair: Pair, values: Mapping[str, Any], ring: Ring | None) -> Iterator[Scene]:
    """Inside, everything is a copy; in a ring, every array of floats is one of it.

    Errors: UsageError for an argument that is no parameter, no attribute and no global of either.
    """
    originals = [dict(space) for space in pair.spaces]
    notes, logs = (dict(ring.notes), ring.logs) if ring is not None else ({}, 0)
    with _executed(ring, pair.spaces) as stage:
        if ring is not None:  # an array that nobody reads is no literal of the code
            ring.notes, ring.logs = notes, 0
        copies = copies_on(stage, {space.get("__name__") for space in pair.spaces})
        owners = [owner for owner in map(owner_of, (pair.function, pair.gradient)) if owner is not None]
        copies.made.update(_stand_for(values, [*originals, *(dict(vars(owner)) for owner in owners)]))
        for space, original in zip(pair.spaces, originals, strict=True):
            read = {name: value for name, value in original.items() if name in pair.read}
            space.update({name: copies.of(value) for name, value in read.items() if not name.startswith("__")})
        with set_aside(pair.spaces, (pair.function, pair.gradient), copies):
            function, gradient = copied_call(copies, pair.function), copied_call(copies, pair.gradient)
            places = {name: _put(name, value, (function, gradient), pair) for name, value in values.items()}
            yield Scene(function, gradient, pair.names, values, pair, places, generators())
    if ring is not None:  # each logarithm costs its own run a digit, and no other run
        ring.logs = max(logs, ring.logs)


def _stand_for(values: Mapping[str, Any], held: list[Namespace]) -> dict[int, tuple[Any, Any]]:
    """What arguments stand for: the arrays and containers of their names, also where a list holds them."""
    return {
        id(space[name]): (space[name], value)
        for name, value in values.items()
        for space in held
        if isinstance(space.get(name), np.ndarray | list) or fields_of(space.get(name)) is not None
    }


@contextmanager
def _executed(ring: Ring | None, spaces: list[Namespace]) -> Iterator[Stage | None]:
    if ring is not None:
        with executed(ring, spaces) as stage:
            yield stage
        return
    before, states = [(space, dict(space)) for space in spaces], generators()
    try:
        yield None
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
        owner = owner_of(call)
        if owner is not None and hasattr(owner, name):
            setattr(owner, name, value)
            found = partial(getattr, owner, name)
        elif (space := globals_of(call)) is not None and (name in space or name in names_read(call)):
            space[name] = value
            found = partial(space.__getitem__, name)
    if found is None:
        known = [parameter.name for call in calls for parameter in parameters_of(call) or ()]
        raise UsageError(
            f"{name} is no parameter of {pair.names[0]}, and no global or attribute that it reads{nearest(name, known)}"
        )
    return found

"""Copies of what modules, objects, functions and classes hold, in a ring or in floats; afterwards all is as before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from rnnproof.domains.dual import literal
from rnnproof.domains.ring import Note, Ring
from rnnproof.domains.ring_array import RingArray, of
from rnnproof.tracing.copies import Copies
from rnnproof.tracing.holders import Globals, Namespace, holders
from rnnproof.tracing.standin import Stage
from rnnproof.usecases.gradients.callables import Call


def copies_on(stage: Stage | None, modules: Collection[Any]) -> Copies:
    """Copies in a stage's ring, where arrays of floats are of it; without one, in floats."""
    replaced = _in_floats if stage is None else partial(_in_ring, stage)
    return Copies(frozenset(modules), replaced)


def _in_floats(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _in_ring(stage: Stage, value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return stage.of(value)
    return _array(stage.ring, value) if np.isfinite(value).all() else value.copy()


def _array(ring: Ring, value: Any) -> RingArray:
    before = dict(ring.notes)
    made = of(literal(ring, value), value)
    if len(ring.notes) > len(before):  # the line that says it is not known any more
        ring.notes = {**before, Note("literal", "an array of the module or object"): None}
    return made


def copied_call(copies: Copies, call: Call) -> Call:
    """A method of a copy; a function as it is."""
    made: Callable[..., Any] = call if isinstance(call, FunctionType | type) else copies.of(call)
    return made


@contextmanager
def set_aside(spaces: list[Namespace], calls: Iterable[Call], copies: Copies) -> Iterator[None]:
    """Inside, the functions, closures and classes of these namespaces and calls hold copies."""
    found = {holder.key: holder for call in calls for holder in holders(spaces, call)}
    before = [(holder, holder.read()) for holder in found.values() if not isinstance(holder, Globals)]
    try:
        for holder, held in before:
            holder.write({name: value if name.startswith("__") else copies.of(value) for name, value in held.items()})
        yield
    finally:
        for holder, held in before:
            holder.write(held)

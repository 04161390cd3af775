"""A failing case made simple: Hypothesis shrank its sizes; here its entries become 0, or round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from rnnproof.model.case import Array, Case, Cotangents

MOST_TRIES = 400


def minimise(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The case with as many entries zero, and the others as short, as it still fails with."""
    tries = 0
    for place in list(_places(case)):
        for simpler in _simpler(_get(case, place)):
            tries += 1
            if tries > MOST_TRIES:
                return case
            candidate = _set(case, place, simpler)
            if fails(candidate):
                case = candidate
                break
    return _entries(case, fails, MOST_TRIES - tries)


def _entries(case: Case, fails: Callable[[Case], bool], tries: int) -> Case:
    """The same entry by entry, where whole arrays could not be made simpler."""
    for place in list(_places(case)):
        value = _get(case, place)
        for index in np.ndindex(value.shape):
            for simpler in _simpler(value[index]):
                tries -= 1
                if tries < 0:
                    return case
                changed = _get(case, place).copy()
                changed[index] = simpler
                candidate = _set(case, place, changed)
                if fails(candidate):
                    case = candidate
                    break
    return case


def _simpler(value: Array) -> Iterator[Array]:
    """Zero, then the value rounded to 1, 1/2, 1/4, 1/8; nothing that is the value itself."""
    tried = [value]
    for candidate in (np.zeros_like(value), *(np.round(value * scale) / scale for scale in (1, 2, 4, 8))):
        if not any(np.array_equal(candidate, old) for old in tried):
            tried.append(candidate)
            yield candidate


Place = tuple[str, str]


def _places(case: Case) -> Iterator[Place]:
    """Every array of the case: cotangents first, since the fewer of them the plainer the failure."""
    yield from (("cotangent", name) for name in case.cotangents.state)
    yield "cotangent", "outputs"
    yield from (("parameters", name) for name in case.parameters)
    yield from (("state", name) for name in case.state)
    yield "x", "x"


def _get(case: Case, place: Place) -> Array:
    where, name = place
    if where == "x":
        return case.x
    if where == "cotangent":
        return case.cotangents.outputs if name == "outputs" else case.cotangents.state[name]
    return case.parameters[name] if where == "parameters" else case.state[name]


def _set(case: Case, place: Place, value: Array) -> Case:
    where, name = place
    if where == "x":
        return replace(case, x=value)
    if where == "parameters":
        return replace(case, parameters={**case.parameters, name: value})
    if where == "state":
        return replace(case, state={**case.state, name: value})
    old = case.cotangents
    if name == "outputs":
        return replace(case, cotangents=Cotangents(value, old.state))
    return replace(case, cotangents=Cotangents(old.outputs, {**old.state, name: value}))

"""A target that leaves arrays of its network alone: a black box that takes the rest, to be told what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnproof.adapters.plain import PlainImplementation, plain_implementation
from rnnproof.adapters.resolve import Target
from rnnproof.conventions.box import Box
from rnnproof.conventions.clock import Clock, OutOfTime
from rnnproof.conventions.shapes import filled, inputs
from rnnproof.conventions.unread import Given, arrays_of, unread_arrays
from rnnproof.dialects.named import PLAIN
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Array
from rnnproof.model.implementation import Claims
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Trace


@dataclass(frozen=True, eq=False)
class Fewer:
    """A target that is given arrays of ``network`` by canonical names, without those of which it reads nothing.

    ``arrays``: the letters of those that it reads; ``idle``: the states that it returns as they were.
    """

    inner: PlainImplementation
    network: Network
    arrays: Mapping[str, tuple[str, ...]]
    idle: tuple[str, ...]
    claims: Claims

    def run(self, params: Mapping[str, Array], x: Array, state: Mapping[str, Array]) -> Any:
        """What the target returns, without the states that it leaves alone; what is not read is one, or zero."""
        sizes = self._sizes(params, x)
        arrays = {name: np.ones(shape, x.dtype) for name, shape in self.network.shapes(sizes).items()} | dict(params)
        states = {name: np.zeros(self.network.state_shapes(sizes)[name], x.dtype) for name in self.idle} | dict(state)
        target = self.inner.given(self.network, PLAIN, arrays, {}, str(x.dtype)).target
        returned = target.run(arrays, x, states)
        if not self.idle or not isinstance(returned, tuple) or not isinstance(returned[-1], Mapping):
            return returned
        return (*returned[:-1], {name: value for name, value in returned[-1].items() if name not in self.idle})

    def _sizes(self, params: Mapping[str, Array], x: Array) -> Sizes:
        """The sizes that the arrays show."""
        T, B, I = x.shape
        pairs = (
            pair for name, letters in self.arrays.items() for pair in zip(letters, params[name].shape, strict=True)
        )
        shown = {letter: size for letter, size in pairs if letter in "HOP"}
        return Sizes(T, B, I, **({"H": 1} | shown))


@dataclass(frozen=True)
class Rest:
    """A target without the arrays of which it reads nothing, and without the states that it leaves as they are."""

    target: Target
    unread: tuple[str, ...]
    idle: tuple[str, ...]


def rest_of(target: Target, inner: PlainImplementation, clock: Clock) -> Rest | None:
    """The target without what it reads nothing of; None where it reads of each matrix, or its runs take too long.

    Networks differ in their matrices; where a bias or a peephole alone is not read, it is this network with a change.
    """
    box, network = Box(replace(target, implementation=inner), clock), target.network
    given = Given(
        box,
        network,
        PLAIN,
        filled(network.shapes(box.sizes), box.dtype),
        *inputs(network, box.sizes, box.dtype),
    )
    try:
        before = given.run()
        unread = unread_arrays(given, before)
        idle = tuple(name for name in network.states if _is_idle(given, before, name))
    except (RnnproofError, OutOfTime):
        return None
    if not any(given.arrays[name].ndim > 1 for name in unread) or len(unread) == len(given.arrays):
        return None
    arrays = {name: letters for name, letters in network.parameters.items() if name not in unread}
    claims = replace(inner.claims, networks=None, gradients=False, lengths=False, state_none=False)
    rest = plain_implementation(inner.name, Fewer(inner, network, arrays, idle, claims))
    return Rest(replace(target, implementation=rest), unread, idle)


def _is_idle(given: Given, before: Trace, name: str) -> bool:
    """Whether a state is returned as it was given, and nothing else depends on it."""
    after = replace(given, state={**given.state, name: given.state[name] + 1}).run()
    rest = [replace(trace, final={k: v for k, v in trace.final.items() if k != name}) for trace in (before, after)]
    kept = np.array_equal(before.final.get(name, np.nan), given.state[name])
    return kept and all(map(np.array_equal, *map(arrays_of, rest)))

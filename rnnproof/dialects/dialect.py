"""What a dialect is: the arrays a target takes, each said in canonical parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from rnnproof.dialects.stack import FIRST as FIRST
from rnnproof.dialects.stack import SECOND as SECOND
from rnnproof.dialects.stack import UNREAD as UNREAD
from rnnproof.dialects.stack import WHOLE as WHOLE
from rnnproof.dialects.stack import Held, misplaced, stacks_of
from rnnproof.dialects.stack import Joined as Joined
from rnnproof.dialects.stack import Stack as Stack
from rnnproof.errors import ModelError

CANONICAL_LAYOUT = "TBI"

State = str | tuple[str, ...]  # one state, or several stacked along a new first axis


@dataclass(frozen=True, repr=False)
class Dialect:
    """How a target packs parameters, states and sequences; printed, it can be pasted back.

    ``arrays``: each array by the target's name for it, one stack or several one after the other, or joined in another
    way; none at all: every parameter under its canonical name.
    ``state``: the states, in the order of the tuple in which they come and go, several in a tuple of their own being
    one array with a first axis more; None: a dict, canonical names.
    ``layout``: the order of the axes of x; outputs have the same order, their features in the place of I.

    Errors: ModelError for a canonical parameter that has two places, or one half of two, or a strange layout.
    """

    arrays: Mapping[str, Held]
    state: tuple[State, ...] | None = None
    layout: str = CANONICAL_LAYOUT
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "arrays", MappingProxyType(dict(self.arrays)))
        object.__setattr__(self, "state", None if self.state is None else tuple(self.state))
        if sorted(self.layout) != sorted(CANONICAL_LAYOUT):
            raise ModelError(f"dialect: layout is {self.layout!r}; expected T, B and I in some order")
        for array, held in self.arrays.items():
            if misplaced(held):
                raise ModelError(f"dialect: {array} is {held!r}; expected one stack or several, along one axis")
        if len(set(self.states)) < len(self.states):
            raise ModelError(f"dialect: state is {self.state}; expected each state once")
        for problem in _places(self.stacks):
            raise ModelError(f"dialect: {problem}")

    def __hash__(self) -> int:
        return hash((frozenset(self.arrays.items()), self.state, self.layout))

    @cached_property
    def stacks(self) -> dict[str, tuple[Stack, ...]]:
        """Of each array, the stacks of which it consists, in order."""
        return {array: tuple(stacks_of(held)) for array, held in self.arrays.items()}

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Every state that has a place, in order."""
        groups = ((state,) if isinstance(state, str) else state for state in self.state or ())
        return tuple(name for group in groups for name in group)

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The canonical parameters that have a place."""
        return frozenset(name for stacks in self.stacks.values() for stack in stacks for name in stack.names)

    def __repr__(self) -> str:
        arrays = ", ".join(f"{name!r}: {stack!r}" for name, stack in self.arrays.items())
        name = f", name={self.name!r}" if self.name else ""
        return f"Dialect(arrays={{{arrays}}}, state={self.state!r}, layout={self.layout!r}{name})"


def _places(arrays: Mapping[str, tuple[Stack, ...]]) -> Iterator[str]:
    """What is wrong with the places of parameters: each stands in one array whole, or in two as parts."""
    every = [stack for stacks in arrays.values() for stack in stacks]
    places = Counter((name, stack.part) for stack in every for name in stack.names)
    parts: dict[str, list[Stack]] = {}
    for stack in every:
        for name in stack.names:
            parts.setdefault(name, []).append(stack)
    for name, held in parts.items():
        counts = tuple(places[name, part] for part in (WHOLE, FIRST, SECOND))
        if counts not in ((1, 0, 0), (0, 1, 1)):
            yield (
                f"{name} stands in {counts[WHOLE]} arrays whole, in {counts[FIRST]} as first and in "
                f"{counts[SECOND]} as second part; expected one whole, or one of each part"
            )
        if len({(_negated(stack, name), _shift(stack, name)) for stack in held}) > 1:
            yield f"the two parts of {name} differ in sign or shift; a sum of two has one sign and one shift"


def _negated(stack: Stack, name: str) -> bool:
    return name in map(stack.canonical, stack.negate.split())


def _shift(stack: Stack, name: str) -> float:
    return {stack.canonical(gate): amount for gate, amount in stack.shifts.items()}.get(name, 0.0)

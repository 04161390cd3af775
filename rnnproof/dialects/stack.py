"""What one array of a target holds, said in canonical parameters: gates stacked, and stacks side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rnnproof.errors import ModelError

WHOLE, FIRST, SECOND = 0, 1, 2
UNREAD = "_"  # in the place of a gate: a block that the target has, and does not read


@dataclass(frozen=True, repr=False)
class Stack:
    """One array of a target: the canonical arrays ``of``_gate, gate after gate along ``axis``.

    ``transpose``: each is transposed first. ``negate``: the gates that the target holds with the other sign.
    ``shift``: amounts by gate, a dict or pairs; the target adds the amount itself, so its array holds that much less.
    ``part``: 0, the whole; 1 or 2, one of two arrays that the target adds up (a bias for x, and one for h).
    ``within``: what stands before the canonical names in a stack of layers: "0.forward.".
    ``interleaved``: along the axis, unit after unit: the first of each gate, then the second of each.
    A gate ``_`` is a block that the target has and does not read: it is packed as ones.

    Errors: ModelError for a gate that is named twice or that is none of the stack's, or another axis or part.
    """

    gates: str
    of: str
    axis: int = 0
    transpose: bool = False
    negate: str = ""
    shift: tuple[tuple[str, float], ...] | Mapping[str, float] = ()
    part: int = WHOLE
    within: str = ""
    interleaved: bool = False

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "shift", tuple((gate, float(amount)) for gate, amount in self.shifts.items()))
        except (TypeError, ValueError) as problem:
            raise ModelError(f"shift is {self.shift!r}; expected a dict of an amount by gate") from problem
        gates = [gate for gate in self.gates.split() if gate != UNREAD]
        if not gates or len(set(gates)) < len(gates):
            raise ModelError(f"{self}: expected at least one gate, and each once")
        for gate in (*self.negate.split(), *self.shifts):
            if gate not in gates:
                raise ModelError(f"{self}: {gate!r} is none of its gates {self.gates}")
        if self.axis not in (0, 1):
            raise ModelError(f"{self}: axis is {self.axis}; expected 0 or 1")
        if self.part not in (WHOLE, FIRST, SECOND):
            raise ModelError(f"{self}: part is {self.part}; expected 0 (the whole), 1 or 2")

    @property
    def shifts(self) -> dict[str, float]:
        """The amount that the target adds, by gate."""
        return dict(self.shift)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The canonical parameters it holds, in order: ("W_i", "W_f", ...)."""
        return tuple(self.canonical(gate) for gate in self.gates.split() if gate != UNREAD)

    def canonical(self, gate: str) -> str:
        """The canonical parameter of a gate: "W_i", or "0.forward.W_i"."""
        return f"{self.within}{self.of}_{gate}"

    def __repr__(self) -> str:
        told = [repr(self.gates), f"of={self.of!r}", f"axis={self.axis}", f"transpose={self.transpose}"]
        told += [f"negate={self.negate!r}"] * bool(self.negate) + [f"shift={self.shift!r}"] * bool(self.shift)
        told += [f"part={self.part}"] * bool(self.part) + [f"within={self.within!r}"] * bool(self.within)
        told += ["interleaved=True"] * self.interleaved
        return f"Stack({', '.join(told)})"


@dataclass(frozen=True, repr=False)
class Joined:
    """Parts of one array side by side along ``axis``: W above U in one matrix; new=True: along a new axis there.

    A part is a stack, several one after the other, or parts that are joined themselves.

    Errors: ModelError without any part, or for another axis.
    """

    parts: tuple[Held, ...]
    axis: int = 0
    new: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        if not self.parts:
            raise ModelError(f"{self}: expected at least one part")
        if self.axis not in ((0, 1, 2) if self.new else (0, 1)):
            raise ModelError(f"{self}: axis is {self.axis}; expected 0 or 1, or 2 for a new one")

    def __repr__(self) -> str:
        return f"Joined({self.parts!r}, axis={self.axis}{', new=True' * self.new})"


Held = Stack | tuple["Held", ...] | Joined  # what an array holds


def stacks_of(held: Held) -> Iterator[Stack]:
    """Every stack of an array, in order."""
    if isinstance(held, Stack):
        yield held
        return
    for part in held.parts if isinstance(held, Joined) else held:
        yield from stacks_of(part)


def axis_of(held: Held) -> int:
    """Along which axis the parts of an array that holds several stand one after the other."""
    return held.axis if isinstance(held, Stack | Joined) else axis_of(held[0])


def misplaced(held: Held) -> bool:
    """Whether stacks that should stand one after the other have not one axis in common, or are none at all."""
    if isinstance(held, Stack):
        return False
    if isinstance(held, Joined):
        return any(map(misplaced, held.parts))
    return not held or any(map(misplaced, held)) or len({axis_of(part) for part in held}) > 1

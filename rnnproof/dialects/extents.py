"""How long the parts of a target's arrays are, from the canonical shapes; and the canonical shapes, from the arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.stack import Held, Joined, Stack, axis_of, stacks_of
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network, Sizes

Shapes = Mapping[str, tuple[int, ...]]
NO_SHAPES: Shapes = MappingProxyType({})


def extents(parts: Sequence[Held], array: Array, axis: int, shapes: Shapes) -> list[int]:
    """How long each part is along an axis; without shapes, each gate is as long as any other."""
    if any(name not in shapes for part in parts for stack in stacks_of(part) for name in stack.names):
        counts = [sum(len(stack.gates.split()) for stack in stacks_of(part)) for part in parts]
        return [count * (array.shape[axis] // sum(counts)) for count in counts]
    return [extent(part, axis, shapes) for part in parts]


def extent(held: Held, axis: int, shapes: Shapes) -> int:
    """How long an array, or a part of it, is along an axis."""
    if isinstance(held, Stack):
        one = shapes[held.names[0]][:: -1 if held.transpose else 1][axis]
        return one * len(held.gates.split()) if axis == held.axis else one
    parts = held.parts if isinstance(held, Joined) else held
    if isinstance(held, Joined) and held.new:
        return len(parts) if axis == held.axis else extent(parts[0], axis - (axis > held.axis), shapes)
    return sum(extent(part, axis, shapes) for part in parts[: None if axis == axis_of(held) else 1])


def shapes_in(dialect: Dialect, network: Network, arrays: Arrays, inputs: int) -> Shapes:
    """The canonical parameters' shapes in a target's arrays, read by an x with so many inputs.

    The extents are linear in I, H, O and P, so they are solved for: arrays (I+H,4H) and (4H,) tell H.

    Errors: ValueError for arrays that have no such sizes, or that leave one open.
    """
    if not dialect.arrays:
        return NO_SHAPES
    return _solved(dialect, network, tuple((name, arrays[name].shape) for name in dialect.arrays), inputs)


@lru_cache(maxsize=256)
def _solved(dialect: Dialect, network: Network, given: tuple[tuple[str, tuple[int, ...]], ...], inputs: int) -> Shapes:
    letters = sorted({letter[-1] for shape in network.parameters.values() for letter in shape})
    places = [(dialect.arrays[name], axis) for name, shape in given for axis in range(len(shape))]
    told = np.array([size for _, shape in given for size in shape] + [inputs])
    none = np.array([*_all_extents(places, network, {}), 0])
    each = [np.array([*_all_extents(places, network, {letter: 1}), letter == "I"]) - none for letter in letters]
    found, _, rank, _ = np.linalg.lstsq(np.stack(each, axis=1), told - none)
    sizes = dict(zip(letters, map(round, found.tolist()), strict=True))
    if rank < len(letters) or min(sizes.values()) < 0 or [*_all_extents(places, network, sizes)] != told[:-1].tolist():
        shapes = ", ".join(f"{name} {shape}" for name, shape in given)
        raise ValueError(f"no {network.name} with {inputs} inputs has arrays of the shapes {shapes}")
    return network.shapes(_sizes(sizes))


def _all_extents(places: Sequence[tuple[Held, int]], network: Network, sizes: Mapping[str, int]) -> Iterator[int]:
    shapes = network.shapes(_sizes(sizes))
    return (extent(held, axis, shapes) for held, axis in places)


def _sizes(sizes: Mapping[str, int]) -> Sizes:
    return Sizes(**dict.fromkeys("TBIHOP", 0) | dict(sizes))

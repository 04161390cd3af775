"""From canonical parameters to a target's arrays, and back: permute, transpose, split, negate, shift."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnproof.dialects.dialect import CANONICAL_LAYOUT, FIRST, SECOND, WHOLE, Dialect, Stack
from rnnproof.dialects.split import split
from rnnproof.domains.dual import unknown
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network


def check(dialect: Dialect, network: Network) -> None:
    """Errors: UsageError unless the dialect has a place for exactly the network's parameters and states."""
    if dialect.arrays:
        _same("parameters", dialect, network, dialect.parameters, set(network.parameters))
        _axes(dialect, network)
    if dialect.state is not None:
        _same("states", dialect, network, set(dialect.states), set(network.states))


def _same(what: str, dialect: Dialect, network: Network, given: set[str] | frozenset[str], expected: set[str]) -> None:
    if given != expected:
        told = f"{', '.join(sorted(given))}; the network {network.name} has {', '.join(sorted(expected))}"
        raise UsageError(f"the dialect {dialect.name or repr(dialect)} has the {what} {told}")


def _axes(dialect: Dialect, network: Network) -> None:
    for array, stack in _each(dialect):
        flat = [name for name in stack.names if len(network.parameters[name]) <= stack.axis]
        if flat:
            told = f"{array} is stacked along axis {stack.axis}, but {flat[0]} has one axis, 0"
            raise UsageError(f"the dialect {dialect.name or repr(dialect)}: {told}")


def _each(dialect: Dialect) -> Iterator[tuple[str, Stack]]:
    return ((array, stack) for array, stacks in dialect.stacks.items() for stack in stacks)


def pack(dialect: Dialect, parameters: Arrays) -> dict[str, Array]:
    """The target's arrays. Without ``arrays`` in the dialect, the canonical ones themselves, not copies.

    Shapes: canonical W_g (H,I), U_g (H,H), b_g (H,); k gates are k times as long along the stack's axis.
    Errors: Unsupported where a shift is not exact in the format.
    """
    if not dialect.arrays:
        return dict(parameters)
    return {array: _stacked(stacks, parameters) for array, stacks in dialect.stacks.items()}


def _stacked(stacks: tuple[Stack, ...], parameters: Arrays) -> Array:
    blocks = [block for stack in stacks for block in _part(stack, parameters)]
    return np.copy(np.concatenate(blocks, axis=stacks[0].axis), order="C")


def _part(stack: Stack, parameters: Arrays) -> Iterator[Array]:
    """What an array holds of one stack, gate by gate."""
    for gate, name in zip(stack.gates.split(), stack.names, strict=True):
        held = _held(stack, gate, parameters[name])
        held = held.T if stack.transpose else held
        yield held if stack.part == WHOLE else _halves(name, held)[stack.part - FIRST]


def _halves(name: str, b: Array) -> tuple[Array, Array]:
    """b as the sum of two; in a ring the second is an unknown whose float is the second of b's float."""
    if not isinstance(b, RingArray):
        return split(b)
    second = RingArray(unknown(b.ring, f"half of {name}", split(b.dual.f)[1]))
    return b - second, second


def _held(stack: Stack, gate: str, value: Array) -> Array:
    """What the target holds for one gate: shifted, then negated."""
    amount = stack.shifts.get(gate)
    if amount is not None:
        shifted = value - value.dtype.type(amount)
        if not np.array_equal(shifted + value.dtype.type(amount), value, equal_nan=True):
            raise Unsupported(f"{stack.canonical(gate)} - {amount} is not exact in {value.dtype}")
        value = shifted
    return -value if gate in stack.negate.split() else value


def unpack(dialect: Dialect, gradients: Arrays) -> dict[str, Array]:
    """The canonical parameters' gradients, from the gradients of the target's arrays.

    A parameter that is the sum of two arrays has two gradients, which must be equal: the first array's under
    its own name, the second's under ``name@array``.
    """
    if not dialect.arrays:
        return dict(gradients)
    return {
        name if stack.part != SECOND else f"{name}@{array}": -block if negated else block
        for array, stacks in dialect.stacks.items()
        for stack, name, block, negated in _blocks(stacks, gradients[array])
    }


def read(dialect: Dialect, arrays: Arrays) -> dict[str, Array]:
    """The canonical parameters that the target's arrays hold: the inverse of ``pack``, whatever the split."""
    if not dialect.arrays:
        return dict(arrays)
    found: dict[str, Array] = {}
    for array, stacks in dialect.stacks.items():
        for _, name, block, negated in _blocks(stacks, arrays[array]):
            value = -block if negated else block
            found[name] = found[name] + value if name in found else value
    for name, amount in _shifts(dialect).items():
        found[name] = found[name] + found[name].dtype.type(amount)
    return found


def _shifts(dialect: Dialect) -> dict[str, float]:
    """What the target adds to each canonical parameter; said with either part of two, it is added once."""
    return {stack.canonical(gate): amount for _, stack in _each(dialect) for gate, amount in stack.shifts.items()}


def _blocks(stacks: tuple[Stack, ...], array: Array) -> Iterator[tuple[Stack, str, Array, bool]]:
    """Each stack's canonical names, their blocks of the array (transposed back, views), and whether negated."""
    gates = [(stack, gate) for stack in stacks for gate in stack.gates.split()]
    for (stack, gate), block in zip(gates, np.split(array, len(gates), stacks[0].axis), strict=True):
        yield stack, stack.canonical(gate), block.T if stack.transpose else block, gate in stack.negate.split()


def laid_out(dialect: Dialect, array: Array, axes: str = CANONICAL_LAYOUT) -> Array:
    """An array with these axes, (T,B,.) or (B,.), in the target's order of axes: a view, or the array itself."""
    if dialect.layout == CANONICAL_LAYOUT:
        return array
    return array.transpose([axes.index(letter) for letter in _order(dialect, axes)])


def brought_back(dialect: Dialect, array: Array, axes: str = CANONICAL_LAYOUT) -> Array:
    """The inverse of ``laid_out``."""
    return array.transpose([_order(dialect, axes).index(letter) for letter in axes])


def letters(dialect: Dialect, features: str, axes: str = CANONICAL_LAYOUT) -> tuple[str, ...]:
    """Such an array's letters in the target's order, ``features`` in the place of I: ("B", "T", "H")."""
    return tuple(features if letter == "I" else letter for letter in _order(dialect, axes))


def _order(dialect: Dialect, axes: str) -> str:
    return "".join(letter for letter in dialect.layout if letter in axes)

"""From canonical parameters to a target's arrays, and back: permute, transpose, split, negate, shift."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from rnnproof.dialects.dialect import CANONICAL_LAYOUT, Dialect
from rnnproof.dialects.extents import NO_SHAPES, Shapes, extents
from rnnproof.dialects.stack import FIRST, SECOND, UNREAD, WHOLE, Held, Joined, Stack, axis_of
from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.split import halves, split
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network, Sizes

ANY_SIZES = Sizes(T=1, B=1, I=2, H=3, O=4, P=5)


def check(dialect: Dialect, network: Network) -> None:
    """Errors: UsageError unless the dialect has a place for exactly the network's parameters and states."""
    if dialect.arrays:
        _same("parameters", dialect, network, dialect.parameters, set(network.parameters))
        _axes(dialect, network)
        _joins(dialect, network)
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


def _joins(dialect: Dialect, network: Network) -> None:
    """Parts that are joined must fit side by side, at any sizes."""
    if not any(isinstance(held, Joined) for held in dialect.arrays.values()):
        return
    ones = {name: np.ones(shape) for name, shape in network.shapes(ANY_SIZES).items()}
    for array, held in dialect.arrays.items():
        try:
            _arranged(held, lambda stack: _pulled(stack, ones))
        except (ValueError, IndexError) as problem:
            told = f"the parts of {array} do not fit side by side: {problem}"
            raise UsageError(f"the dialect {dialect.name or repr(dialect)}: {told}") from problem


def _each(dialect: Dialect) -> Iterator[tuple[str, Stack]]:
    return ((array, stack) for array, stacks in dialect.stacks.items() for stack in stacks)


def pack(dialect: Dialect, parameters: Arrays) -> dict[str, Array]:
    """The target's arrays. Without ``arrays`` in the dialect, the canonical ones themselves, not copies.

    Shapes: canonical W_g (H,I), U_g (H,H), b_g (H,); k gates are k times as long along the stack's axis.
    Errors: Unsupported where a shift is not exact in the format.
    """
    if not dialect.arrays:
        return dict(parameters)
    return _every_array(dialect, lambda stack: _values(stack, parameters))


def pack_gradients(dialect: Dialect, gradients: Arrays) -> dict[str, Array]:
    """The gradients of the target's arrays, from those of the canonical parameters: the adjoint of ``read``.

    <gradients, read(arrays + e) - read(arrays)> = <pack_gradients(gradients), e> for every e. So each of two arrays
    that the target adds up has the whole gradient, and a block that it does not read has zeros.

    Shapes: as ``pack``.
    """
    if not dialect.arrays:
        return dict(gradients)
    return _every_array(dialect, lambda stack: _pulled(stack, gradients))


def _every_array(dialect: Dialect, array_of: Callable[[Stack], Array]) -> dict[str, Array]:
    return {array: np.copy(_arranged(held, array_of), order="C") for array, held in dialect.arrays.items()}


def _arranged(held: Held, array_of: Callable[[Stack], Array]) -> Array:
    """One array, or a part of it, made of its stacks' arrays."""
    if isinstance(held, Stack):
        return array_of(held)
    parts = [_arranged(part, array_of) for part in (held.parts if isinstance(held, Joined) else held)]
    if isinstance(held, Joined) and held.new:
        return np.stack(parts, axis=held.axis)
    return np.concatenate(parts, axis=axis_of(held))


def _values(stack: Stack, parameters: Arrays) -> Array:
    """A stack's parameters; what is not read is one everywhere."""
    held = _parts(stack, parameters)
    return _stacked(stack, held, next(iter(held.values())) * 0 + 1)


def _pulled(stack: Stack, gradients: Arrays) -> Array:
    """A stack's gradients; of what is not read, zero everywhere."""
    held = _by_gate(stack, lambda gate: _signed(stack, gate, gradients[stack.canonical(gate)]))
    return _stacked(stack, held, np.zeros_like(next(iter(held.values()))))


def _stacked(stack: Stack, held: Mapping[str, Array], unread: Array) -> Array:
    """Gate after gate, or unit after unit."""
    blocks = [held.get(gate, unread) for gate in stack.gates.split()]
    whole = np.concatenate(blocks, axis=stack.axis)
    if not stack.interleaved:
        return whole
    order = np.arange(whole.shape[stack.axis]).reshape(len(blocks), -1).T.ravel()
    return whole[order] if stack.axis == 0 else whole[:, order]


def _by_gate(stack: Stack, block_of: Callable[[str], Array]) -> dict[str, Array]:
    """Of each gate that is read its block, transposed where the stack's are."""
    gates = [gate for gate in stack.gates.split() if gate != UNREAD]
    return {gate: block_of(gate).T if stack.transpose else block_of(gate) for gate in gates}


def _parts(stack: Stack, parameters: Arrays) -> dict[str, Array]:
    """What an array holds of each gate that is read."""
    held = _by_gate(stack, lambda gate: _held(stack, gate, parameters[stack.canonical(gate)]))
    if stack.part == WHOLE:
        return held
    if any(isinstance(array, RingArray) for array in held.values()):
        return {gate: halves(stack.canonical(gate), array)[stack.part - FIRST] for gate, array in held.items()}
    half = split(np.concatenate(list(held.values())))[stack.part - FIRST]  # entry by entry, so all gates at once
    ends = np.cumsum([len(array) for array in held.values()])
    return dict(zip(held, np.split(half, ends[:-1]), strict=True))


def _held(stack: Stack, gate: str, value: Array) -> Array:
    """What the target holds for one gate: shifted, then negated."""
    amount = stack.shifts.get(gate)
    if amount is not None:
        shifted = value - value.dtype.type(amount)
        if not np.array_equal(shifted + value.dtype.type(amount), value, equal_nan=True):
            raise Unsupported(f"{stack.canonical(gate)} - {amount} is not exact in {value.dtype}")
        value = shifted
    return _signed(stack, gate, value)


def _signed(stack: Stack, gate: str, value: Array) -> Array:
    return -value if gate in stack.negate.split() else value


def unpack(dialect: Dialect, gradients: Arrays, shapes: Shapes = NO_SHAPES) -> dict[str, Array]:
    """The canonical parameters' gradients, from the gradients of the target's arrays.

    ``shapes``: the canonical ones, which tell where W ends and U begins in an array that has both.
    A parameter that is the sum of two arrays has two gradients, which must be equal: the first array's under
    its own name, the second's under ``name@array``.
    """
    if not dialect.arrays:
        return dict(gradients)
    return {
        name if stack.part != SECOND else f"{name}@{array}": -block if negated else block
        for array, held in dialect.arrays.items()
        for stack, name, block, negated in _blocks(held, gradients[array], shapes)
    }


def read(dialect: Dialect, arrays: Arrays, shapes: Shapes = NO_SHAPES) -> dict[str, Array]:
    """The canonical parameters that the target's arrays hold: the inverse of ``pack``, whatever the split.

    ``shapes``: as for ``unpack``.
    """
    if not dialect.arrays:
        return dict(arrays)
    found: dict[str, Array] = {}
    for array, held in dialect.arrays.items():
        for _, name, block, negated in _blocks(held, arrays[array], shapes):
            value = -block if negated else block
            found[name] = found[name] + value if name in found else value
    for name, amount in _shifts(dialect).items():
        found[name] = found[name] + found[name].dtype.type(amount)
    return found


def _shifts(dialect: Dialect) -> dict[str, float]:
    """What the target adds to each canonical parameter; said with either part of two, it is added once."""
    return {stack.canonical(gate): amount for _, stack in _each(dialect) for gate, amount in stack.shifts.items()}


Block = tuple[Stack, str, Array, bool]


def _blocks(held: Held, array: Array, shapes: Shapes) -> Iterator[Block]:
    """Each stack, a canonical name, its block of the array (transposed back, views), and whether it is negated."""
    if isinstance(held, Stack):
        yield from _gates(held, array)
        return
    parts = held.parts if isinstance(held, Joined) else held
    if isinstance(held, Joined) and held.new:
        pieces = [np.moveaxis(array, held.axis, 0)[k] for k in range(len(parts))]
    else:
        ends = np.cumsum(extents(parts, array, axis_of(held), shapes))[:-1]
        pieces = np.split(array, ends.tolist(), axis_of(held))
    for part, piece in zip(parts, pieces, strict=True):
        yield from _blocks(part, piece, shapes)


def _gates(stack: Stack, array: Array) -> Iterator[Block]:
    gates = stack.gates.split()
    blocks = np.split(array, len(gates), stack.axis) if not stack.interleaved else _every(array, len(gates), stack.axis)
    for gate, block in zip(gates, blocks, strict=True):
        if gate != UNREAD:
            yield stack, stack.canonical(gate), block.T if stack.transpose else block, gate in stack.negate.split()


def _every(array: Array, count: int, axis: int) -> list[Array]:
    """Every count-th row or column, from the first on, the second on, ..."""
    return [array[k::count] if axis == 0 else array[:, k::count] for k in range(count)]


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

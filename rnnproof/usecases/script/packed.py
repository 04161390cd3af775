"""Parameters, states and results as a dialect packs them, written out as NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnnproof.dialects.dialect import CANONICAL_LAYOUT, FIRST, SECOND, Dialect, Stack
from rnnproof.domains.split import split
from rnnproof.model.case import Array, Arrays
from rnnproof.usecases.script.numbers import block, literal

Ends = tuple[Array, Array, Array]  # low, high, off


def parameters(dialect: Dialect, given: Arrays, dtype: str, name: str) -> list[str]:
    """The lines that make the dictionary ``name`` of a target's arrays."""
    canonical = [f'"{each}": {literal(value)}' for each, value in given.items()]
    if not dialect.arrays:
        return block(f"{name} = {{", canonical, "}")
    halved = [part for stacks in dialect.stacks.values() for part in stacks if part.part == SECOND]
    seconds = [f'"{n}": {literal(split(given[n].astype(dtype))[1])}' for stack in halved for n in stack.names]
    lines = block("p = {", canonical, "}")
    if seconds:
        lines += ["# a bias that is the sum of two arrays: what the second one holds of it"]
        lines += block("second = {", seconds, "}")
    packed = [f'"{array}": {_packed(stacks)}' for array, stacks in dialect.stacks.items()]
    return [*lines, *block(f"{name} = {{", packed, "}")]


def _packed(stacks: tuple[Stack, ...]) -> str:
    parts = [_part(stack, gate) for stack in stacks for gate in stack.gates.split()]
    return f"np.concatenate([{', '.join(parts)}], axis={stacks[0].axis})"


def _part(stack: Stack, gate: str) -> str:
    """What one gate holds: shifted, negated, transposed, or one of two halves."""
    name = f'p["{stack.canonical(gate)}"]'
    second = f'second["{stack.canonical(gate)}"]'
    amount = stack.shifts.get(gate)
    value = {FIRST: f"{name} - {second}", SECOND: second}.get(stack.part, name)
    value += f" - {amount!r}" if amount is not None and stack.part != SECOND else ""
    if gate in stack.negate.split():
        value = f"-({value})" if " " in value else f"-{value}"
    if stack.transpose:
        return f"({value}).T" if " " in value else f"{value}.T"
    return value


def as_packed(stacks: tuple[Stack, ...], found: Mapping[str, Ends]) -> Ends:
    """What the gradient of one of a target's arrays should be, from those of the canonical parameters in it.

    The gradient of a half is that of the whole, and an amount that the target adds changes none.
    """
    pieces = [_turned(stack, gate, found[stack.canonical(gate)]) for stack in stacks for gate in stack.gates.split()]
    low, high, off = (np.concatenate(part, axis=stacks[0].axis) for part in zip(*pieces, strict=True))
    return low, high, off


def _turned(stack: Stack, gate: str, ends: Ends) -> Ends:
    low, high, off = ends
    if gate in stack.negate.split():
        low, high = -high, -low
    return (low.T, high.T, off.T) if stack.transpose else (low, high, off)


def state(dialect: Dialect, given: Arrays) -> str:
    """The states as an expression: a dict, or the dialect's tuple."""
    if dialect.state is None:
        return "{" + ", ".join(f'"{name}": {literal(value)}' for name, value in given.items()) + "}"
    held = [given[h] if isinstance(h, str) else np.stack([given[n] for n in h]) for h in dialect.state]
    return f"({', '.join(map(literal, held))},)"


def state_of(dialect: Dialect, name: str, variable: str) -> str:
    """One state, out of what a target returned."""
    for k, held in enumerate(dialect.state or ()):
        if held == name:
            return f"{variable}[{k}]"
        if isinstance(held, tuple) and name in held:
            return f"{variable}[{k}][{held.index(name)}]"
    return f'{variable}["{name}"]'


def turned(dialect: Dialect, axes: str = CANONICAL_LAYOUT) -> str:
    """What brings an array with these axes to the target's order: "" or ``.transpose(1, 0, 2)``."""
    order = [letter for letter in dialect.layout if letter in axes]
    return _transpose([axes.index(letter) for letter in order])


def turned_back(dialect: Dialect, axes: str = CANONICAL_LAYOUT) -> str:
    """The inverse of ``turned``."""
    order = [letter for letter in dialect.layout if letter in axes]
    return _transpose([order.index(letter) for letter in axes])


def _transpose(order: Sequence[int]) -> str:
    return "" if list(order) == sorted(order) else f".transpose({', '.join(map(str, order))})"

"""A straight-line program: named scalar lines, each using only what stands before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy

from rnnproof.errors import ModelError


@dataclass(frozen=True)
class Line:
    """name = expression."""

    name: str
    expression: sympy.Expr

    @property
    def uses(self) -> frozenset[str]:
        """The names on the right-hand side."""
        return frozenset(symbol.name for symbol in self.expression.free_symbols)

    def __str__(self) -> str:
        return f"{self.name} = {self.expression}"


@dataclass(frozen=True)
class Program:
    """Lines in order, the scalars they start from, and the scalars they are for.

    ``arguments`` and ``results`` group names by array, in C order: {"W_i": ("W_i[0,0]", ...), ...}.
    Errors: ModelError for a line that defines a name twice, or uses one that is not defined before it.
    """

    lines: tuple[Line, ...]
    arguments: Mapping[str, tuple[str, ...]]
    results: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        known = {name for group in self.arguments.values() for name in group}
        for line in self.lines:
            if line.name in known:
                raise ModelError(f"line {line.name}: this name is already defined")
            if not line.uses <= known:
                raise ModelError(f"line {line.name}: {min(line.uses - known)} is not defined before it")
            known.add(line.name)

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))


def leading_to(lines: Iterable[Line], names: Iterable[str]) -> tuple[Line, ...]:
    """The lines that these names are made from, in order."""
    wanted, kept = set(names), []
    for line in reversed(tuple(lines)):
        if line.name in wanted:
            wanted |= line.uses
            kept.append(line)
    return tuple(reversed(kept))

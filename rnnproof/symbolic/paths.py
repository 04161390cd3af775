"""The derivative of one step as a sum of paths: from each state to each signal stored, through named signals.

A path is a product of local derivatives: a diagonal matrix for an elementwise equation, a weight for an affine one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import mul

import sympy

from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation
from rnnproof.symbolic.gradient import partials
from rnnproof.symbolic.program import Line
from rnnproof.symbolic.vectors import entrywise, size, weight_of


@dataclass(frozen=True)
class Path:
    """The signals from a state to what is stored, in order, and the local derivatives, the last one first.

    A local derivative is an expression of one unit, or a weight.
    """

    signals: tuple[str, ...]
    locals: tuple[sympy.Basic, ...]
    rows: sympy.Expr
    direct: bool = True  # it meets no weight, peephole or other parameter

    @property
    def matrix(self) -> sympy.MatrixExpr:
        """The product of its local derivatives. Shapes: (size of what is stored, size of the state)."""
        product, pending, rows = [], sympy.Integer(1), self.rows
        for local in self.locals:
            if not isinstance(local, sympy.MatrixSymbol):
                pending = pending * local
                continue
            product += [*_diagonal(pending, rows), local]
            pending, rows = sympy.Integer(1), local.shape[1]
        return reduce(mul, [*product, *_diagonal(pending, rows)] or [sympy.Identity(rows)])

    def __str__(self) -> str:
        return " -> ".join(self.signals)


def _diagonal(value: sympy.Expr, rows: sympy.Expr) -> list[sympy.MatrixExpr]:
    return [] if value == 1 else [sympy.DiagMatrix(entrywise(value, rows))]


def paths(cell: Cell, state: str, stored: str) -> tuple[Path, ...]:
    """Every path of one step from a state to a signal that is stored; none where the one does not see the other."""
    return tuple(_paths(cell, state, stored, {e.target: e for e in cell.equations}))


def _paths(cell: Cell, state: str, name: str, equations: dict[str, Equation]) -> Iterator[Path]:
    rows = size(cell.dimensions[name])
    if name == state:
        yield Path((name,), (), rows)
        return
    if name not in equations:
        return
    for used, local in _local(cell, equations[name]):
        for path in _paths(cell, state, used, equations):
            direct = path.direct and not any(symbol.name in cell.parameters for symbol in local.free_symbols)
            yield Path((*path.signals, name), (local, *path.locals), rows, direct)


def _local(cell: Cell, equation: Equation) -> list[tuple[str, sympy.Basic]]:
    """The derivative of an equation by each signal that it uses."""
    if isinstance(equation, Affine):
        return [(name, weight_of(cell, weight)) for weight, name in equation.terms]
    assert isinstance(equation, Elementwise), "a softmax has no local derivative of one unit"
    found = partials(Line(equation.target, equation.expression))
    return [(symbol.name, partial) for symbol, partial in found if partial != 0]

"""Every activation gets a signal of its own, so that a derivative is one factor and a tape holds every value."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import sympy

from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Elementwise, Equation, signal


@cache
def flatten(cell: Cell) -> Cell:
    """The same cell with h' = o tanh(c') written as two equations, ``tanh(c')`` = tanh(c') and h' = o ``tanh(c')``.

    An equation that is one activation of a polynomial stays as it is. An activation of vector parameters alone stays
    where it is: it has no rows.
    """
    vectors = {signal(name) for name in cell.vectors}
    equations: list[Equation] = []
    named: dict[sympy.Expr, sympy.Symbol] = {}
    for equation in cell.equations:
        if isinstance(equation, Elementwise):
            equation = _name_calls(equation, vectors, named, equations)
        equations.append(equation)
    return replace(cell, equations=tuple(equations))


def _name_calls(
    equation: Elementwise,
    vectors: set[sympy.Symbol],
    named: dict[sympy.Expr, sympy.Symbol],
    equations: list[Equation],
) -> Elementwise:
    """Move the activations inside an expression into equations of their own, innermost first."""
    whole = equation.expression
    calls = [call for call in whole.atoms(Activation) if call.free_symbols - vectors]
    calls.sort(key=lambda call: (call.count_ops(), str(call)))
    for call in calls:
        inner = call.xreplace(named)
        if call == whole:
            return Elementwise(equation.target, inner)
        if call not in named:
            named[call] = signal(str(call))
            equations.append(Elementwise(str(call), inner))
    return Elementwise(equation.target, whole.xreplace(named))

"""Cases in which gates are at 0 or 1 in floats: their pre-activations are +-10^4, and no weight leads to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine
from rnnproof.symbolic.roles import gates

FAR = 1e4  # sigmoid(-FAR) and any hard sigmoid of it are 0 in floats


def pinned(case: Case, cell: Cell, values: Mapping[str, int]) -> Case | None:
    """The case with these gates at 0 or 1; None where a gate has no bias, or does not reach its end.

    A gate that sees something clipped stays between its ends whatever its pre-activation is.
    """
    parameters = dict(case.parameters)
    equations = {equation.target: equation for equation in cell.equations if isinstance(equation, Affine)}
    found = {gate.name: gate for gate in gates(cell)}
    for name, end in values.items():
        gate = found.get(name)
        if gate is None or equations[gate.z.name].bias is None or not {gate.range.low, gate.range.high} >= {end}:
            return None
        z, seen = equations[gate.z.name], {symbol.name for symbol in gate.expression.free_symbols}
        for weight in (*(weight for weight, _ in z.terms), *(vector for vector in cell.vectors if vector in seen)):
            parameters[weight] = np.zeros_like(parameters[weight])
        parameters[str(z.bias)] = np.full_like(parameters[str(z.bias)], FAR if end == 1 else -FAR)
    return replace(case, parameters=parameters)


def without_recurrence(case: Case, cell: Cell) -> Case:
    """The case with every weight but those of the input, and every peephole, 0: a state is seen directly, if at all."""
    recurrent = {w for e in cell.equations if isinstance(e, Affine) for w, s in e.terms if s != cell.input}
    zero = {name: np.zeros_like(case.parameters[name]) for name in (*recurrent, *cell.vectors)}
    return replace(case, parameters={**case.parameters, **zero})

"""Cases in which gates are exactly 0 or 1 in floats: their signals are +-10^4, and no weight leads to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from small_cases import SmallCase

from rnnproof.model.equation import Affine, Elementwise
from rnnproof.symbolic.roles import gates

FAR = 1e4  # sigmoid(-FAR) is 0 and sigmoid(FAR) is 1 in float32 and float64, as is any hard sigmoid


def pinned(case: SmallCase, values: dict[str, Any]) -> SmallCase:
    """The case with these gates at 0, 1 or, for None, where a signal 0 puts them."""
    cell, parameters = case.network.cell, dict(case.parameters)
    equations = {e.target: e for e in cell.equations if isinstance(e, Affine)}
    for gate in gates(cell):
        if gate.name in values:
            z = equations[gate.z.name]
            seen = {name for symbol in gate.expression.free_symbols for name in [symbol.name] if name in cell.vectors}
            for name in (*(weight for weight, _ in z.terms), *seen):
                parameters[name] = np.zeros_like(parameters[name])
            parameters[z.bias] = np.full_like(parameters[z.bias], signal_of(values[gate.name]))
    return replace(case, parameters=parameters)


def signal_of(value: Any) -> float:
    return 0.0 if value is None else FAR if value == 1 else -FAR


def without_recurrence(case: SmallCase) -> SmallCase:
    """The case with every weight but those of the input, and every peephole, 0: a state reaches the step directly."""
    cell = case.network.cell
    recurrent = {w for e in cell.equations if isinstance(e, Affine) for w, s in e.terms if s != cell.input}
    zero = {name: np.zeros_like(case.parameters[name]) for name in (*recurrent, *cell.vectors)}
    return replace(case, parameters={**case.parameters, **zero})


def moved(case: SmallCase, name: str, pinned_biases: set[str]) -> SmallCase:
    """The case with another value of a signal: another state, or other biases behind it."""
    if name in case.state:
        return replace(case, state={**case.state, name: case.state[name] + case.state[name].dtype.type(0.5)})
    biases = behind(case.network.cell, name) - pinned_biases
    assert biases, name
    changed = {bias: case.parameters[bias] + case.parameters[bias].dtype.type(0.5) for bias in biases}
    return replace(case, parameters={**case.parameters, **changed})


def behind(cell: Any, name: str) -> set[str]:
    """The biases that a signal depends on."""
    equations = {equation.target: equation for equation in cell.equations}
    if name not in equations:
        return set()
    equation = equations[name]
    if isinstance(equation, Affine):
        return {equation.bias}
    assert isinstance(equation, Elementwise)
    return {bias for used in equation.uses for bias in behind(cell, used)}

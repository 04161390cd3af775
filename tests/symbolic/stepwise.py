"""The formulas of ``gate_gradients`` carried back over all steps of a case: BPTT, by what the statement says alone."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from formula_values import column, value
from program_bounds import DIGITS
from small_cases import SmallCase

from rnnproof.domains.algebra import entries
from rnnproof.symbolic import bind, evaluate, unroll
from rnnproof.symbolic.chain import given
from rnnproof.symbolic.gate_gradients import gate_gradients


def carried_back(case: SmallCase, network: Any = None, d_of: Any = gate_gradients) -> dict[str, Any]:
    """The gradients of parameters, x and initial states for the case's row 0, at DIGITS digits, by array."""
    network = network or case.network
    cell = network.step
    statement = d_of(network)
    with mpmath.workdps(DIGITS):
        program = unroll(network, case.sizes)
        values = evaluate(program, bind(program, case.row(0)), digits=DIGITS)
        later = {name: column(d[0]) for name, d in case.d_final.items()}
        total: dict[str, Any] = {}
        inputs = []
        for t in reversed(range(1, case.sizes.T + 1)):
            names = forward_names(case, network, values, t) | brought(cell, case, t, later)
            for formula in statement.formulas:
                names[formula.lhs.name] = value(formula.rhs, names)
            for parameter in network.parameters:
                total[parameter] = total.get(parameter, 0) + names[f"d{parameter}"]
            later = {name: names.get(f"d{name}", 0 * later[name]) for name in cell.state_names}
            inputs.append(names[f"d{cell.input}"])
        return total | later | {cell.input: np.concatenate(inputs[::-1])}


def forward_names(case: SmallCase, network: Any, values: Any, t: int) -> dict[str, Any]:
    """Every signal of step t, what it began with, and the parameters."""
    cell, sizes = network.step, case.sizes
    stored = {source: name for name, source in reversed(cell.states)}

    def read(name: str, program_name: str) -> Any:
        return column(values[n] for n in entries(program_name, sizes.shape((cell.dimensions[name],))))

    names = {e.target: read(e.target, f"{stored.get(e.target, e.target)}[{t}]") for e in cell.equations}
    names |= {name: read(name, f"{name}[{t - 1}]") for name in cell.state_names}
    names[cell.input] = read(cell.input, f"{cell.input}[{t}]")
    matrices = {n: np.array(a, dtype=object) for n, a in case.parameters.items()}
    exact = np.frompyfunc(lambda number: mpmath.mpf(float(number)), 1, 1)
    return names | {n: exact(a if a.ndim == 2 else a[:, None]) for n, a in matrices.items()}


def brought(cell: Any, case: SmallCase, t: int, later: Any) -> dict[str, Any]:
    """What the output's cotangent and the later steps bring to each signal that is put out or stored."""
    names: dict[str, Any] = {}
    for equation in cell.equations:
        if (name := given(cell, equation.target)) is not None:
            terms = [later[state] for state, stored in cell.states if stored == equation.target]
            terms += [column(case.d_outputs[t - 1, 0])] if equation.target == cell.output else []
            names[name] = sum(terms[1:], terms[0])
    return names

"""The checks of the equations, of the unrolled program and of the gradients: formulas against whoever computes them.

Reference: the bounds are those of docs/bounds.md, of a run in balls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.ball import precisely
from rnnproof.domains.bounded import Bounded
from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network
from rnnproof.properties.bounds import Bounds
from rnnproof.symbolic.chain import given
from rnnproof.usecases.derive.checks.drawn import cases
from rnnproof.usecases.derive.checks.enclosed import column, run, value
from rnnproof.usecases.derive.checks.measure import Measured, merged, ratio
from rnnproof.usecases.derive.checks.witness import Witness, witness_of


@dataclass(frozen=True, eq=False)
class Point:
    """A case, what it may be off by, and who computes it: each is made once."""

    case: Case

    @cached_property
    def bounds(self) -> Bounds:
        """The run in balls."""
        return Bounds(self.case)

    @cached_property
    def witness(self) -> Witness:
        """Who computes it."""
        return witness_of(self.case.network)

    @cached_property
    def results(self) -> Mapping[str, Any]:
        """Outputs and final states."""
        return self.witness.run(self.case)

    @cached_property
    def gradients(self) -> list[Mapping[str, Any]]:
        """By hand, and by autograd where that can be."""
        found = [self.witness.gradients(self.case), self.witness.by_autograd(self.case)]
        return [each for each in found if each is not None]

    @cached_property
    def result_balls(self) -> Mapping[str, Bounded]:
        """The balls of the results."""
        return {"outputs": self.bounds.outputs, **self.bounds.tape.final}

    @cached_property
    def gradient_balls(self) -> Mapping[str, Bounded]:
        """The balls of the gradients."""
        true = self.bounds.gradients(None)
        every = {**true.parameters, self.case.network.cell.input: true.x, **true.state}
        return {f"d{name}": ball for name, ball in every.items()}


def points(network: Network) -> tuple[Point, ...]:
    """The random points of this network."""
    return tuple(map(Point, cases(network)))


def of_equations(network: Network, cell: Cell, at: Iterable[Point]) -> Measured:
    """The equations of one step, read step by step, against outputs and final states."""
    return merged(_equations(network, cell, point) for point in at)


def _equations(network: Network, cell: Cell, point: Point) -> Measured:
    rows = range(point.case.sizes.B)
    with precisely():
        every = [dict(run(cell, point.case, row, network.direction == "backward")) for row in rows]
        exact = {"outputs": _sequence(every, cell.output)}
        last = max(every[0]) if network.direction != "backward" else 0
        exact |= {state: np.stack([env[last][stored][:, 0] for env in every]) for state, stored in cell.states}
        ratios = {name: ratio(point.results[name], exact[name], ball) for name, ball in point.result_balls.items()}
    return Measured(ratios, len(rows))


def _sequence(every: list[dict[int, Any]], name: str) -> Any:
    """Shapes: (T,B,.)."""
    return np.stack([np.stack([env[t][name][:, 0] for env in every]) for t in sorted(every[0])])


def of_gradients(network: Network, cell: Cell, formulas: tuple[sympy.Basic, ...], at: Iterable[Point]) -> Measured:
    """The formulas carried back from the last step to the first, against the backward pass and autograd."""
    return merged(_gradients(network, cell, formulas, point) for point in at)


def _gradients(network: Network, cell: Cell, formulas: tuple[sympy.Basic, ...], point: Point) -> Measured:
    rows = range(point.case.sizes.B)
    with precisely():
        found = [_carried(network, cell, formulas, point.case, row) for row in rows]
        exact = {f"d{name}": sum(each[name] for each in found) for name in cell.parameters}
        exact |= {f"d{name}": np.stack([each[name] for each in found], -2) for name in (cell.input, *cell.state_names)}
        ratios = {
            name: max(ratio(got[name], exact[name], ball) for got in point.gradients)
            for name, ball in point.gradient_balls.items()
        }
    return Measured(ratios, len(rows))


def _carried(network: Network, cell: Cell, formulas: tuple[sympy.Basic, ...], case: Case, row: int) -> dict[str, Any]:
    """The gradients of one row: parameters as they are, x (T,I), states (H,)."""
    total: dict[str, Any] = {}
    inputs: dict[int, Any] = {}
    names: dict[str, Any] = {}
    for t, names in pulled(network, cell, formulas, case, row):
        for name in cell.parameters:
            total[name] = names[f"d{name}"] + total.get(name, 0)
        inputs[t] = names[f"d{cell.input}"][:, 0]
    parameters = {name: d if len(cell.parameters[name]) == 2 else d[:, 0] for name, d in total.items()}
    states = {name: names[f"d{name}"][:, 0] for name in cell.state_names}
    return {**parameters, **states, cell.input: np.stack([inputs[t] for t in sorted(inputs)])}


def pulled(
    network: Network, cell: Cell, formulas: tuple[sympy.Basic, ...], case: Case, row: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each step, the last one read first: every signal and every derivative by the formulas."""
    later = {name: column(d[row]) for name, d in case.cotangents.state.items()}
    for t, env in reversed(list(run(cell, case, row, network.direction == "backward"))):
        names = env | _brought(cell, later, column(case.cotangents.outputs[t, row]))
        for formula in formulas:
            names[formula.lhs.name] = value(formula.rhs, names)
        names |= {f"d{name}": 0 * later[name] for name in cell.state_names if f"d{name}" not in names}
        for name in (cell.input, *cell.parameters):  # what leads to no output has no formula
            names.setdefault(f"d{name}", 0 * names[name])
        later = {name: names[f"d{name}"] for name in cell.state_names}
        yield t, names


def _brought(cell: Cell, later: Mapping[str, Any], output: Any) -> dict[str, Any]:
    """What the output's cotangent and the later steps bring to each signal that is put out or stored."""
    names: dict[str, Any] = {}
    for equation in cell.equations:
        if (name := given(cell, equation.target)) is not None:
            terms = [later[state] for state, stored in cell.states if stored == equation.target]
            terms += [output] if equation.target == cell.output else []
            names[name] = sum(terms[1:], terms[0])
    return names

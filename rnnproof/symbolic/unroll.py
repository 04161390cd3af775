"""A network unrolled over T steps as a straight-line program, made from the equations of its cell alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy

from rnnproof.domains.algebra import entries
from rnnproof.model.activation import reciprocal
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, signal
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic.program import Line, Program
from rnnproof.symbolic.sharing import Quotient, Shared, share

Vector = tuple[sympy.Symbol, ...]


@dataclass(frozen=True)
class Plan:
    """The same at every step: the equations, each one's number of rows, each stored signal's state."""

    cell: Cell
    equations: tuple[Shared, ...]
    rows: Mapping[str, int]
    stored: Mapping[str, str]
    parameters: Mapping[str, Vector]


def unroll(network: Network, sizes: Sizes) -> Program:
    """Every signal of every step, entry by entry: z_i[1][0] = W_i[0,0]*x[1][0] + ...; one row of the batch.

    The results are ``outputs`` (T, rows) and each final state; a stored signal carries its state's name, so
    the LSTM's c' of step 2 is c[2][0], and the initial state is c[0][0].
    Errors: Unsupported where the network has more than one layer or direction.
    """
    cell = network.step
    arguments = arguments_of(network, sizes)
    symbols = {name: tuple(map(signal, names)) for name, names in arguments.items()}
    plan = plan_of(cell, sizes, symbols)
    state = {name: symbols[name] for name in cell.state_names}
    lines: list[Line] = []
    outputs: list[str] = []
    for t in range(1, sizes.T + 1):
        x = symbols[cell.input][(t - 1) * sizes.I : t * sizes.I]
        known = {name: symbols[name] for name in cell.vectors} | state | {cell.input: x}
        lines.extend(step_lines(plan, t, known))
        outputs.extend(symbol.name for symbol in known[cell.output])
        state = {name: known[source] for name, source in cell.states}
    final = {name: tuple(symbol.name for symbol in vector) for name, vector in state.items()}
    return Program(tuple(lines), arguments, {"outputs": tuple(outputs), **final})


def arguments_of(network: Network, sizes: Sizes) -> dict[str, tuple[str, ...]]:
    """The names of every parameter's, input's and initial state's entries."""
    cell = network.cell
    names = {name: entries(name, shape) for name, shape in network.shapes(sizes).items()}
    steps = [entries(f"{cell.input}[{t}]", (sizes.I,)) for t in range(1, sizes.T + 1)]
    names[cell.input] = tuple(name for step in steps for name in step)
    states = network.state_shapes(sizes)
    return names | {name: entries(f"{name}[0]", shape[1:]) for name, shape in states.items()}


def plan_of(cell: Cell, sizes: Sizes, parameters: Mapping[str, Vector]) -> Plan:
    """What is the same at every step of this cell, at these sizes."""
    letters = cell.dimensions
    equations = share(cell)
    rows: dict[str, int] = {name: sizes.shape((letter,))[0] for name, letter in letters.items()}
    for equation in equations:
        if equation.target not in rows:  # an activation that was given a name of its own
            rows[equation.target] = next(rows[name] for name in equation.uses if name in rows)
    stored = {source: name for name, source in reversed(cell.states)}
    return Plan(cell, equations, rows, stored, parameters)


def step_lines(plan: Plan, t: int, known: dict[str, Vector]) -> Iterator[Line]:
    """The lines of step t; each equation's symbols are added to ``known``."""
    for equation in plan.equations:
        target = equation.target
        names = entries(f"{plan.stored.get(target, target)}[{t}]", (plan.rows[target],))
        if isinstance(equation, Quotient):
            known[equation.total] = (signal(f"{equation.total}[{t}]"),)
            yield Line(f"{equation.total}[{t}]", sympy.Add(*known[equation.source]))
        for row, name in enumerate(names):
            yield Line(name, _entry(equation, row, known, plan.parameters))
        known[target] = tuple(map(signal, names))


def _entry(equation: Shared, row: int, known: Mapping[str, Vector], parameters: Mapping[str, Vector]) -> sympy.Expr:
    """One row of an equation's right-hand side."""
    if isinstance(equation, Quotient):
        return known[equation.source][row] * reciprocal(*known[equation.total])
    if not isinstance(equation, Affine):
        symbols = equation.expression.free_symbols
        return equation.expression.xreplace({symbol: known[symbol.name][row] for symbol in symbols})
    products = [
        weight * value
        for weights, name in equation.terms
        for weight, value in zip(_row(parameters[weights], row, known[name]), known[name], strict=True)
    ]
    bias = [] if equation.bias is None else [parameters[equation.bias][row]]
    return sympy.Add(*products, *bias)


def _row(matrix: Vector, row: int, vector: Sequence[sympy.Symbol]) -> Vector:
    return matrix[row * len(vector) : (row + 1) * len(vector)]

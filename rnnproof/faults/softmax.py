"""Changes of a softmax and of its two edges: what is forgotten of a function that mixes the entries of a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from rnnproof.faults.edges import ZERO, edited
from rnnproof.faults.equations import changed
from rnnproof.faults.fault import Fault
from rnnproof.model.activation import exp, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import BATCH, Elementwise, Equation, Softmax, signal
from rnnproof.reference.adjoint import ONE, Adjoint, Mix, Scale, adjoint


def softmax_faults(cell: Cell) -> Iterator[Fault]:
    """Every change of each softmax in a cell, and of its derivative."""
    for equation in cell.equations:
        if isinstance(equation, Softmax):
            yield from _values(cell, equation)
            yield from _other_arguments(cell, equation)
            yield from _derivatives(adjoint(cell), equation)


def _values(cell: Cell, equation: Softmax) -> Iterator[Fault]:
    """Another function of the same signal."""
    y, z = equation.target, signal(equation.source)
    table: tuple[tuple[str, str, Equation], ...] = (
        ("normalisation missing", f"exp({z}) is not divided by its sum in {y}", Elementwise(y, exp(z))),
        ("wrong axis", f"{y} is a softmax over the batch, not over the units", replace(equation, axis=BATCH)),
        ("activation replaced", f"{y} has sigmoid in place of softmax", Elementwise(y, sigmoid(z))),
        ("activation replaced", f"{y} has tanh in place of softmax", Elementwise(y, tanh(z))),
        ("activation missing", f"{y} has no softmax", Elementwise(y, z)),
        ("overflow", f"the largest {z} is not subtracted in {y}", replace(equation, shifted=False)),
    )
    for operator, text, one in table:
        yield Fault(operator, text, changed(cell, one))


def _other_arguments(cell: Cell, equation: Softmax) -> Iterator[Fault]:
    """The softmax of something else: of 2 z, of -z, or of another signal known by then."""
    y, z = equation.target, equation.source
    for factor, operator, text in (
        (2, "scale", f"{z} is doubled in {y}"),
        (-1, "sign", f"{z} has the wrong sign in {y}"),
    ):
        inner = Elementwise(f"{z} in {y}", factor * signal(z))
        outer = replace(equation, source=inner.target)
        made: list[Equation] = []
        for one in cell.equations:
            made += [inner, outer] if one == equation else [one]
        yield Fault(operator, text, replace(cell, equations=tuple(made)))
    sizes = cell.dimensions
    before = [e.target for e in cell.equations[: cell.equations.index(equation)]]
    for other in (*cell.state_names, *before):
        if other != z and sizes[other] == sizes[z]:
            one = replace(equation, source=other)
            yield Fault("wrong signal", f"{other} in place of {z} in {y}", changed(cell, one))


def _derivatives(base: Adjoint, equation: Softmax) -> Iterator[Fault]:
    """Both edges of dz = y dy - y (sum of y dy) at once."""
    (own,) = (e for e in base.edges if isinstance(e, Scale) and e.source == equation.target)
    (mix,) = (e for e in base.edges if isinstance(e, Mix) and e.source == equation.target)
    y, z = equation.target, equation.source

    def both(operator: str, text: str, factor: sympy.Expr, mixed: Mix) -> Fault:
        return Fault(operator, text, adjoint=edited(base, (replace(own, factor=factor), mixed)))

    without = replace(mix, gain=ZERO)
    Y = signal(y)
    yield both("derivative replaced", f"d{z} is d{y}, as if it were that of the cross-entropy", ONE, without)
    yield both("derivative replaced", f"d{z} is d{y} * {y}*(1 - {y}), a sigmoid's", Y * (1 - Y), without)
    yield both("factor twice", f"{y} is multiplied in twice in d{z}", Y**2, replace(mix, factor=-(Y**2)))
    yield both("factor missing", f"{y} is not multiplied in, only summed over, in d{z}", ONE, replace(mix, factor=-ONE))

"""An activation inside an expression named once: h' = o tanh(c') becomes tanh_c = tanh(c'), h' = o tanh_c.

A softmax y = softmax(z) becomes exp_z = exp(z) and y = exp_z / sum_exp_z.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy

from rnnproof.errors import Unsupported
from rnnproof.model.activation import Activation, exp
from rnnproof.model.cell import Cell
from rnnproof.model.equation import UNITS, Affine, Elementwise, Softmax, signal


@dataclass(frozen=True)
class Quotient:
    """target_k = source_k / total, with total = sum over j of source_j, one number for the whole row."""

    target: str
    source: str
    total: str

    @property
    def uses(self) -> tuple[str, ...]:
        """The signal on the right-hand side."""
        return (self.source,)


Shared = Affine | Elementwise | Quotient


@dataclass(frozen=True)
class _Names:
    """What one pass over the equations has named so far."""

    cell: Cell
    equations: list[Shared] = field(default_factory=list)
    calls: dict[sympy.Expr, sympy.Symbol] = field(default_factory=dict)


def share(cell: Cell) -> tuple[Shared, ...]:
    """The cell's equations, each activation applied to a signal standing alone in an equation of its own.

    Errors: Unsupported for a softmax over the batch.
    """
    names = _Names(cell)
    for equation in cell.equations:
        if isinstance(equation, Affine):
            names.equations.append(equation)
            continue
        if isinstance(equation, Softmax):
            names.equations.append(_quotient(equation, names))
            continue
        expression = _lift_inside(equation.expression, names)
        names.equations.append(Elementwise(equation.target, expression))
        if isinstance(expression, Activation):
            names.calls.setdefault(expression, signal(equation.target))
    return tuple(names.equations)


def _quotient(equation: Softmax, names: _Names) -> Quotient:
    if equation.axis != UNITS:
        raise Unsupported(f"equation {equation.target}: a softmax over the batch is no formula of one row")
    source = _lift(exp(signal(equation.source)), names).name
    return Quotient(equation.target, source, _unused(f"sum_{source}", names))


def _lift_inside(expression: sympy.Expr, names: _Names) -> sympy.Expr:
    """The expression with the activations strictly inside it replaced by their names."""
    if not expression.has(Activation):
        return expression
    return expression.func(*(_lift(part, names) for part in expression.args))


def _lift(expression: sympy.Expr, names: _Names) -> sympy.Expr:
    call = _lift_inside(expression, names)
    if not isinstance(call, Activation) or not _has_signal(call, names.cell):
        return call
    if call not in names.calls:
        name = _fresh(call, names)
        names.equations.append(Elementwise(name, call))
        names.calls[call] = signal(name)
    return names.calls[call]


def _has_signal(call: Activation, cell: Cell) -> bool:
    return any(symbol.name not in cell.vectors for symbol in call.free_symbols)


def _fresh(call: Activation, names: _Names) -> str:
    """tanh_c for tanh(c'); tanh_previous_c for tanh(c), c being the state that the step began with."""
    (z,) = call.args
    places = {place for place, dot, _ in (symbol.name.rpartition(".") for symbol in z.free_symbols) if dot}
    argument = z.name if z.is_Symbol else f"{min(places)}.inside" if places else "inside"
    if argument in names.cell.state_names:
        argument = f"previous_{argument}"
    return _unused(f"{call.func.__name__}_{argument.rstrip(chr(39))}", names)


def _unused(name: str, names: _Names) -> str:
    taken = {equation.target for equation in (*names.cell.equations, *names.equations)}
    taken |= {equation.total for equation in names.equations if isinstance(equation, Quotient)}
    while name in taken:
        name += "_"
    return name

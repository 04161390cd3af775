"""The chain rule through one step of a cell, backwards, each way named: what the loss' derivative is by each name.

``d<name>`` is the loss' derivative by a signal, a state or a parameter. What comes to a signal from outside the
step, from its output and from the steps after it, is given: ``d<name>`` itself, or, where ways inside the step come
to the same signal, ``d<name>_later``, and d<name> is the sum.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import sympy

from rnnproof.errors import ModelError
from rnnproof.model.activation import Activation, exp, reciprocal
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, Softmax, signal
from rnnproof.symbolic.gradient import partials
from rnnproof.symbolic.program import Line
from rnnproof.symbolic.statement import Step
from rnnproof.symbolic.vectors import affine, column, column_of, entrywise, weight_of


@dataclass(frozen=True)
class Way:
    """One way from a name to the loss: through the signal ``through``; of one unit, or over columns."""

    through: str
    value: sympy.Basic
    substituted: sympy.Basic


@dataclass(frozen=True)
class Backward:
    """A cell's backward pass: the derivative by each name, as an equation, in the order derived; the steps to them."""

    cell: Cell
    derivatives: dict[str, sympy.Basic] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    ways: dict[str, list[Way]] = field(default_factory=lambda: defaultdict(list))


def backward(cell: Cell) -> Backward:
    """Every equation of the cell from the last to the first, then what the step began with.

    Errors: ModelError where a signal of the cell has the name of another's derivative.
    """
    names = {*cell.dimensions, *cell.parameters}
    if taken := sorted(name for name in names if f"d{name}" in names):
        raise ModelError(f"cell {cell.name}: d{taken[0]} is a name of its own; expected the derivative by {taken[0]}")
    known = Backward(cell)
    for equation in reversed(cell.equations):
        _through(known, equation)
    for name in (*cell.parameters, *cell.state_names, cell.input):
        if known.ways[name]:
            _conclude(known, name)
    return known


def given(cell: Cell, name: str) -> str | None:
    """The name of what the outside brings to a signal; None where nothing sees it but the step itself."""
    if name != cell.output and name not in (stored for _, stored in cell.states):
        return None
    inside = any(name in equation.uses for equation in cell.equations)
    return f"d{name}_later" if inside else f"d{name}"


def _through(known: Backward, equation: Equation) -> None:
    """The ways that lead through one equation, added to what it uses."""
    target, outside = equation.target, given(known.cell, equation.target)
    if outside == f"d{target}":
        total: sympy.Basic = signal(outside)
    elif known.ways[target] or outside:
        total = _conclude(known, target)
    else:
        return  # it leads nowhere
    if isinstance(equation, Affine):
        _through_affine(known, equation)
    elif isinstance(equation, Softmax):
        _through_softmax(known, equation)
    else:
        _through_elementwise(known, equation, total)


def _conclude(known: Backward, name: str) -> sympy.Basic:
    """The sum of all ways from a name, as a step; returned as what later steps put in its place."""
    ways, outside = known.ways[name], given(known.cell, name)
    if any(isinstance(way.value, sympy.MatrixExpr) for way in ways):
        return _conclude_column(known, name, outside)
    later = [signal(outside)] if outside else []
    d = signal(f"d{name}")
    named = sympy.Add(*later, *(way.value for way in ways))
    substituted = _gathered(sympy.Add(*later, *(way.substituted for way in ways)))
    known.steps.append(Step(_reason(name, ways, outside), _equals(d, named)))
    if put := sorted(symbol.name for symbol in named.free_symbols - substituted.free_symbols):
        known.steps.append(Step(f"put in {' and '.join(put)}", _equals(d, substituted)))
    else:
        substituted = named
    if outside or _is_kept(known.cell, name):
        known.derivatives[name] = _equals(d, substituted)
        return d
    return substituted


def _gathered(value: sympy.Expr) -> sympy.Expr:
    """Common factors taken out; what stands inside an activation stays as it is."""
    calls = {call: sympy.Dummy(real=True) for call in value.atoms(Activation)}
    calls = {call: name for call, name in calls.items() if not any(call in other.atoms() for other in calls)}
    back = {name: call for call, name in calls.items()}
    return sympy.factor_terms(value.xreplace(calls)).xreplace(back)


def _conclude_column(known: Backward, name: str, outside: str | None) -> sympy.Basic:
    """The same where a way leads through a product with a weight: then all are columns, or matrices."""
    matrix = name in known.cell.parameters and len(known.cell.parameters[name]) == 2
    d = weight_of(known.cell, name) if matrix else _column(known, name)
    later = [column(outside, d.shape[0])] if outside else []
    terms = [
        way.value if isinstance(way.value, sympy.MatrixExpr) else entrywise(way.substituted, d.shape[0])
        for way in known.ways[name]
    ]
    total = _equals(sympy.MatrixSymbol(f"d{name}", *d.shape), sympy.MatAdd(*later, *terms))
    known.steps.append(Step(_reason(name, known.ways[name], outside), total))
    known.derivatives[name] = total
    return signal(f"d{name}")


def _column(known: Backward, name: str) -> sympy.MatrixSymbol:
    return column_of(known.cell, name) if name in known.cell.dimensions else weight_of(known.cell, name)


def _equals(d: sympy.Basic, value: sympy.Basic) -> sympy.Basic:
    return sympy.Eq(d, value, evaluate=False)


def _is_kept(cell: Cell, name: str) -> bool:
    """Whether the derivative is wanted by its own name: of a pre-activation, a state, a parameter, the input."""
    targets = {equation.target for equation in cell.equations if isinstance(equation, Affine)}
    return name in targets or name not in {equation.target for equation in cell.equations}


def _reason(name: str, ways: list[Way], outside: str | None) -> str:
    through = [*dict.fromkeys(way.through for way in ways)]
    inside = f"through {' and '.join(through)}" if through else ""
    from_outside = f"what the output and the later steps bring, {outside}" if outside else ""
    whole = ", and ".join(filter(None, (from_outside, inside)))
    return f"the loss by `{name}`: {whole}"


def _through_elementwise(known: Backward, equation: Elementwise, total: sympy.Basic) -> None:
    d = signal(f"d{equation.target}")
    for symbol, partial in partials(Line(equation.target, equation.expression)):
        if partial == 0:
            continue
        words = f"the derivative of `{equation}` by `{symbol.name}`"
        function = sympy.Function(equation.target, real=True)(*map(signal, equation.uses))
        known.steps.append(Step(words, _equals(sympy.Derivative(function, symbol), partial)))
        known.ways[symbol.name].append(Way(equation.target, d * partial, total * partial))


def _through_affine(known: Backward, equation: Affine) -> None:
    """The derivatives of dz^T z by each weight, signal and bias, z = W x + U h + b: SymPy's, over matrices."""
    cell = known.cell
    right = affine(cell, equation)
    dz = column(f"d{equation.target}", right.shape[0])
    words = (
        f"to first order, a change of `{equation.target}` changes the loss by d{equation.target}^T times that change"
    )
    z = column_of(cell, equation.target)
    known.steps.append(Step(words, _equals(dz.T * z, dz.T * right)))
    paired = sympy.Trace(dz.T * right)  # the same number, as what SymPy differentiates by a matrix
    weights, uses = zip(*equation.terms, strict=True)
    parameters = dict.fromkeys((*weights, *([equation.bias] if equation.bias else ())))
    symbols = {name: weight_of(cell, name) for name in parameters} | {name: column_of(cell, name) for name in uses}
    for name, symbol in symbols.items():
        derivative = paired.diff(symbol).doit()
        known.ways[name].append(Way(equation.target, derivative, derivative))


def _through_softmax(known: Backward, equation: Softmax) -> None:
    """y_j = exp(z_j) / total: dz = y o dy - y (y^T dy), from the derivatives of one's own entry and of another."""
    own, other, (j, k) = _softmax_partials(known, equation)
    y = column_of(known.cell, equation.target)
    dy = column(f"d{equation.target}", y.shape[0])
    diagonal = sympy.expand(own - other.xreplace({k: j}))
    diagonal = diagonal.xreplace({j: signal(equation.target)})
    value = sympy.hadamard_product(entrywise(diagonal, y.shape[0]), dy) + sympy.cancel(other / (j * k)) * y * y.T * dy
    known.ways[equation.source].append(Way(equation.target, value, value))


def _softmax_partials(
    known: Backward, equation: Softmax
) -> tuple[sympy.Expr, sympy.Expr, tuple[sympy.Symbol, sympy.Symbol]]:
    """d y_j / d z_j and d y_k / d z_j in terms of y_j and y_k; the rest of the row is a constant for both."""
    z_j, z_k, rest = (signal(f"{equation.source}_{index}") for index in ("j", "k", "rest"))
    y_j, y_k = (signal(f"{equation.target}_{index}") for index in "jk")
    total, sum_of_all = exp(z_j) + exp(z_k) + rest, sympy.Dummy(positive=True)
    names = {reciprocal(total): 1 / sum_of_all, exp(z_j): y_j * sum_of_all, exp(z_k): y_k * sum_of_all}
    found = [sympy.cancel((exp(z) * reciprocal(total)).diff(z_j).xreplace(names)) for z in (z_j, z_k)]
    for z, y, partial in zip((z_j, z_k), (y_j, y_k), found, strict=True):
        function = sympy.Function(y.name, real=True)(z_j, z_k)
        words = f"the derivative of {y.name}, which is exp({z.name}) over the sum of all exp, by {z_j.name}"
        known.steps.append(Step(words, _equals(sympy.Derivative(function, z_j), partial)))
    return found[0], found[1], (y_j, y_k)

"""The equations and edges that a change concerns, as lines: what the specification has, and what the target has."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Elementwise, Equation, signal
from rnnproof.model.recognised import recognised
from rnnproof.reference.adjoint import (
    BATCH,
    ONE,
    STEPS,
    Adjoint,
    Carry,
    Edge,
    Mix,
    Outer,
    Product,
    Result,
    Scale,
    Seed,
    Total,
    adjoint,
)
from rnnproof.reference.flatten import flatten

OTHER_PASSES = ("not changed with the forward pass", "another backward pass")
MOST = 3  # of the equations or edges that a change concerns, so many are shown


def concerned(hypothesis: Hypothesis) -> list[str]:
    """Each equation or edge that is changed, as specified and as it is in the target."""
    lines = list(_equations(flatten(hypothesis.specified), flatten(hypothesis.computed)))
    if hypothesis.pulled is not None:
        lines += _edges(_begun(hypothesis) or adjoint(hypothesis.computed), hypothesis.pulled)
    return lines[: 2 * MOST] + ([f"and {len(lines) // 2 - MOST} more"] if len(lines) > 2 * MOST else [])


def changed_signals(hypothesis: Hypothesis) -> frozenset[str]:
    """What the changed edges of a backward pass add to."""
    if hypothesis.pulled is None:
        return frozenset()
    derived = {edge.id: edge for edge in (_begun(hypothesis) or adjoint(hypothesis.computed)).edges}
    return frozenset(edge.into for edge in hypothesis.pulled.edges if derived.get(edge.id) != edge)


def _begun(hypothesis: Hypothesis | None) -> Adjoint | None:
    """The backward pass of the specification, or of another forward pass, that edges were changed of."""
    while hypothesis is not None and hypothesis.faults:
        if hypothesis.faults[-1].operator in OTHER_PASSES:
            return hypothesis.pulled
        hypothesis = hypothesis.before
    return None


def _equations(specified: Cell, changed: Cell) -> Iterator[str]:
    by_target = {equation.target: equation for equation in specified.equations}
    known = set(by_target)
    for equation in changed.equations:
        if equation.target in known and equation != by_target[equation.target] and not _stored(equation):
            yield f"specification  {by_target[equation.target]}"
            yield f"target         {_written_out(equation, changed)}"
    for (state, stored), (_, other) in zip(specified.states, changed.states, strict=False):
        if stored != other:
            yield f"specification  {state} at the next step = {stored}"
            yield f"target         {state} at the next step = {_signal(other, changed)}"
    if specified.output != changed.output:
        yield f"specification  the output is {specified.output}"
        yield f"target         the output is {changed.output}"


def _stored(equation: Equation) -> bool:
    """Whether it is no equation of the cell's, but an activation inside one: tanh(c'), stored for the way back."""
    return "(" in equation.target


def _signal(name: str, cell: Cell) -> str:
    """A signal by its name; a helping one, of a name in words, by what it is."""
    helping = (e for e in cell.equations if e.target == name and " " in name)
    return next((_written_out(equation, cell).partition(" = ")[2] for equation in helping), name)


def _written_out(equation: Equation, cell: Cell) -> str:
    """An equation, and in it what a helping equation stands for: z_h as given is W_h x + U_h h + b_h."""
    text = str(equation)
    if isinstance(equation, Elementwise):
        text = f"{equation.target} = {recognised(_whole(equation.expression, cell))}"
    for other in sorted(cell.equations, key=lambda one: -len(one.target)):
        if " " in other.target and other.target in text and other.target != equation.target:
            text = text.replace(other.target, f"({str(other).partition(' = ')[2]})")
    return text


def _whole(expression: sympy.Expr, cell: Cell) -> sympy.Expr:
    """An expression with what elementwise helping equations stand for."""
    helping = {
        signal(e.target): e.expression
        for e in cell.equations
        if isinstance(e, Elementwise) and (" " in e.target or _stored(e))
    }
    while helping.keys() & expression.free_symbols:
        expression = expression.xreplace(helping)
    return expression


def _edges(derived: Adjoint, edited: Adjoint) -> list[str]:
    by_id = {edge.id: edge for edge in derived.edges}
    lines: list[str] = []
    for edge in edited.edges:
        if edge.id in by_id and edge != by_id[edge.id]:
            lines += [f"specification  {formula(by_id[edge.id])}", f"target         {formula(edge)}"]
    return lines


def formula(edge: Edge) -> str:
    """What an edge adds to, and what: dz_f += f*(1 - f) df."""
    if isinstance(edge, Result):
        value = f"{_gain(edge.gain)}{_brought(edge)}" if edge.gain else "0"
        return f"the gradient of {_into(edge)} = {value}"
    if edge.gain == 0:
        return f"d{edge.into} += 0"
    return f"d{_into(edge)} += {_gain(edge.gain)}{_brought(edge)}"


def _into(edge: Edge) -> str:
    return f"{edge.into} initial" if isinstance(edge, Result) and edge.into != "x" else edge.into


def _gain(gain: sympy.Expr) -> str:
    if gain == ONE:
        return ""
    if gain == -ONE:
        return "- "
    if isinstance(gain, sympy.Piecewise):
        return f"({_steps(gain)}) "
    return f"{gain.subs({STEPS: sympy.Symbol('T'), BATCH: sympy.Symbol('B')})} "


def _steps(gain: sympy.Piecewise) -> str:
    """At which steps it is what: 1 if t = 0, else 0."""
    (value, condition), (otherwise, _) = gain.args
    if not condition.is_Equality:
        return str(gain)
    if isinstance(condition.lhs, sympy.Mod):
        number, by = condition.lhs.args
        return f"{value} if {by} divides {number}, else {otherwise}"
    return f"{value} if {condition.lhs} = {condition.rhs}, else {otherwise}"


def _brought(edge: Edge) -> str:
    match edge:
        case Scale(source=source, factor=factor):
            return f"{_factor(factor)}d{source}"
        case Mix(source=source, factor=factor, weight=weight):
            return f"{_factor(factor)}sum over the units of {_factor(weight)}d{source}"
        case Product(source=source, weight=weight, transposed=transposed):
            return f"{weight}{'^T' if transposed else ''} d{source}"
        case Outer(source=source, signal=signal):
            return f"sum over t and b of d{source} {signal}^T"
        case Total(source=source, factor=factor):
            return f"sum over t and b of {_factor(factor)}d{source}"
        case Carry(source=source):
            return f"d{source} of the next step"
        case Seed(source="outputs"):
            return "the cotangent of the outputs"
        case Seed(source=source, always=True):
            return f"the cotangent of the final {source}"
        case Seed(source=source):
            return f"at the last step the cotangent of the final {source}"
        case Result(source=source):
            return f"d{source}"
    raise TypeError(f"{edge} is no edge")


def _factor(factor: sympy.Expr) -> str:
    if factor == ONE:
        return ""
    single = factor.is_Symbol or factor.is_Mul or factor.is_Number or isinstance(factor, Activation)
    return f"{factor} " if single else f"({factor}) "


def derived(cell: Cell, gradient: str) -> list[str]:
    """How a gradient comes about: its own edges, then those of the signals that they read, as far as an output.

    Errors: none; a gradient that has no edge has no lines.
    """
    edges = adjoint(cell).edges
    lines: list[str] = []
    seen: set[str] = set()
    wanted = [gradient.removeprefix("d").removesuffix(" initial")]
    while wanted and len(lines) < 2 * MOST:
        name = wanted.pop(0)
        if name in seen:
            continue
        seen.add(name)
        terms = [edge for edge in edges if edge.into == name and not isinstance(edge, Result)]
        if terms:
            lines.append(f"d{name} = {' + '.join(_brought(edge) for edge in terms)}")
        wanted += [edge.source for edge in terms if not isinstance(edge, Seed | Carry)]
    return lines

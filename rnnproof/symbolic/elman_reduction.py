"""A gated network with its gates at 0 and 1 is an Elman step: which gates, with which activation, and how nearly.

Reference: K. Cho et al., Learning phrase representations using RNN encoder-decoder, arXiv:1406.1078 (2014), section
2.3; J. L. Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product

import sympy

from rnnproof.catalogue import network as named
from rnnproof.model.activation import Activation, definition, sigmoid
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.gates import at
from rnnproof.symbolic.ranges import Range, range_of
from rnnproof.symbolic.roles import Gate, affine_targets, can_be, down_to, elementwise, gates, ranges
from rnnproof.symbolic.statement import Statement, Step, listed
from rnnproof.symbolic.vectors import affine, column, column_of, entrywise, size, weight_of

Setting = dict[sympy.Symbol, sympy.Expr]
ELMAN = named("elman").cell
(EQUATION,) = (equation for equation in ELMAN.equations if isinstance(equation, Affine))


@dataclass(frozen=True)
class Reduced:
    """The output at a setting of the gates: ``activation`` of Elman's z_h; ``total`` is that, a sum of affine parts."""

    setting: Setting
    expression: sympy.Expr
    activation: sympy.Expr
    total: sympy.MatrixExpr


def as_elman_step(network: Network) -> Statement | None:
    """The setting of gates at 0 and 1 with which one step is h' = f(W x + U h + b), and f, W, U and b.

    None for a network without gates, or with no such setting.
    """
    cell = network.cell
    reduced = _search(cell)
    if reduced is None:
        return None
    setting = listed([f"{gate} = {value}" for gate, value in reduced.setting.items()])
    output = signal(cell.output)
    place = sympy.Subs(reduced.expression, tuple(reduced.setting), tuple(reduced.setting.values()))
    z = column(elman_name(cell, EQUATION.target), reduced.total.shape[0])
    whole = sympy.Eq(output, reduced.activation, evaluate=False)
    weights = _weights(cell, reduced)
    near = _nearness(cell, reduced)
    theirs = [z.name, *(weight.lhs.name for weight in weights)]
    return Statement(
        name="an Elman step",
        claim=f"With {setting}, one step of `{network.name}` is an Elman step with the activation "
        f"`{reduced.activation}`; {listed(theirs)} are the Elman network's.",
        formulas=(whole, sympy.Eq(z, reduced.total, evaluate=False), *weights, *near),
        steps=(
            Step(f"{output} with {setting}", sympy.Eq(place, at(reduced.expression, reduced.setting), evaluate=False)),
            Step("what is left is a function of one sum", whole),
            Step("the sum, from the affine equations", sympy.Eq(z, reduced.total, evaluate=False)),
            *(Step("the same coefficient in the Elman network's equation", weight) for weight in weights),
            *(Step("the mean value theorem, gate by gate: how far it is from that", bound) for bound in near),
        ),
        conditions=_conditions(cell, reduced, near),
    )


def elman_name(cell: Cell, name: str) -> str:
    """What a name of the Elman network is called beside the cell's own."""
    while name in cell.dimensions or name in cell.parameters:
        name += "_E"
    return name


def _search(cell: Cell) -> Reduced | None:
    found = gates(cell)
    for count in range(1, len(found) + 1):
        for chosen in combinations(found, count):
            for values in product((sympy.Integer(0), sympy.Integer(1)), repeat=count):
                setting = {gate.symbol: value for gate, value in zip(chosen, values, strict=True)}
                if can_be(found, setting) and (reduced := _reduced(cell, setting)) is not None:
                    return reduced
    return None


def _reduced(cell: Cell, setting: Setting) -> Reduced | None:
    """The output at this setting as a function of one sum that sees the input and the output's own state."""
    if cell.output not in elementwise(cell):
        return None
    expression = _output(cell)
    left = at(expression, setting)
    parts = sorted(left.free_symbols, key=str)
    if left.has(sympy.nan, sympy.zoo) or not parts or not {p.name for p in parts} <= affine_targets(cell):
        return None
    z = signal(elman_name(cell, EQUATION.target))
    activation = left.xreplace({parts[0]: z - sympy.Add(*parts[1:])})
    uses = _terms(cell, parts, setting)
    states = {state for state, stored in cell.states if stored == cell.output}
    if (
        activation.free_symbols != {z}
        or not states
        or uses is None
        or {name for _, name in uses} != {cell.input, *states}
    ):
        return None
    return Reduced(setting, expression, activation, _sum(cell, parts, uses))


def _output(cell: Cell) -> sympy.Expr:
    """The output in terms of gates, states and affine signals."""
    names = {gate.name for gate in gates(cell)} | affine_targets(cell)
    return down_to(cell, cell.output, names)


def _terms(cell: Cell, parts: list[sympy.Symbol], setting: Setting) -> list[tuple[str, str]] | None:
    """The (weight, signal) pairs of the affine parts, a signal r h with r = 1 being h; None where one is neither."""
    equations = {equation.target: equation for equation in cell.equations if isinstance(equation, Affine)}
    found = []
    for weight, name in (term for part in parts for term in equations[part.name].terms):
        known = {gate.name for gate in gates(cell)} | affine_targets(cell)
        value = at(down_to(cell, name, known), setting) if name in elementwise(cell) else signal(name)
        if not value.is_Symbol:
            return None
        found.append((weight, value.name))
    return found


def _sum(cell: Cell, parts: list[sympy.Symbol], uses: list[tuple[str, str]]) -> sympy.MatrixExpr:
    equations = {equation.target: equation for equation in cell.equations if isinstance(equation, Affine)}
    biases = [bias for part in parts if (bias := equations[part.name].bias)]
    products = [weight_of(cell, weight) * column_of(cell, name) for weight, name in uses]
    return sympy.MatAdd(*products, *(weight_of(cell, bias) for bias in biases))


def _weights(cell: Cell, reduced: Reduced) -> tuple[sympy.Eq, ...]:
    """What the Elman network's weights are: the coefficients of its own equation, compared with the sum's."""
    state = next(name for name, stored in cell.states if stored == cell.output)
    renamed = {column_of(ELMAN, ELMAN.input): column_of(cell, cell.input)}
    renamed[column_of(ELMAN, ELMAN.state_names[0])] = column_of(cell, state)
    own = (weight_of(ELMAN, name) for name in ELMAN.parameters)
    called = {symbol: sympy.MatrixSymbol(elman_name(cell, symbol.name), *symbol.shape) for symbol in own}
    theirs, rest = _coefficients(affine(ELMAN, EQUATION).xreplace({**renamed, **called}), renamed.values())
    ours, our_rest = _coefficients(reduced.total, renamed.values())
    pairs = [(theirs[name], ours[name]) for name in renamed.values()] + ([(rest, our_rest)] if our_rest else [])
    return tuple(sympy.Eq(left, right, evaluate=False) for left, right in pairs)


def _coefficients(total: sympy.MatrixExpr, columns: object) -> tuple[dict[sympy.Basic, sympy.Basic], sympy.Basic]:
    """The matrix before each column, summed, and the sum of what has none of them."""
    terms = total.args if isinstance(total, sympy.MatAdd) else (total,)
    found: dict[sympy.Basic, list[sympy.Basic]] = {}
    for term in terms:
        last = term.args[-1] if isinstance(term, sympy.MatMul) else None
        found.setdefault(last, []).append(sympy.MatMul(*term.args[:-1]).doit() if last is not None else term)
    sums = {name: sympy.MatAdd(*parts).doit() for name, parts in found.items()}
    return sums, sums.pop(None, None)


def _nearness(cell: Cell, reduced: Reduced) -> tuple[sympy.Basic, ...]:
    """|h' - f(z)| <= sum over gates of the largest |dh'/dgate| times the gate's distance from its setting.

    Where a gate acts before a product with a weight W, first how far that moves the affine signal: by |W| |s - s_0|
    at the most, s_0 being what W is multiplied by at the setting. Empty where a gate is not a sigmoid.
    """
    chosen = [gate for gate in gates(cell) if gate.symbol in reduced.setting]
    if not all(isinstance(gate.expression, sigmoid) for gate in chosen):
        return ()
    known = ranges(cell)
    terms = _by_gates(reduced.expression, chosen, reduced.setting, known)
    found = [_displacement(cell, equation, chosen, reduced.setting) for equation in _affine_parts(cell, reduced)]
    displacements = [each for each in found if each is not None]
    for target, each in displacements:
        terms.append(largest(reduced.expression.diff(signal(target)), known) * signal(each.lhs.name))
    difference = sympy.Abs(signal(cell.output) - reduced.activation)
    bound = sympy.Le(difference, sympy.Add(*terms), evaluate=False)
    return (*(each for _, each in displacements), bound)


def _by_gates(
    expression: sympy.Expr, chosen: list[Gate], setting: Setting, known: Mapping[str, Range]
) -> list[sympy.Expr]:
    """For each gate, the largest derivative by it times its distance from its setting."""
    slopes = ((gate, expression.diff(gate.symbol)) for gate in chosen)
    return [largest(slope, known) * _distance(gate, setting[gate.symbol]) for gate, slope in slopes if slope != 0]


def _affine_parts(cell: Cell, reduced: Reduced) -> list[Affine]:
    names = {symbol.name for symbol in reduced.expression.free_symbols}
    return [equation for equation in cell.equations if isinstance(equation, Affine) and equation.target in names]


def _displacement(cell: Cell, equation: Affine, chosen: list[Gate], setting: Setting) -> tuple[str, sympy.Eq] | None:
    """How far an affine signal is, at the most, from its value at the setting; None where no gate acts on it."""
    known, moved = elementwise(cell), []
    for weight, name in equation.terms:
        ends = {gate.name for gate in gates(cell)} | affine_targets(cell)
        terms = _by_gates(down_to(cell, name, ends), chosen, setting, ranges(cell)) if name in known else []
        if terms:
            size_of = weight_of(cell, weight).applyfunc(sympy.Abs)
            moved.append(size_of * entrywise(sympy.Add(*terms), weight_of(cell, weight).shape[1]))
    if not moved:
        return None
    far = column(f"moved_{equation.target}", size(equation.rows))
    return equation.target, sympy.Eq(far, sympy.MatAdd(*moved), evaluate=False)


def _distance(gate: Gate, value: sympy.Expr) -> sympy.Expr:
    """|gate - value| for a sigmoid, in terms of its pre-activation: 1 / (1 + exp(z)) from 1."""
    written = gate.expression.replace(lambda part: isinstance(part, Activation), definition)
    distance = sympy.simplify(written - value)
    return -distance if value == 1 else distance


def largest(expression: sympy.Expr, known: Mapping[str, Range]) -> sympy.Expr:
    """A bound of the magnitude: of each part its range's end where there is one, else its own magnitude."""
    size_of = range_of(expression, known).size
    if size_of != sympy.oo:
        return size_of
    if expression.is_Add or expression.is_Mul:
        return expression.func(*(largest(part, known) for part in expression.args))
    if expression.is_Pow:
        return largest(expression.base, known) ** expression.exp
    return sympy.Abs(expression)


def _conditions(cell: Cell, reduced: Reduced, near: tuple[sympy.Basic, ...]) -> tuple[str, ...]:
    conditions = ["The gates are put at these constants in every unit; then the equality is exact."]
    open_ended = [gate.name for gate in gates(cell) if gate.symbol in reduced.setting and not gate.range.high_attained]
    if open_ended:
        bound = "the last formula says how nearly" if near else "it is a limit"
        reach = "does not reach its constant" if len(open_ended) == 1 else "do not reach them"
        conditions.append(f"Computed from their pre-activations, {listed(open_ended)} {reach}: {bound}.")
    if len(near) > 1:
        conditions.append("What is called moved is the most by which the gates move a pre-activation, entry by entry.")
    return tuple(conditions)

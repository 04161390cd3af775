"""What a signal is to its cell, found from the equations: a gate, a value, a memory.

A gate is an elementwise function of a pre-activation that stays between 0 and 1, that multiplies other signals and
is not stored. A memory is a state that reaches what is stored in it directly, multiplied by gates alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import sympy

from rnnproof.model.activation import Activation, definition, relu
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.ranges import Range, range_of


@dataclass(frozen=True)
class Gate:
    """A gate by name, as an expression of its pre-activation ``z`` and what else it sees."""

    name: str
    z: sympy.Symbol
    expression: sympy.Expr
    range: Range

    @property
    def symbol(self) -> sympy.Symbol:
        """The gate in other equations."""
        return signal(self.name)


@dataclass(frozen=True)
class Memory:
    """stored = coefficient * state + rest, the coefficient an expression of gates alone.

    ``where``: a condition on a signal, where what is stored is cut off; else true.
    """

    state: sympy.Symbol
    stored: sympy.Symbol
    coefficient: sympy.Expr
    rest: sympy.Expr
    gates: tuple[sympy.Symbol, ...]
    where: sympy.Basic = sympy.true

    @property
    def expression(self) -> sympy.Expr:
        """What is stored, in terms of the state, of gates and of values."""
        return self.coefficient * self.state + self.rest


def can_be(found: tuple[Gate, ...], setting: Mapping[sympy.Symbol, sympy.Expr]) -> bool:
    """Whether each gate comes as near to its value in the setting as one likes: one that is clipped may not."""
    ranges = {gate.symbol: gate.range for gate in found}
    return all(_number(ranges[g].low) <= value <= _number(ranges[g].high) for g, value in setting.items())


def _number(end: sympy.Expr) -> sympy.Expr:
    return end.replace(lambda part: isinstance(part, Activation), definition).evalf()


def behind(cell: Cell, name: str) -> frozenset[str]:
    """Everything that a signal of a step is made from, the signal itself left out."""
    uses = {equation.target: equation.uses for equation in cell.equations}
    found: set[str] = set()
    waiting = [*uses.get(name, ())]
    while waiting:
        used = waiting.pop()
        if used not in found:
            found.add(used)
            waiting.extend(uses.get(used, ()))
    return frozenset(found)


def cell_of(network: Network) -> Cell:
    """The step of the whole network; of one layer where it reads in both directions, as it has no step then."""
    return network.cell if network.direction == "bidirectional" else network.readings[0].cell


WIRING = ("layers", "direction", "merge", "readout", "padding")


def one_layer(network: Network) -> Network:
    """Of a stack, or of both directions, one layer that reads forward, without a readout; else the network itself."""
    if network.layers == 1 and network.direction != "bidirectional":
        return network
    head, _, tail = network.name.partition(":")
    told = ",".join(each for each in tail.split(",") if each and each.partition("=")[0] not in WIRING)
    options = tuple(option for option in network.options if option[0] not in WIRING)
    return Network(f"{head}:{told}" if told else head, network.cell, options=options)


def elementwise(cell: Cell) -> dict[str, sympy.Expr]:
    """The right-hand sides of the elementwise equations."""
    return {e.target: e.expression for e in cell.equations if isinstance(e, Elementwise)}


def affine_targets(cell: Cell) -> set[str]:
    """The pre-activations and whatever else is affine in other signals."""
    return {equation.target for equation in cell.equations if isinstance(equation, Affine)}


@cache
def ranges(cell: Cell) -> Mapping[str, Range]:
    """The range of every signal with an elementwise equation, inputs, states and pre-activations being any numbers."""
    found: dict[str, Range] = {}
    for name, expression in elementwise(cell).items():
        found[name] = range_of(expression, found)
    return MappingProxyType(found)


@cache
def gates(cell: Cell) -> tuple[Gate, ...]:
    """The gates that see a pre-activation of their own, in order; not 1 - f where f is a gate."""
    found = ranges(cell)
    stored = {cell.output, *(name for _, name in cell.states)}
    names = [
        name
        for name in elementwise(cell)
        if name not in stored and found[name].low >= 0 and found[name].high <= 1 and _multiplies(name, cell)
    ]
    seen = {name: down_to(cell, name, affine_targets(cell) | {*names, *stored}) for name in names}
    own = {
        name: [s for s in sorted(e.free_symbols, key=str) if s.name in affine_targets(cell)] for name, e in seen.items()
    }
    return tuple(Gate(name, own[name][0], seen[name], found[name]) for name in names if own[name])


def _multiplies(name: str, cell: Cell) -> bool:
    """Whether some product has this signal in one factor, and another signal in another."""
    s = signal(name)
    products = (part for e in elementwise(cell).values() for part in sympy.preorder_traversal(e) if part.is_Mul)
    return any(product.has(s) and any(_other(factor, s) for factor in product.args) for product in products)


def _other(factor: sympy.Expr, s: sympy.Symbol) -> bool:
    return bool(factor.free_symbols) and not factor.has(s)


def down_to(cell: Cell, name: str, ends: set[str]) -> sympy.Expr:
    """The expression of a signal, elementwise equations put in until only these names and no equations are left."""
    known = elementwise(cell)
    expression = known[name]
    while inner := [s for s in expression.free_symbols if s.name in known and s.name not in ends]:
        expression = expression.xreplace({s: known[s.name] for s in inner})
    return expression


def expanded(cell: Cell, name: str) -> sympy.Expr:
    """A signal in terms of gates, states, stored signals, values and pre-activations; dependent gates resolved.

    A value is a signal that sees pre-activations alone, as tanh(z_g): it keeps its name.
    """
    kept = {gate.name for gate in gates(cell)} | {stored for _, stored in cell.states}
    kept |= {name for name, e in elementwise(cell).items() if _is_value(e, cell)}
    return down_to(cell, name, kept - {name})


def _is_value(expression: sympy.Expr, cell: Cell) -> bool:
    return {symbol.name for symbol in expression.free_symbols} <= affine_targets(cell)


@cache
def memories(cell: Cell) -> tuple[Memory, ...]:
    """The states with a direct path, in order."""
    return tuple(memory for memory in memories_where_uncut(cell) if memory.where == sympy.true)


@cache
def memories_where_uncut(cell: Cell) -> tuple[Memory, ...]:
    """The same, and those with one while what is stored is not cut off, each with where that is."""
    names, known = {gate.symbol for gate in gates(cell)}, elementwise(cell)
    found = []
    for state, stored in cell.states:
        if stored not in known:
            continue
        name, where = _uncut(cell, stored)
        expression, s = sympy.expand(expanded(cell, name)), signal(state)
        coefficient = expression.diff(s)
        if coefficient != 0 and coefficient.free_symbols <= names:
            rest = sympy.factor_terms(sympy.expand(expression - coefficient * s))
            inside = tuple(gate.symbol for gate in gates(cell) if expression.has(gate.symbol))
            found.append(Memory(s, signal(stored), sympy.factor_terms(coefficient), rest, inside, where))
    return tuple(found)


def told(memory: Memory, formula: sympy.Basic, instead: sympy.Expr | None = None) -> sympy.Basic:
    """The formula, where what is stored is not cut off; ``instead`` of the signal that is, what the condition is of."""
    if memory.where == sympy.true:
        return formula
    (inside,) = memory.where.free_symbols
    return sympy.Implies(memory.where.xreplace({inside: inside if instead is None else instead}), formula)


def said_of_uncut(memory: Memory) -> str:
    """The condition as a sentence."""
    (inside,) = memory.where.free_symbols
    return f"{memory.stored} is {inside} where `{memory.where}`; else {inside} is cut off."


def _uncut(cell: Cell, stored: str) -> tuple[str, sympy.Basic]:
    """c' = s + relu(-s - k) - relu(s - k) is s where |s| <= k: s and that; c' itself where it is no such sum."""
    form = elementwise(cell)[stored]
    calls = form.atoms(relu)
    s = form.xreplace(dict.fromkeys(calls, sympy.Integer(0)))
    ends = {sympy.expand(sign * s - call.args[0]) for call in calls for sign in (1, -1)}
    k = [end for end in ends if end.is_number]
    if not s.is_Symbol or s.name not in elementwise(cell) or len(calls) != 2 or len(k) != 1:
        return stored, sympy.true
    return s.name, sympy.Le(abs(s), k[0])

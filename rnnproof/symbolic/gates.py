"""What each gate does: the limits of its signal, and what the cell becomes where the gate is put at them.

Reference: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780; F. A. Gers,
J. Schmidhuber and F. Cummins, Learning to forget, Neural Computation 12 (2000) 2451-2471.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import sympy

from rnnproof.model.activation import definition, reciprocal
from rnnproof.model.cell import Cell
from rnnproof.model.equation import signal
from rnnproof.model.network import Network
from rnnproof.symbolic.limits import limit
from rnnproof.symbolic.roles import Gate, behind, elementwise, expanded, gates
from rnnproof.symbolic.statement import Statement, Step, listed, quoted


@dataclass(frozen=True)
class Effect:
    """``expression`` of the signal ``target`` at gate = value is ``result``; ``lost``: what it no longer sees.

    Each with the signals through which it is seen all the same, as they are made from it.
    """

    target: str
    gate: Gate
    value: sympy.Expr
    expression: sympy.Expr
    result: sympy.Expr
    lost: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def formula(self) -> sympy.Eq:
        """expression at gate = value, equal to the result."""
        return sympy.Eq(sympy.Subs(self.expression, self.gate.symbol, self.value), self.result, evaluate=False)

    def __str__(self) -> str:
        gone = [name for name, through in self.lost if not through]
        told = [f"does not depend on {quoted(gone, 'or')}"] if gone else []
        told += [f"depends on `{name}` only through {quoted(through)}" for name, through in self.lost if through]
        return " and ".join([f"at `{self.gate.name} = {self.value}`, `{self.target}` is `{self.result}`", *told])


def gate_effects(network: Network) -> Statement | None:
    """For each gate of the cell, and each end of its range: what it lets through there, and what not.

    None for a network without gates. The formulas are of one unit.
    """
    cell = network.cell
    found = gates(cell)
    if not found:
        return None
    effects = [effect for gate in found for effect in effects_of(cell, gate)]
    steps = [step for gate in found for step in _limits(gate)]
    steps += [Step(str(effect), effect.formula) for effect in effects]
    return Statement(
        name="what the gates do",
        claim=f"In `{network.name}`: {'; '.join(map(str, effects))}.",
        formulas=tuple(effect.formula for effect in effects),
        steps=tuple(steps),
        conditions=_conditions(cell, found),
    )


@cache
def ends(gate: Gate) -> tuple[tuple[sympy.Expr, sympy.Expr], ...]:
    """The gate's limits as its pre-activation goes to -oo and to oo: ((-oo, 0), (oo, 1)) for a sigmoid."""
    return tuple((end, limit(gate.expression, gate.z, end)) for end in (-sympy.oo, sympy.oo))


def at(expression: sympy.Expr, values: dict[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """The expression with gates put at constants; nan or zoo where that divides by 0."""
    put = expression.xreplace(values).replace(lambda part: isinstance(part, reciprocal), definition)
    if put.has(sympy.nan, sympy.zoo):
        return put
    multiplied_out = sympy.factor_terms(sympy.expand(put))
    return min(put, multiplied_out, key=lambda form: (len(form.free_symbols), form.count_ops()))


def _limits(gate: Gate) -> Iterator[Step]:
    for end, value in ends(gate):
        formula = sympy.Eq(sympy.Limit(gate.expression, gate.z, end), value, evaluate=False)
        yield Step(f"the limit of `{gate.name}` as `{gate.z.name}` goes to `{end}`", formula)


def effects_of(cell: Cell, gate: Gate) -> Iterator[Effect]:
    """What the gate does at each end of its range to each signal that it acts on."""
    for target in _targets(cell, gate):
        expression = expanded(cell, target)
        for _, value in ends(gate):
            result = at(expression, {gate.symbol: value})
            lost = sorted(s.name for s in expression.free_symbols - result.free_symbols - {gate.symbol})
            left = sorted(symbol.name for symbol in result.free_symbols)
            through = [tuple(name for name in left if gone in behind(cell, name)) for gone in lost]
            yield Effect(target, gate, value, expression, result, tuple(zip(lost, through, strict=True)))


def _targets(cell: Cell, gate: Gate) -> list[str]:
    """What is stored or put out and contains the gate; where nothing is, the signals whose equations contain it."""
    known = elementwise(cell)
    seen = [*dict.fromkeys((*(stored for _, stored in cell.states), cell.output))]
    visible = [name for name in seen if name in known and expanded(cell, name).has(gate.symbol)]
    return visible or [name for name, expression in known.items() if expression.has(signal(gate.name))]


def _conditions(cell: Cell, found: tuple[Gate, ...]) -> tuple[str, ...]:
    conditions = [
        "The other gates and values are held as they are, and the formulas are of one unit; what stands below a "
        "bracket is put in."
    ]
    if any(not gate.range.low_attained or not gate.range.high_attained for gate in found):
        names = [g.name for g in found if not g.range.low_attained or not g.range.high_attained]
        reach = "reaches" if len(names) == 1 else "reach"
        conditions.append(
            f"Over the reals {listed(names)} {reach} neither end: the formulas are limits, approached and not met."
        )
    stored = {name for _, name in cell.states}
    for gate in found:
        kept = [name for name in stored if name in elementwise(cell) and not expanded(cell, name).has(gate.symbol)]
        if kept and cell.output not in kept:
            conditions.append(f"{gate.name} does not enter {listed(kept)}: whatever it does, that is kept.")
    return tuple(conditions)

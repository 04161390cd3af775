"""What stays bounded, whatever the weights and inputs are: gates, outputs, and the memory over T steps.

Each bound is one inequality for one step, by the triangle inequality and the ranges of gates and values, and then
the recurrence that it leaves, solved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy

from rnnproof.errors import ModelError
from rnnproof.model.activation import Activation, definition, sigmoid, tanh
from rnnproof.model.equation import signal
from rnnproof.model.network import Network
from rnnproof.symbolic.gates import at
from rnnproof.symbolic.ranges import Range, comparison, range_of, within
from rnnproof.symbolic.roles import Memory, elementwise, gates, memories, ranges
from rnnproof.symbolic.statement import Statement, Step, listed

OVER_THE_REALS = "A strict inequality is one over the reals: rounded, a sigmoid or a tanh does reach its end."
ANYTHING = "Weights, biases and inputs are any numbers."


@dataclass(frozen=True)
class Part:
    """One term of what is stored beside the direct path: a weight made of gates times a value."""

    weight: sympy.Expr
    value: sympy.Expr
    size: sympy.Expr
    strict: bool


def _conditions(formulas: Iterable[sympy.Basic]) -> tuple[str, ...]:
    strict = any(formula.has(sympy.StrictLessThan, sympy.StrictGreaterThan) for formula in formulas)
    return (ANYTHING, OVER_THE_REALS) if strict else (ANYTHING,)


def gate_bounds(network: Network) -> Statement | None:
    """0 < i < 1 for each gate, or with <= where it reaches its ends. None for a network without gates."""
    found = gates(network.cell)
    if not found:
        return None
    formulas = tuple(formula for gate in found for formula in within(gate.symbol, gate.range))
    steps = [step for gate in found for step in _why(gate.symbol, gate.expression, gate.range)]
    stay = "stays" if len(found) == 1 else "stay"
    return Statement(
        name="gates stay between 0 and 1",
        claim=f"In `{network.name}`, {listed([g.name for g in found])} {stay} between 0 and 1.",
        formulas=formulas,
        steps=tuple(steps),
        conditions=_conditions(formulas),
    )


def output_bounds(network: Network) -> Statement | None:
    """|h'| < 1, and the like, for each signal stored or put out that is bounded. None where none is."""
    cell, found = network.cell, ranges(network.cell)
    names = dict.fromkeys((*(stored for _, stored in cell.states), cell.output))
    bounded = [name for name in names if name in found and found[name].size != sympy.oo]
    if not bounded:
        return None
    known = elementwise(cell)
    formulas = tuple(_magnitude(signal(name), found[name]) for name in bounded)
    steps = [step for name in bounded for step in _parts(known[name], found)]
    steps += [
        Step(f"hence the range of `{name} = {known[name]}`", formula)
        for name in bounded
        for formula in within(signal(name), found[name])
    ]
    steps += [Step("the larger of both magnitudes", formula) for formula in formulas]
    return Statement(
        name="what is put out is bounded",
        claim=f"In `{network.name}`, after any step, {_formulas(formulas)}.",
        formulas=formulas,
        steps=tuple(steps),
        conditions=_conditions(formulas),
    )


def memory_bound(network: Network) -> Statement | None:
    """|c_T| <= |c_0| + T, or |h_T| <= max(|h_0|, 1) where the gates of a memory add up to 1.

    None for a network without a memory whose other terms are bounded.
    """
    found = ranges(network.cell)
    for memory in memories(network.cell):
        parts = _rest(memory, found)
        weights = [range_of(weight, found) for weight in (memory.coefficient, *(part.weight for part in parts))]
        convex = sympy.simplify(at(_total(memory, parts), {})) == 1
        if parts and all(w.low >= 0 and (convex or w.high <= 1) for w in weights):
            return _bounded(network, memory, parts, convex)
    return None


def _total(memory: Memory, parts: list[Part]) -> sympy.Expr:
    """The sum of the direct path's weight and the others', as a sum."""
    return sympy.Add(memory.coefficient, *(part.weight for part in parts), evaluate=False)


def _bounded(network: Network, memory: Memory, parts: list[Part], convex: bool) -> Statement:
    state, sizes = abs(memory.state), [part.size for part in parts]
    one = sympy.Max(state, *sizes) if convex else state + sympy.Add(*sizes)
    step_bound = comparison(abs(memory.stored), one, any(part.strict for part in parts))
    solved = _over_time(memory, one)
    triangle = memory.coefficient * state + sympy.Add(*(part.weight * abs(part.value) for part in parts))
    add_up = Step("the weights add up to 1", sympy.Eq(_total(memory, parts), 1, evaluate=False))
    why = "weights that are not negative and add up to 1 make a mean" if convex else "no weight is more than 1"
    steps = (
        Step("what is stored", sympy.Eq(memory.stored, memory.expression, evaluate=False)),
        Step("the triangle inequality, no weight being less than 0", sympy.Le(abs(memory.stored), triangle)),
        *(Step("a value's range", comparison(abs(part.value), part.size, part.strict)) for part in parts),
        *((add_up,) if convex else ()),
        Step(f"{why}, which gives the bound of one step", step_bound),
        Step("the recurrence that this leaves, from the start on", solved),
    )
    return Statement(
        name="the memory is bounded",
        claim=f"In `{network.name}`, `{solved}` for every T >= 0; one step gives `{step_bound}`.",
        formulas=(step_bound, solved),
        steps=steps,
        conditions=_conditions((step_bound, solved)),
    )


def _over_time(memory: Memory, one: sympy.Expr) -> sympy.Basic:
    """|c_T| <= u(T), where u(t+1) is the bound of one step at |c| = u(t) and u(0) = |c_0|."""
    T = sympy.Symbol("T", integer=True, nonnegative=True)
    start, last = abs(signal(f"{memory.state}_0")), abs(signal(f"{memory.state}_T"))
    if one.has(sympy.Max):  # the largest of the two is a fixed point of the recurrence
        bound = one.xreplace({abs(memory.state): start})
        if one.xreplace({abs(memory.state): bound}) != bound:
            raise ModelError(f"{one}: no fixed point after one step")
        return sympy.Le(last, bound)
    u = sympy.Function("u")
    return sympy.Le(last, sympy.rsolve(u(T + 1) - one.xreplace({abs(memory.state): u(T)}), u(T), {u(0): start}))


def _rest(memory: Memory, found: Mapping[str, Range]) -> list[Part]:
    """What is stored beside the direct path as gates times values; empty where a value is not bounded."""
    calls = {call: sympy.Dummy(real=True) for call in memory.rest.atoms(Activation) if not _of_gates(call, memory)}
    rest = sympy.expand(memory.rest.xreplace(calls))
    back = {name: call for call, name in calls.items()}
    values = sorted(rest.free_symbols - set(memory.gates), key=str)
    parts = []
    for value in values:
        weight, size = rest.diff(value), range_of(back.get(value, value), found)
        inside = range_of(weight, found)
        if not weight.free_symbols <= set(memory.gates) or inside.low < 0 or size.size == sympy.oo:
            return []
        nothing = inside.low == 0 and inside.low_attained
        parts.append(Part(weight, back.get(value, value), size.size, not (size.magnitude.high_attained or nothing)))
    whole = sympy.Add(*(part.weight * part.value for part in parts))
    return parts if sympy.expand(whole - memory.rest) == 0 else []


def _of_gates(call: Activation, memory: Memory) -> bool:
    return bool(call.free_symbols <= set(memory.gates))


def _magnitude(symbol: sympy.Symbol, inside: Range) -> sympy.Basic:
    return comparison(abs(symbol), inside.size, not inside.magnitude.high_attained)


def _parts(expression: sympy.Expr, found: Mapping[str, Range]) -> list[Step]:
    """The ranges of what a product or a sum is made of."""
    parts = [expression] if isinstance(expression, Activation) else [p for p in expression.args if not p.is_number]
    bounded = [(part, range_of(part, found)) for part in parts]
    return [step for part, inside in bounded if inside.size != sympy.oo for step in _why(part, part, inside)]


def _why(name: sympy.Expr, expression: sympy.Expr, inside: Range) -> list[Step]:
    """How far a sigmoid or a tanh is from its ends, as quotients of positive numbers; else the range alone."""
    ends = [Step(f"the range of `{name}`", formula) for formula in within(name, inside)]
    if not isinstance(expression, (sigmoid, tanh)):
        return ends
    written = definition(expression).rewrite(sympy.exp)
    distances = (sympy.simplify(end) for end in (written - inside.low, inside.high - written))
    positive = (sympy.Gt(distance, 0, evaluate=False) for distance in distances if distance.is_positive)
    return [*(Step(f"how far `{expression}` is from its ends", formula) for formula in positive), *ends]


def _formulas(formulas: tuple[sympy.Basic, ...]) -> str:
    return listed([f"`{formula}`" for formula in formulas])

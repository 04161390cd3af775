"""Whether a network can keep what it has stored, as it is, through any number of steps: a gate can, tanh cannot.

Reference: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780, section 3,
the constant error carousel.
"""

from __future__ import annotations

from itertools import combinations, product

import sympy

from rnnproof.model.activation import Activation, reciprocal, relu
from rnnproof.model.equation import Affine, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.gates import at
from rnnproof.symbolic.roles import Memory, can_be, elementwise, gates, memories_where_uncut, said_of_uncut, told
from rnnproof.symbolic.statement import Statement, Step, listed

Setting = dict[sympy.Symbol, sympy.Expr]
IN_COMMON, REST = "what these have in common", "and then the rest"


def keeps(network: Network) -> Statement | None:
    """Gates at 0 or 1 with which what is stored is the state itself, whatever it is, for any number of steps.

    None for a network without such gates.
    """
    kept = memories_where_uncut(network.cell)
    every = [(memory, setting) for memory in kept for setting in settings(memory, keeping=True)]
    found = [(memory, setting) for memory, setting in every if can_be(gates(network.cell), setting)]
    if not found:
        return None
    formulas = tuple(_at_setting(memory, setting) for memory, setting in found)
    steps = [
        step
        for (memory, setting), formula in zip(found, formulas, strict=True)
        for step in (*_one_step(memory), Step(f"with {_said(setting)}", formula), _for_ever(memory, setting))
    ]
    cell_gates = [gate for gate in gates(network.cell) if any(gate.symbol in setting for _, setting in found)]
    cut = tuple(dict.fromkeys(said_of_uncut(memory) for memory, _ in found if memory.where != sympy.true))
    open_ended = [g.name for g in cell_gates if not (g.range.low_attained and g.range.high_attained)]
    return Statement(
        name="what is stored can be kept",
        claim="; ".join(f"in `{network.name}`, with {_said(s)}, {m.state} is stored again as it is" for m, s in found)
        + f", for every value of it{' that is not cut off' * bool(cut)} and any number of steps.",
        formulas=(*formulas, *(step.formula for step in steps if step.reason.startswith("over T steps"))),
        steps=tuple(steps),
        conditions=(*cut, *_not_zero(formulas), *([_limits(open_ended)] if open_ended else [])),
    )


def _not_zero(formulas: tuple[sympy.Eq, ...]) -> list[str]:
    """What is divided by there, where gates at their constants leave something of it."""
    left = [
        at(part.args[0], dict(zip(place.variables, place.point, strict=True)))
        for formula in formulas
        for place in formula.atoms(sympy.Subs)
        for part in place.expr.atoms(reciprocal)
    ]
    return [f"`{each}` is not 0: it is divided by." for each in dict.fromkeys(left) if each.free_symbols]


def _limits(open_ended: list[str]) -> str:
    come = "comes" if len(open_ended) == 1 else "come"
    return f"Over the reals {listed(open_ended)} only {come} as near to that as one likes: it is a limit."


def settings(memory: Memory, keeping: bool) -> list[Setting]:
    """The smallest settings of gates at 0 and 1 that store the state itself, or that store nothing of it."""
    names = memory.gates
    found: list[Setting] = []
    for count in range(1, len(names) + 1):
        for chosen in combinations(names, count):
            for values in product((sympy.Integer(0), sympy.Integer(1)), repeat=count):
                setting = dict(zip(chosen, values, strict=True))
                if not any(smaller.items() <= setting.items() for smaller in found) and _does(memory, setting, keeping):
                    found.append(setting)
    return found


def overwrites(network: Network) -> Statement | None:
    """A state that is stored anew, h' = f(z), z affine in h, gives itself back on an interval only as told.

    Derived by differentiating f(u h + a) = h once and comparing the coefficients of the powers of h, u being the
    unit's own recurrent weight and a whatever else is in z. None for a network whose state has a direct path, or is
    not a function of one pre-activation that sees it, its derivative a polynomial in its value.
    """
    found = _rewritten(network)
    if found is None:
        return None
    state, stored, z, weight = found
    expression = elementwise(network.cell)[stored.name]
    direct = sympy.Derivative(sympy.Function(stored.name)(z), state)
    there_is_none = sympy.Eq(direct, expression.diff(state), evaluate=False)
    kept = _derivative_by_own_value(_straight(expression), z, state)
    if not kept.is_polynomial(state):
        return None
    steps, solutions = _solved(expression, kept, state, z, signal(f"{weight}[j,j]"))
    if not all(value.is_number for value in solutions.values()):
        return None
    return Statement(
        name="the state is stored anew at every step",
        claim=(
            f"In `{network.name}`, {stored} depends on {state} only through {z}, and {_gives_back(state, solutions)}."
        ),
        formulas=(there_is_none, *(s.formula for s in steps if s.reason in (IN_COMMON, REST))),
        steps=(Step(f"{stored} by {state} itself, {z} being held: there is no direct path", there_is_none), *steps),
        conditions=_conditions(expression, state, z),
    )


def _straight(expression: sympy.Expr) -> sympy.Expr:
    """Every relu where it is not 0."""
    return expression.replace(lambda part: isinstance(part, relu), lambda part: part.args[0])


def _solved(
    expression: sympy.Expr, kept: sympy.Expr, state: sympy.Symbol, z: sympy.Symbol, u: sympy.Symbol
) -> tuple[tuple[Step, ...], Setting]:
    """The steps from f(u h + a) = h to the only u and a with which that holds on an interval, if there are any.

    ``kept``: f', a polynomial in the value of f.
    """
    a = signal("a")
    equations = sympy.Poly(sympy.expand(u * kept - 1), state).coeffs()
    solutions: list[Setting] = sympy.solve(equations, u, dict=True)
    values = sympy.FiniteSet(*(solution[u] for solution in solutions))
    steps = [
        Step(
            f"a unit that gives back its own {state}, {u} being its own recurrent weight and `a` the rest of {z}",
            sympy.Eq(expression.xreplace({z: u * state + a}), state, evaluate=False),
        ),
        Step(f"the derivative by {state}, with {state} for the value", sympy.Eq(u * kept, 1, evaluate=False)),
        *(Step(f"the coefficient of each power of {state}", sympy.Eq(each, 0, evaluate=False)) for each in equations),
        Step(IN_COMMON, sympy.Contains(u, values, evaluate=False)),
    ]
    if not solutions:
        return tuple(steps), {}
    rest = sympy.solve(_straight(expression).xreplace({z: solutions[0][u] * state + a}) - state, a, dict=True)[0]
    steps.append(Step(REST, sympy.Eq(a, rest[a], evaluate=False)))
    return tuple(steps), {**solutions[0], **rest}


def _gives_back(state: sympy.Symbol, solutions: Setting) -> str:
    """With which weight and inputs a unit gives back its own state, in words."""
    if not solutions:
        return f"with no weight and no inputs a unit gives back its own {state} on an interval of values"
    only = listed([f"`{symbol} = {value}`" for symbol, value in solutions.items()])
    return f"a unit gives back its own {state} on an interval of values only with {only}"


def _conditions(expression: sympy.Expr, state: sympy.Symbol, z: sympy.Symbol) -> tuple[str, ...]:
    interval = (
        f"The other units and the input are held, and {state} is any number of an interval; `a` is the rest of {z}."
    )
    return (interval, "Of a relu, the part where it is not 0.") if expression.has(relu) else (interval,)


def _rewritten(network: Network) -> tuple[sympy.Symbol, sympy.Symbol, sympy.Symbol, str] | None:
    """(state, stored, z, U) of the first state that is stored as a function of one pre-activation z = U state + ..."""
    cell, known = network.cell, elementwise(network.cell)
    weights = {(e.target, name): weight for e in cell.equations if isinstance(e, Affine) for weight, name in e.terms}
    for state, stored in cell.states:
        used = sorted(known[stored].free_symbols, key=str) if stored in known else []
        if len(used) == 1 and (used[0].name, state) in weights:
            return signal(state), signal(stored), used[0], weights[used[0].name, state]
    return None


def _derivative_by_own_value(expression: sympy.Expr, z: sympy.Symbol, own: sympy.Symbol) -> sympy.Expr:
    """f'(z) in terms of f(z), which is written as the state."""
    calls = expression.atoms(Activation)
    written = {call: sympy.solve(expression - own, call)[0] for call in calls}
    return sympy.expand(expression.diff(z).xreplace(written))


def _does(memory: Memory, setting: Setting, keeping: bool) -> bool:
    result = at(memory.expression, setting)
    if result.has(sympy.nan, sympy.zoo):
        return False
    return bool(result == memory.state) if keeping else memory.state not in result.free_symbols


def _one_step(memory: Memory) -> tuple[Step, Step]:
    stored = sympy.Eq(memory.stored, memory.expression, evaluate=False)
    change = sympy.factor_terms((memory.coefficient - 1) * memory.state + memory.rest)
    changed = sympy.Eq(memory.stored - memory.state, change, evaluate=False)
    words = f"{memory.stored} with its direct path from {memory.state}", "what a step adds"
    return Step(words[0], told(memory, stored)), Step(words[1], told(memory, changed))


def _at_setting(memory: Memory, setting: Setting) -> sympy.Eq:
    place = sympy.Subs(memory.expression, tuple(setting), tuple(setting.values()))
    return sympy.Eq(place, at(memory.expression, setting), evaluate=False)


def _for_ever(memory: Memory, setting: Setting) -> Step:
    """The recurrence solved: u(t) = u(t-1)."""
    u, t = sympy.Function(memory.state.name), sympy.Symbol("T", integer=True, nonnegative=True)
    start = signal(f"{memory.state}_0")
    change = at(memory.expression, setting).xreplace({memory.state: u(t)})
    solved = sympy.rsolve(u(t + 1) - change, u(t), {u(0): start})
    formula = told(memory, sympy.Eq(u(t), solved, evaluate=False), start)
    return Step(f"over T steps with {_said(setting)}", formula)


def _said(setting: Setting) -> str:
    return listed([f"{symbol} = {value}" for symbol, value in setting.items()])

"""Why a network remembers longer: the path by which its memory reaches the next step without meeting a weight.

Reference: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780, sections
3 and 4; Y. Bengio, P. Simard and P. Frasconi, Learning long-term dependencies with gradient descent is difficult,
IEEE Transactions on Neural Networks 5 (1994) 157-166.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Softmax, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.gates import at
from rnnproof.symbolic.paths import paths
from rnnproof.symbolic.ranges import Range, range_of, within
from rnnproof.symbolic.roles import Memory, elementwise, memories_where_uncut, ranges, said_of_uncut, told
from rnnproof.symbolic.statement import Statement, Step, listed
from rnnproof.symbolic.vectors import size

LENGTH = 1000
EXAMPLES = (sympy.Rational(101, 100), sympy.Rational(99, 100))
STEPS = sympy.Symbol("T", integer=True, positive=True)


def step_jacobian(network: Network) -> Statement | None:
    """d stored / d state for every pair, as the sum of its paths, each path named.

    J_h'_h is the Jacobian of h' by h. None for a cell without a state, or with a softmax, whose entries mix.
    Shapes: (size of what is stored, size of the state).
    """
    cell = network.cell
    if not cell.states or any(isinstance(equation, Softmax) for equation in cell.equations):
        return None
    pairs = [(state, name, paths(cell, state, name)) for _, name in cell.states for state in cell.state_names]
    names = {path: f"P_{k}" for k, path in enumerate((path for *_, found in pairs for path in found), 1)}
    symbols = {path: sympy.MatrixSymbol(name, *path.matrix.shape) for path, name in names.items()}
    each = {path: sympy.Eq(symbol, path.matrix, evaluate=False) for path, symbol in symbols.items()}
    sums = [_sum(cell, stored, state, [symbols[path] for path in found]) for state, stored, found in pairs]
    steps = [Step(f"the path {path}", formula) for path, formula in each.items()]
    steps += [
        Step(f"the paths from `{pair[0]}` to `{pair[1]}`", whole) for pair, whole in zip(pairs, sums, strict=True)
    ]
    direct = [str(path) for path in each if path.direct and (path.signals[0], path.signals[-1]) in cell.states]
    return Statement(
        name="the derivative of a step, path by path",
        claim=(
            f"In `{network.name}`, what is stored depends on the states along {len(each)} "
            f"path{'s' * (len(each) != 1)}, `P_1`{' and so on' * (len(each) > 1)}; the derivative of one signal by "
            f"another, `J` with both below it, is the sum of the paths between them; {_without_a_weight(direct)} from "
            "a state to what is stored in it without meeting a parameter."
        ),
        formulas=(*each.values(), *sums),
        steps=tuple(steps),
    )


def _without_a_weight(direct: list[str]) -> str:
    return f"{listed(direct)} lead{'s' * (len(direct) == 1)}" if direct else "none of them leads"


def direct_path(network: Network) -> Statement | None:
    """d c_T / d c_0 along the direct path is the product over t of the forget gates, or whatever multiplies c.

    None for a network whose states have no direct path.
    """
    found = memories_where_uncut(network.cell)
    if not found:
        return None
    products = [_product(memory) for memory in found]
    known = ranges(network.cell)
    gated = [memory for memory in found if memory.coefficient.free_symbols]  # of a constant nothing is to be bounded
    bounds = [bound for memory in gated for bound in _bound(memory, known)]
    steps = [step for memory in found for step in _direct_steps(memory)]
    steps += [Step("what multiplies at each step", bound) for bound in bounds]
    constant = [_constant(memory) for memory in found if memory.coefficient != 1]
    steps += [Step("the same gates at every step", power) for power in constant]
    steps += [Step("the product over all steps", product) for product in products]
    return Statement(
        name="the direct path",
        claim="; ".join(
            f"in `{network.name}`, along the direct path the derivative of {memory.state}_T by {memory.state}_0, "
            f"`D(T)`, is the product over the steps t of `{memory.coefficient}`"
            for memory in found
        )
        + ".",
        formulas=(*bounds, *constant, *products),
        steps=tuple(steps),
        conditions=(*map(said_of_uncut, filter(_is_cut, found)), _others(network.cell, found)),
    )


def _is_cut(memory: Memory) -> bool:
    return bool(memory.where != sympy.true)


def _others(cell: Cell, found: tuple[Memory, ...]) -> str:
    """Whether the direct path is all there is."""
    stored = [name for _, name in cell.states]
    more = [path for memory in found for name in stored for path in paths(cell, memory.state.name, name)]
    if len(more) == len(found):
        return "No other path leads from a state to the next step: this is the full derivative."
    return "It is one term of the full derivative, which has further paths: see the derivative of a step, path by path."


def linear_power(network: Network) -> Statement | None:
    """For one linear unit with the recurrent weight w, d h_T / d h_1 = w^(T-1): it explodes or vanishes.

    None for a network that is not linear, or has more than one path.
    """
    cell = network.cell
    if any(isinstance(e, Softmax) for e in cell.equations) or any(
        e.has(Activation) for e in elementwise(cell).values()
    ):
        return None
    found = [path for state, stored in cell.states for path in paths(cell, state, stored)]
    weights = [local for path in found for local in path.locals if isinstance(local, sympy.MatrixSymbol)]
    if len(found) != 1 or len(weights) != 1 or len(cell.states) != 1:
        return None
    w, ((state, stored),) = signal(weights[0].name), cell.states
    once = sympy.Mul(*(w if local == weights[0] else local for local in found[0].locals))
    if once.free_symbols != {w}:  # a step that is not linear, as z^2
        return None
    u = sympy.Function("u")
    power = sympy.powsimp(sympy.rsolve(u(STEPS + 1) - once * u(STEPS), u(STEPS), {u(1): 1}))
    after = [_after(power, w, value) for value in EXAMPLES]
    derivative = sympy.Eq(sympy.Derivative(sympy.Function(state)(STEPS), signal(f"{state}_1")), power, evaluate=False)
    said = " and ".join(
        f"`{formula.rhs!s}` for {w} = {float(value)}" for formula, value in zip(after, EXAMPLES, strict=True)
    )
    return Statement(
        name="a linear unit explodes or vanishes",
        claim=f"In `{network.name}` with one unit, d {state}_T / d {state}_1 is `{power}`: at T = {LENGTH}, {said}.",
        formulas=(derivative, *after),
        steps=(
            Step(f"one step: `{stored}` by `{state}`, along {found[0]}", _one_step(stored, state, once)),
            Step(f"the chain rule, `u(T)` being d {state}_T / d {state}_1", sympy.Eq(u(STEPS + 1), once * u(STEPS))),
            Step("the recurrence solved from `u(1) = 1`", derivative),
            *(Step(f"at T = {LENGTH}, to three digits", formula) for formula in after),
        ),
        conditions=("One unit; with more of them the power is one of a matrix, and its eigenvalues decide.",),
    )


def _one_step(stored: str, state: str, once: sympy.Expr) -> sympy.Eq:
    """d stored / d state of one step."""
    return sympy.Eq(sympy.Derivative(sympy.Function(stored)(signal(state)), signal(state)), once, evaluate=False)


def _after(power: sympy.Expr, w: sympy.Symbol, value: sympy.Rational) -> sympy.Eq:
    """The power at that weight and LENGTH steps, to three digits."""
    place = sympy.Subs(power, (w, STEPS), (value, LENGTH))
    return sympy.Eq(place, sympy.N(power.xreplace({w: value, STEPS: sympy.Integer(LENGTH)}), 3), evaluate=False)


def _sum(cell: Cell, stored: str, state: str, found: list[sympy.MatrixSymbol]) -> sympy.Eq:
    shape = (size(cell.dimensions[stored]), size(cell.dimensions[state]))
    total = sympy.MatAdd(*found) if found else sympy.ZeroMatrix(*shape)
    return sympy.Eq(sympy.MatrixSymbol(f"J_{stored}_{state}", *shape), total, evaluate=False)


def _direct_steps(memory: Memory) -> list[Step]:
    """One step, and the first steps multiplied: the product satisfies D(T) = coefficient(T) D(T-1), D(0) = 1."""
    function = sympy.Function(memory.stored.name)(memory.state)
    derivative = sympy.Eq(sympy.Derivative(function, memory.state), memory.coefficient, evaluate=False)
    steps = [
        Step("what is stored", told(memory, sympy.Eq(memory.stored, memory.expression, evaluate=False))),
        Step(f"its derivative by `{memory.state}`, all gates and values held", told(memory, derivative)),
    ]
    D, where = sympy.Integer(1), sympy.true
    for t in (1, 2, 3):
        D = _at_step(memory.coefficient, sympy.Integer(t)) * D
        along = sympy.Eq(sympy.Function("D")(sympy.Integer(t)), D, evaluate=False)
        where = sympy.And(where, _at_step(memory.where, sympy.Integer(t)))
        formula = sympy.Implies(where, along) if _is_cut(memory) else along
        steps.append(Step(f"the chain rule over {t} step{'s' * (t > 1)}", formula))
    return steps


def _product(memory: Memory) -> sympy.Basic:
    t = sympy.Symbol("t", integer=True, positive=True)
    product = sympy.Product(_at_step(memory.coefficient, t), (t, 1, STEPS))
    whole = sympy.Eq(sympy.Function("D")(STEPS), product, evaluate=False)
    return sympy.Implies(_at_step(memory.where, t), whole) if _is_cut(memory) else whole


def _constant(memory: Memory) -> sympy.Eq:
    """The product where every step has the same gates: a power, of what need not be less than 1 by much."""
    t = sympy.Symbol("t", integer=True, positive=True)
    product = sympy.Product(memory.coefficient, (t, 1, STEPS))
    return sympy.Eq(product, product.doit(), evaluate=False)


def _at_step(expression: sympy.Basic, t: sympy.Expr) -> sympy.Basic:
    """The expression with each signal at step t."""
    return expression.xreplace({s: sympy.Function(s.name, real=True)(t) for s in expression.free_symbols})


def _bound(memory: Memory, known: Mapping[str, Range]) -> tuple[sympy.Basic, ...]:
    """0 < f < 1: along this path nothing explodes, and nothing need vanish."""
    inside = range_of(memory.coefficient, known)
    if inside.high != sympy.oo:
        return within(memory.coefficient, inside)
    missing = sympy.together(at(1 - memory.coefficient, {}))
    written = sympy.Add(1, -memory.coefficient, evaluate=False)
    return within(memory.coefficient, inside)[0], sympy.Eq(written, missing, evaluate=False)

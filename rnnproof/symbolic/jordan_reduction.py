"""When a Jordan network and an Elman network with a linear readout are one: their coefficients compared.

Reference: M. I. Jordan, Serial order, ICS Report 8604, UC San Diego (1986); J. L. Elman, Finding structure in time,
Cognitive Science 14 (1990) 179-211.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from rnnproof.errors import ModelError
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.closed_form import matrix
from rnnproof.symbolic.elman_reduction import ELMAN, EQUATION
from rnnproof.symbolic.ranges import range_of
from rnnproof.symbolic.roles import elementwise
from rnnproof.symbolic.statement import Statement, Step, listed


@dataclass(frozen=True)
class Loop:
    """state' = W hidden + b, hidden = f(z), z = U state + ...: what is stored is affine in a hidden layer."""

    state: str
    read: Affine
    hidden: str
    into: Affine
    activation: sympy.Expr


def as_elman_network(network: Network) -> Statement | None:
    """U_E = U_J W_y, b_E = b_h + U_J b_y and U_J (y_0 - b_y) = U_E h_0: then all outputs are equal, step by step.

    Derived by putting y = W_y h + b_y into the hidden layer's equation, and comparing coefficients with an Elman
    network's W_E x + U_E h + b_E. None unless what is stored is affine in one hidden layer.
    """
    cell = network.cell
    loop = _loop(cell)
    if loop is None or cell.output not in dict(cell.states).values():
        return None
    hidden = matrix(f"{loop.hidden}_t-1")
    stored = _affine(loop.read, {loop.hidden: hidden})
    jordan = _affine(loop.into, {loop.state: matrix(f"{loop.state}_t-1")})
    inserted = sympy.expand(jordan.xreplace({matrix(f"{loop.state}_t-1"): stored}))
    elman, theirs = _elman(cell, loop, hidden)
    matched = _matched(cell, loop, inserted, elman, hidden)
    first, z = _first_step(loop, matched, elman), matrix(loop.into.target)
    return Statement(
        name="a Jordan network as an Elman network",
        claim=(
            f"`{network.name}` and an Elman network with the same activation and the linear readout {loop.read}, its "
            "weights `W_E`, `U_E` and `b_E`, put out the same if "
            f"{listed([f'`{each.lhs} = {each.rhs}`' for each in (*matched, first)])}."
        ),
        formulas=(*matched, first),
        steps=(
            Step("the hidden layer, in both", sympy.Eq(signal(loop.hidden), loop.activation, evaluate=False)),
            Step("what is stored", sympy.Eq(matrix(f"{loop.state}_t-1"), stored, evaluate=False)),
            Step(f"{loop.into.target} of step t", sympy.Eq(z, jordan, evaluate=False)),
            Step("with what is stored put in", sympy.Eq(z, inserted, evaluate=False)),
            Step(f"{loop.into.target} of an Elman network", sympy.Eq(z, theirs, evaluate=False)),
            *(Step("the same coefficient", each) for each in matched),
            Step(f"step 1 reads the initial {loop.state}_0, which need not be `W h + b`", first),
        ),
        conditions=_conditions(loop),
    )


def _loop(cell: Cell) -> Loop | None:
    affine = {equation.target: equation for equation in cell.equations if isinstance(equation, Affine)}
    known = elementwise(cell)
    for state, stored in cell.states:
        z = known.get(stored, signal(stored))
        read = affine.get(z.name) if z.is_Symbol else None
        hidden = read.uses[0] if read is not None and len(read.uses) == 1 else None
        used = sorted(known[hidden].free_symbols, key=str) if hidden in known else []
        into = affine.get(used[0].name) if len(used) == 1 else None
        if read is not None and hidden is not None and into is not None and state in into.uses:
            return Loop(state, read, hidden, into, known[hidden])
    return None


def _elman(cell: Cell, loop: Loop, hidden: sympy.Expr) -> tuple[dict[str, sympy.Expr], sympy.Expr]:
    """The catalogue's Elman equation, its weights called W_E, U_E and b_E, each beside the signal that it reads."""
    signals = {ELMAN.input: matrix(cell.input), ELMAN.state_names[0]: hidden}
    names = dict(zip(signals, (cell.input, loop.hidden), strict=True))
    weights = {names[name]: matrix(f"{weight.partition('_')[0]}_E") for weight, name in EQUATION.terms}
    products = [weights[names[name]] * signals[name] for _, name in EQUATION.terms]
    bias = matrix(f"{str(EQUATION.bias).partition('_')[0]}_E")
    return weights | {"": bias}, sympy.Add(*products, bias)


def _affine(equation: Affine, known: dict[str, sympy.Expr]) -> sympy.Expr:
    products = [matrix(weight) * known.get(name, matrix(name)) for weight, name in equation.terms]
    return sympy.Add(*products, matrix(equation.bias) if equation.bias else 0)


def _matched(
    cell: Cell, loop: Loop, inserted: sympy.Expr, elman: dict[str, sympy.Expr], hidden: sympy.Expr
) -> tuple[sympy.Eq, ...]:
    """The coefficient of the input, of the hidden layer and of 1, each equal to the Elman network's."""
    x = matrix(cell.input)
    constant = sympy.Add(*(term for term in sympy.Add.make_args(inserted) if not term.has(x, hidden)))
    pairs = ((elman[cell.input], _before(inserted, x)), (elman[loop.hidden], _before(inserted, hidden)))
    return tuple(sympy.Eq(left, right, evaluate=False) for left, right in (*pairs, (elman[""], constant)))


def _before(total: sympy.Expr, last: sympy.Expr) -> sympy.Expr:
    """The sum of what stands before a symbol that ends a product."""
    terms = [sympy.Mul.make_args(term) for term in sympy.Add.make_args(sympy.expand(total))]
    return sympy.Add(*(sympy.Mul(*factors[:-1]) for factors in terms if factors[-1] == last))


def _first_step(loop: Loop, matched: tuple[sympy.Eq, ...], elman: dict[str, sympy.Expr]) -> sympy.Eq:
    """Step 1 of both: U y_0 + b = U_E h_0 + b_E, with what b_E is put in, and U taken out to the left."""
    ours = _affine(loop.into, {loop.state: matrix(f"{loop.state}_0")})
    x_terms = sympy.Add(*(term for term in sympy.Add.make_args(ours) if term.has(*map(matrix, loop.into.uses))))
    left = sympy.expand(ours - x_terms - matched[-1].rhs)
    (weight,) = (matrix(weight) for weight, name in loop.into.terms if name == loop.state)
    return sympy.Eq(weight * _after(left, weight), elman[loop.hidden] * matrix(f"{loop.hidden}_0"), evaluate=False)


def _after(total: sympy.Expr, first: sympy.Expr) -> sympy.Expr:
    """The total with a symbol that begins every product taken out."""
    taken = sympy.Add(*(term.xreplace({first: sympy.Integer(1)}) for term in sympy.Add.make_args(total)))
    if sympy.expand(first * taken - total) != 0:
        raise ModelError(f"{first} does not begin every product of {total}")
    return taken


def _conditions(loop: Loop) -> tuple[str, ...]:
    """Sufficient always; necessary where f is one to one and the hidden layer may be anything."""
    (z,) = loop.activation.free_symbols
    slope = range_of(loop.activation.diff(z), {})
    one_to_one = slope.low > 0 or (slope.low == 0 and not slope.low_attained)
    same = "the same input, activation and readout in both"
    if not one_to_one:
        return (f"Sufficient, with {same}; not necessary, as `{loop.activation}` is not one to one.",)
    return (
        f"Sufficient, with {same}. Necessary for equal hidden layers at every step, for every input and every value "
        f"of {loop.hidden}_t-1, as `{loop.activation}` is one to one; on a single run it is enough that both sides "
        "agree on the states that are met.",
    )

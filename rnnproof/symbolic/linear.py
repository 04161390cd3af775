"""A linear network as a recurrence, read off its equations: s_t = A s_(t-1) + B x_t + c and y_t = C s_t + e.

What stands at a step is written with that step as its index: x[t], h[t]. Such vectors do not commute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy

from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.network import Network
from rnnproof.symbolic.closed_form import linear_step, matrix

T, k, s = (sympy.Symbol(letter, integer=True, nonnegative=True) for letter in "Tks")


class Vector(sympy.Indexed):  # type: ignore[misc]
    """A vector at a step, x[t]: its products with matrices do not commute."""

    is_commutative = False


def at(name: str, step: sympy.Expr | int) -> sympy.Expr:
    """The vector ``name`` at a step."""
    return Vector(sympy.IndexedBase(name), step)


@dataclass(frozen=True)
class Recurrence:
    """s' = A s + B x + c for the only state, y' = C s' + e, as expressions of the parameters.

    ``state``, ``input`` and ``output`` are the cell's own names for s, x and y'. Where the output is the state
    itself, C is 1 and e is 0. ``equations``: the two as the equations give them, at step 1.
    """

    state: str
    input: str
    output: str
    A: sympy.Expr
    B: sympy.Expr
    c: sympy.Expr
    C: sympy.Expr
    e: sympy.Expr
    equations: tuple[sympy.Basic, ...]


def recurrence(network: Network) -> Recurrence | None:
    """The recurrence of a linear network; None where there is none.

    There is none where an equation is not linear, where the network does not read forward alone, where it has other
    than one state, where that is not read again, and where an output is no function of the state stored with it.
    """
    try:
        cell = network.step
        ((state, stored),) = cell.states
        given = {state: at(state, 0), cell.input: at(cell.input, 1)}
        new = linear_step(network, given)[stored]
        out = linear_step(network, given, {stored: at(state, 1)})[cell.output]
    except (UsageError, Unsupported, ValueError):
        return None
    named = "y" if cell.output.rstrip("'") == "y" else cell.output.rstrip("'")
    A, B, c = _coefficients(new, (at(state, 0), at(cell.input, 1)))
    if cell.output == stored:
        out = at(state, 1)
    C, again, *rest = _coefficients(out, (at(state, 1), at(cell.input, 1), at(state, 0)))
    if A == 0 or B == 0 or C == 0 or again != 0 or rest[0] != 0:
        return None
    equations = (sympy.Eq(at(state, 1), new), *(() if cell.output == stored else (sympy.Eq(at(named, 1), out),)))
    return Recurrence(state, cell.input, named, A, B, c, C, rest[-1], equations)


def _coefficients(form: sympy.Expr, vectors: Iterable[sympy.Expr]) -> tuple[sympy.Expr, ...]:
    """What stands before each of the vectors, and what is left without any of them."""
    found: dict[sympy.Expr | None, list[sympy.Expr]] = {vector: [] for vector in vectors} | {None: []}
    for term in sympy.Add.make_args(distributed(form)):
        numbers, factors = term.args_cnc()
        last = factors[-1] if factors and factors[-1] in found else None
        found[last].append(sympy.Mul(*numbers, *(factors if last is None else factors[:-1])))
    return tuple(sympy.Add(*terms) for terms in found.values())


def distributed(form: sympy.Expr) -> sympy.Expr:
    """Multiplied out, powers of one matrix taken together: U U^(T-k) is U^(T-k+1).

    Powers are left whole, as of a singular matrix U^(T-k) is no product U^T U^(-k).
    """
    return sympy.powsimp(sympy.expand(form, power_exp=False, power_base=False), combine="exp")


def letter(name: str, network: Network) -> sympy.Symbol:
    """A matrix's symbol with a name that no parameter or signal of the network has."""
    while name in network.parameters or name in network.dimensions:
        name += "_"
    return matrix(name)


def with_inputs(form: sympy.Expr, drive: str, values: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """The form with each vector drive[t] replaced by B x[t] + c."""

    def read(part: sympy.Expr) -> sympy.Expr:
        return values["B"] * at(str(values["input"]), part.indices[0]) + values["c"]

    return form.replace(lambda part: isinstance(part, Vector) and str(part.base) == drive, read)

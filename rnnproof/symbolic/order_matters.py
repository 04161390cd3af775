"""When the order of the inputs matters to the last output of a linear network: exactly, for any number of steps."""

from __future__ import annotations

import sympy
from sympy.core.exprtools import factor_nc

from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Network
from rnnproof.symbolic.any_length import General, Letters, any_length, general_term
from rnnproof.symbolic.closed_form import matrix
from rnnproof.symbolic.linear import Recurrence, T, Vector, at, distributed, k, letter, recurrence, s, with_inputs
from rnnproof.symbolic.statement import Statement, Step

SIZES = (1, 2, 3)  # the sizes at which the theorem of Cayley and Hamilton is worked out


def order_matters(network: Network) -> Statement | None:
    """By how much the last output changes where two neighbouring inputs are exchanged, and when it never does.

    ``formulas``: original minus exchanged last output, factored; then the condition, with H the size of the state.
    None for a network that is not linear, as in ``recurrence``.
    """
    found, law = recurrence(network), any_length(network)
    if found is None or law is None:
        return None
    letters, general, _ = general_term(found, network)
    change, steps = _exchange(found, letters, general, network)
    size = sympy.Symbol(network.dimensions[found.state], integer=True, positive=True)
    not_negative = sympy.Le(0, k, evaluate=False)  # SymPy knows it of this k, the reader does not
    within = sympy.And(not_negative, sympy.Le(k, sympy.Min(T - 2, size - 1)), evaluate=False)
    always = sympy.Implies(within, sympy.Eq(change.subs(s, T - 1 - k), 0), evaluate=False)
    return Statement(
        name="when the order of the inputs matters",
        claim="Exchanging the inputs of steps s and s+1 changes the last output by the first formula; no reordering of "
        "any inputs changes it if and only if the products of the second vanish.",
        formulas=(sympy.Eq(_change(found), change * _apart(found)), always),
        steps=(
            Step("The last output, for any number of steps", law.formulas[-1]),
            *steps,
            Step(
                "Over `s = 1 .. T-1` the exponent runs from 0 to T-2, and x_s - x_(s+1) is any", sympy.Eq(k, T - s - 1)
            ),
            *cayley_hamilton(size),
            Step(
                "So products with powers from the size of the state on vanish where those with the lower ones do; and "
                "every reordering is a sequence of exchanges of neighbours",
                always,
            ),
        ),
        conditions=(
            "1 stands for the identity.",
            f"{found.output}_exchanged is the output of a run with the two inputs exchanged.",
            "s is one of `1 .. T-1`; with T <= 1 there is nothing to reorder.",
            f"{size} is the number of units in the state `{found.state}`.",
        ),
    )


def _exponent() -> sympy.Basic:
    return sympy.Eq(k, T - s - 1)


def _change(found: Recurrence) -> sympy.Expr:
    """The last output less that with two inputs exchanged."""
    return at(found.output, T) - at(f"{found.output}_exchanged", T)


def _apart(found: Recurrence) -> sympy.Expr:
    return at(found.input, s) - at(found.input, s + 1)


def _exchange(
    found: Recurrence, letters: Letters, general: General, network: Network
) -> tuple[sympy.Expr, tuple[Step, ...]]:
    """What stands before x_s - x_(s+1) in the change of the last output, and how it is found.

    Errors: VerificationFailed where the factored form, multiplied out, is not the difference.
    """
    B, C, c, one, other, P = (letter(name, network) for name in "BCcpqP")
    names = {"B": B, "c": c, "input": found.input}
    term = distributed((1 if found.C == 1 else C) * with_inputs(general.term, letters.u, names))
    pair = sum(term.subs(k, step) for step in (s, s + 1))
    inputs = (at(found.input, s), at(found.input, s + 1))
    exchanged = pair.subs(dict(zip(inputs, reversed(inputs), strict=True)), simultaneous=True)
    difference = distributed(pair - exchanged)
    lower = letters.A ** (T - s - 1)
    plain = difference.subs(dict(zip(inputs, (one, other), strict=True))).subs(letters.A ** (T - s), P * letters.A)
    factored = factor_nc(plain.subs(lower, P)).subs(P, lower)
    before = sympy.Mul(*factored.args[:-1])
    if distributed(before * (inputs[0] - inputs[1])) != difference:
        raise VerificationFailed(f"when the order matters: {factored} multiplied out is not {difference}")
    values = {letters.A: found.A, B: found.B, C: found.C, c: found.c}
    own = [form.subs(values) for form in (pair, exchanged, difference, before)]
    cancel = ", and the biases cancel" if found.c != 0 else ""
    return own[-1], (
        Step("The terms of the sum that hold the inputs of steps s and s+1", own[0]),
        Step("The same with the two inputs exchanged", own[1]),
        Step(
            f"Subtract: all other terms are the same{cancel}",
            sympy.Eq(_change(found), own[2]),
        ),
        Step("Factor", sympy.Eq(own[2], own[3] * (inputs[0] - inputs[1]), evaluate=False)),
    )


class Coefficient(Vector):
    """That of a power of z, a number or a matrix: its index is no step."""


def cayley_hamilton(H: sympy.Symbol) -> tuple[Step, ...]:
    """A^H is a combination of lower powers of A: for every size, and worked out for a matrix of symbols of the first.

    Errors: VerificationFailed where it is none.
    """
    return (*_of_every_size(H), *map(_cayley_hamilton, SIZES))


def _of_every_size(H: sympy.Symbol) -> tuple[Step, ...]:
    """The coefficient of each power of z in (z I - A) adj(z I - A) = p(z) I, put together with powers of A.

    Errors: VerificationFailed where a term of the sum is not the difference of two that follow each other.
    """
    A, m, one = matrix("A"), sympy.Symbol("m", integer=True), matrix("I")
    B, before, c = (Coefficient(sympy.IndexedBase(name), n) for name, n in (("B", m), ("B", m - 1), ("c", m)))
    coefficient = before - A * B
    if distributed(A**m * coefficient - (A**m * before - A ** (m + 1) * B)) != 0:
        raise VerificationFailed("Cayley and Hamilton: the sum does not telescope")
    every = sympy.Eq(sympy.Sum(c * A**m, (m, 0, H)), 0, evaluate=False)
    return (
        Step(
            f"Cayley and Hamilton, at every size {H}: with `p(z) = det(z I - A)`, its coefficients `c_m`, and "
            "`adj(z I - A)`, a polynomial in `z` whose coefficients are matrices `B_m`, the coefficient of `z^m` in "
            "`(z I - A) adj(z I - A) = p(z) I`",
            sympy.Eq(c * one, coefficient, evaluate=False),
        ),
        Step(
            f"Multiplied by `A^m` and added up over `m = 0 .. {H}`, with `B_m = 0` for `m = -1` and `m = {H}`, all "
            f"terms cancel: since `c_{H} = 1`, powers of `A` from `{H}` on are combinations of the lower ones",
            every,
        ),
    )


def _cayley_hamilton(size: int) -> Step:
    A = sympy.Matrix(size, size, lambda i, j: sympy.Symbol(f"a_{i + 1}{j + 1}"))
    *lower, leading = reversed(A.charpoly().all_coeffs())
    own = leading * A**size + sum((c * A**n for n, c in enumerate(lower)), sympy.zeros(size))
    if own.expand() != sympy.zeros(size):
        raise VerificationFailed(f"Cayley and Hamilton: a matrix of size {size} does not satisfy its own polynomial")
    whole = sympy.MatrixSymbol("A", size, size)
    combination = sympy.MatAdd(*(-c * (whole**n if n else sympy.Identity(size)) for n, c in enumerate(lower)))
    reason = f"Worked out at size {size}"
    return Step(reason, sympy.Eq(whole**size, combination, evaluate=False))

"""The closed form of a linear network for any number of steps: h_T = U^T h_0 + sum over k of U^(T-k) (W x_k + b).

The general term is read off the first steps, and then proved, for every T, by induction from the equation of one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy

from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Network
from rnnproof.symbolic.linear import Recurrence, T, Vector, at, distributed, k, letter, recurrence, with_inputs
from rnnproof.symbolic.statement import Statement, Step

FIRST = 3  # steps from which the general term is read off; that it is right for all is the induction's to show


@dataclass(frozen=True)
class General:
    """s_T = first + sum over k = 1..T of term, an expression in T and k; u[k] is what comes in at step k."""

    first: sympy.Expr
    term: sympy.Expr

    def at(self, steps: sympy.Expr | int) -> sympy.Expr:
        """s at this step."""
        return self.first.subs(T, steps) + sympy.Sum(self.term.subs(T, steps), (k, 1, steps))

    def split(self) -> sympy.Expr:
        """s_(T+1), the last term of the sum written apart."""
        term = self.term.subs(T, T + 1)
        return self.first.subs(T, T + 1) + sympy.Sum(term, (k, 1, T)) + term.subs(k, T + 1)

    def mapped(self, matrix: sympy.Expr) -> General:
        """matrix s_T."""
        return General(distributed(matrix * self.first), distributed(matrix * self.term))


@dataclass(frozen=True)
class Letters:
    """The names of one step s' = A s + u, none of which the network has."""

    A: sympy.Symbol
    u: str
    s: str

    def step(self, before: sympy.Expr, t: sympy.Expr | int) -> sympy.Expr:
        """A s + u[t]."""
        return distributed(self.A * before) + at(self.u, t)


def any_length(network: Network) -> Statement | None:
    """The state and the output after T steps, T any number, of a linear network; None for any other.

    ``formulas``: the state s_T, then the output y_T where it is not the state. For networks as in ``recurrence``.
    Reference: by induction; the solution of a linear recurrence with an input at every step.
    """
    found = recurrence(network)
    if found is None:
        return None
    letters, general, steps = general_term(found, network)
    formulas = tuple(sympy.Eq(left, right) for left, right in solution(found, letters, general))
    last = Step(
        "Put in what `A` and `u` stand for" + (", and read the output off the state" * (len(formulas) > 1)),
        found_in(formulas),
    )
    return Statement(
        name="closed form for any number of steps",
        claim=f"After T steps, for every T >= 0, the state `{found.state}` is a sum of one product for each input and "
        "one for the initial state; the exponent of what a step multiplies by counts the steps since.",
        formulas=formulas,
        steps=(*(Step("One step, as the equations give it", equation) for equation in found.equations), *steps, last),
        conditions=(
            "A power with exponent 0 is the identity, of a singular matrix too; a sum without terms is 0.",
            *([f"There is an output {found.output} from T = 1 on."] if len(formulas) > 1 else []),
        ),
    )


def found_in(formulas: tuple[sympy.Basic, ...]) -> sympy.Basic:
    """One formula, or all of them as one."""
    return formulas[0] if len(formulas) == 1 else sympy.Tuple(*formulas)


def solution(found: Recurrence, letters: Letters, general: General) -> tuple[tuple[sympy.Expr, sympy.Expr], ...]:
    """(s_T, its closed form), and (y_T, its own) where the output is another, in the network's parameters."""
    state = written(found, letters, general)
    pairs = [(at(found.state, T), state.at(T))]
    if found.output != found.state:
        pairs.append((at(found.output, T), state.mapped(found.C).at(T) + found.e))
    return tuple(pairs)


def written(found: Recurrence, letters: Letters, general: General) -> General:
    """The general form with the network's parameters and inputs in place of letters."""
    values = {"B": found.B, "c": found.c, "input": found.input}
    put = {letters.A: found.A, at(letters.s, 0): at(found.state, 0)}
    return General(*(with_inputs(part.subs(put), letters.u, values) for part in (general.first, general.term)))


def general_term(found: Recurrence, network: Network) -> tuple[Letters, General, tuple[Step, ...]]:
    """The general form of s_T in letters, and how it is found and proved."""
    letters = Letters(letter("A", network), letter("u", network).name, letter("s", network).name)
    values = sympy.Tuple(
        sympy.Eq(letters.A, found.A), sympy.Eq(at(letters.u, k), found.B * at(found.input, k) + found.c)
    )
    first, general = _read_off(letters)
    return (
        letters,
        general,
        (
            Step("Name what the state is multiplied by, and what comes in at step k; `s` stands for the state", values),
            *(Step(f"Unrolled over {t} step{'s' * (t > 1)}", sympy.Eq(at(letters.s, t), form)) for t, form in first),
            Step("Read the exponents off these steps", sympy.Eq(at(letters.s, T), general.at(T))),
            *proved(letters, general),
        ),
    )


@cache
def _read_off(letters: Letters) -> tuple[tuple[tuple[int, sympy.Expr], ...], General]:
    """The first steps, and the exponents of A in them as a linear function of T and k."""
    form, forms = at(letters.s, 0), []
    for t in range(1, FIRST + 1):
        form = letters.step(form, t)
        forms.append((t, form))
    seen = [(t, *_power(term, letters.A)) for t, form in forms for term in form.args]
    starts = [(t, 0, power) for t, power, vector in seen if vector == at(letters.s, 0)]
    inputs = [(t, vector.indices[0], power) for t, power, vector in seen if vector != at(letters.s, 0)]
    return tuple(forms), General(
        letters.A ** _fitted(starts) * at(letters.s, 0), letters.A ** _fitted(inputs) * at(letters.u, k)
    )


def _power(term: sympy.Expr, matrix: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr]:
    """The exponent of the matrix in a product of it with a vector, and the vector."""
    vector = term if isinstance(term, Vector) else term.args[-1]
    factors = [factor.as_base_exp() for factor in sympy.Mul.make_args(term)]
    return sympy.Add(*(exponent for base, exponent in factors if base == matrix)), vector


def _fitted(seen: list[tuple[int, sympy.Expr, sympy.Expr]]) -> sympy.Expr:
    """The linear function of T and k that has these values."""
    p, q, r = unknown = sympy.symbols("p q r")
    fit = sympy.solve([p * t + q * n + r - value for t, n, value in seen], unknown)
    if not fit:
        raise VerificationFailed("closed form for any number of steps: the exponents are no linear function of T and k")
    return (p * T + q * k + r).subs(fit).subs(dict.fromkeys(unknown, 0))


def proved(letters: Letters, general: General) -> tuple[Step, ...]:
    """The induction: the form is s_0 before the first step, and one step more than at T is the form at T+1.

    Errors: VerificationFailed where one of the two is no identity.
    """
    base = distributed(general.at(0).doit())
    one_more = General(distributed(letters.A * general.first), distributed(letters.A * general.term))
    last = general.term.subs(T, T + 1).subs(k, T + 1) - at(letters.u, T + 1)
    gaps = (
        base - at(letters.s, 0),
        one_more.first - general.first.subs(T, T + 1),
        one_more.term - general.term.subs(T, T + 1),
        last,
    )
    if any(distributed(gap) != 0 for gap in gaps):
        raise VerificationFailed(f"closed form for any number of steps: no identity by induction: {gaps}")
    step = sympy.Eq(letters.A * general.at(T) + at(letters.u, T + 1), general.split(), evaluate=False)
    start = sympy.Eq(at(letters.s, 0), general.at(0), evaluate=False)
    return (
        Step("Induction, base: at T = 0 the sum has no term", start),
        Step("Induction, step: `A` times the form at T, plus `u` at T + 1, is the form at T + 1, term by term", step),
    )

"""What can depend on what: for which t and s the derivative d y_t / d x_s is zero, whatever the numbers are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sympy

from rnnproof.model.network import Network
from rnnproof.symbolic.not_zero import NotZero, derivative, not_zero
from rnnproof.symbolic.reach import AFTER, BEFORE, SAME, Lags, Places, Reach, reach, reached
from rnnproof.symbolic.statement import Statement, Step

STEPS = 3  # for which every derivative that may be other than zero is shown to be
SHORT = 2  # the length of a row for which that is done again
t, s, n = (sympy.Symbol(letter, integer=True, positive=True) for letter in "tsn")
WORDS = {
    frozenset([SAME]): "diagonal: an output depends on its own step's input alone",
    frozenset([BEFORE, SAME]): "lower triangular: an output depends on no later input",
    frozenset([AFTER, SAME]): "upper triangular: an output depends on no earlier input",
    frozenset([BEFORE, SAME, AFTER]): "full: every output can depend on every input",
}


def dependence(network: Network) -> Statement | None:
    """The zero pattern of d y_t / d x_s, for any number of steps; and that the rest, at three steps, is not zero.

    ``formulas``: which derivatives vanish, where any do; the matrix of all of them at three steps, row t, column s.
    None where the output depends on no input.
    """
    places, levels = reached(network)
    if not places:
        return None
    shown = not_zero(network, STEPS, pairs(places, STEPS))
    missing = _missing(shown, pairs(places, STEPS))
    last = f" At {STEPS} steps, {_others(places)} not 0 for some numbers." if not missing else ""
    vanishing = vanishing_where(sympy.Not(relation(places)))
    return Statement(
        name="what can depend on what",
        claim="For any number of steps the matrix of d y_t / d x_s, of the output of step t by the input of step s, "
        f"is {_words(places)}.{last}",
        formulas=(*vanishing, pattern(places)),
        steps=(
            *(step for reading in network.readings for step in _steps_of(reach(reading.cell))),
            *(
                Step(f"So layer {depth} can carry x_s to its output at step t where", relation(level))
                for depth, level in enumerate(levels, 1)
            ),
            *(Step("For all other t and s no path leads from x_s to y_t", formula) for formula in vanishing),
            *(step for found in shown for step in found.steps),
            Step(f"The matrix at {STEPS} steps, row t and column s", pattern(places)),
        ),
        conditions=missing,
    )


def _missing(shown: tuple[NotZero, ...], wanted: list[tuple[int, int]]) -> tuple[str, ...]:
    """A sentence for each pair of which nothing is shown."""
    found = {pair for one in shown for pair in one.pairs}
    left = [pair for pair in wanted if pair not in found]
    return tuple(f"Whether d y_{a} / d x_{b} is zero for all numbers is not decided." for a, b in left)


def dependence_with_lengths(network: Network) -> Statement | None:
    """The zero pattern of a row that ends after n steps: nothing past its end is read, and what stands there.

    None where the output depends on no input.
    """
    places, _ = reached(network)
    if not places:
        return None
    where, after = _ended(network, places)
    (formula,) = vanishing_where(where)
    shown = not_zero(network, SHORT, pairs(places, SHORT))
    own = sympy.And(relation(places), sympy.Le(t, n), sympy.Le(s, n))
    return Statement(
        name="what can depend on what in a row that ends",
        claim=f"In a row of length n, no output up to its end depends on an input past the end, and {after}.",
        formulas=(formula,),
        steps=(
            Step("A row of length n is a run of n steps: x_s reaches y_t where", own),
            Step(f"{after[0].upper()}{after[1:]}; so there is no path where", where),
            *(step for found in shown for step in found.steps),
            Step("Without a path the derivative is zero", formula),
        ),
        conditions=(
            "n is at least 1; of a row without steps no output depends on any input.",
            *([f"The derivatives that are not 0 are those of a row of length n = {SHORT}."] if shown else []),
            *_missing(shown, pairs(places, SHORT)),
        ),
    )


def _ended(network: Network, places: Places) -> tuple[sympy.Basic, str]:
    """Where the derivative vanishes in a row of length n, and what the outputs past the end are."""
    if network.padding == "zero":
        return sympy.Or(sympy.Not(relation(places)), t > n, s > n), "the outputs past the end are 0"
    if network.padding == "repeat":
        last = relation(places).subs(t, sympy.Min(t, n))
        return sympy.Or(sympy.Not(last), s > n), "the outputs past the end are the one at the end"
    return sympy.Not(relation(places)), "the outputs past the end are those of a run that goes on"


@cache
def relation(places: Places) -> sympy.Basic:
    """For which s and t an input x_s can reach an output y_t."""
    where = sympy.Or(*map(_at_lags, sorted(places)))
    return sympy.simplify_logic(where).simplify() if places <= {SAME, BEFORE, AFTER} else where


def _at_lags(lags: Lags) -> sympy.Basic:
    """t - s is one of these."""
    earlier, later = (t, s) if lags.ahead else (s, t)
    if not lags.every:
        return sympy.Eq(later, earlier + lags.first)
    at_least = later > earlier if lags.first == 1 else later >= earlier + lags.first
    if lags.every == 1:
        return at_least
    return sympy.And(at_least, sympy.Eq(sympy.Mod(later - earlier, lags.every), lags.first % lags.every))


def pairs(places: Places, count: int) -> list[tuple[int, int]]:
    """The steps (t, s) of so many that this allows."""
    steps = range(1, count + 1)
    where = relation(places)
    return [(a, b) for a in steps for b in steps if where.subs({t: a, s: b}) == sympy.true]


def vanishing_where(where: sympy.Basic) -> tuple[sympy.Basic, ...]:
    """That d y_t / d x_s is zero there; nothing, where that is nowhere."""
    return () if where == sympy.false else (sympy.Implies(where, sympy.Eq(derivative(t, s), 0)),)


def pattern(places: Places) -> sympy.ImmutableMatrix:
    """The derivatives at three steps, 0 where they vanish."""
    allowed = pairs(places, STEPS)
    steps = range(1, STEPS + 1)
    return sympy.ImmutableMatrix([[derivative(a, b) if (a, b) in allowed else 0 for b in steps] for a in steps])


def _others(places: Places) -> str:
    """The derivatives that may be other than zero."""
    return "each of the others is" if relation(places) != sympy.true else "each of them is"


def _words(places: Places) -> str:
    where = relation(places)
    told = f"{where.lhs} = {where.rhs}" if isinstance(where, sympy.Eq) else str(where)
    return WORDS.get(places, f"zero except where `{told}`")


def _steps_of(found: Reach) -> Iterator[Step]:
    """What one cell's equations say."""
    yield Step("By the uses in the equations, the output of a step is made from", _set(found.output))
    for state, sources in found.stored.items():
        yield Step(f"The state `{state}` that it stores is made from", _set(sources))
    for count, states in enumerate(found.later, 1):
        again = found.later.index(states) + 1
        known = f" that it had reached {again} later: they come again, for any number of steps" if again < count else ""
        yield Step(f"So an input has reached, {count} step{'s' * (count > 1)} later, the states{known}", _set(states))


def _set(names: frozenset[str]) -> sympy.Basic:
    return sympy.FiniteSet(*map(sympy.Symbol, names))

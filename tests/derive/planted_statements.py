"""Statements with one formula changed: what their checks must refuse."""

from dataclasses import replace

import sympy

from rnnproof.symbolic.statement import Statement


def changes(formula):
    """The formula with another right-hand side, the other sign, the opposite condition; nothing for what has none."""
    if isinstance(formula, sympy.Implies):
        where, what = formula.args
        return [sympy.Implies(sympy.Not(where), what)]
    if isinstance(formula, sympy.MatrixBase):
        return [formula.T]
    if isinstance(formula, sympy.Tuple):
        first, *others = formula.args
        every = [sympy.Tuple(moved(first), *others)]
        if isinstance(first, sympy.And) and all(isinstance(side, sympy.Le) for side in first.args):
            every.append(sympy.Tuple(turned(first), *others))
        if isinstance(last := formula.args[-1], sympy.StrictLessThan):
            every.append(sympy.Tuple(first, *others[:-1], last.func(last.gts, last.lts, evaluate=False)))
        return every
    if isinstance(formula, sympy.Contains):
        return [sympy.Contains(formula.args[0], sympy.FiniteSet(1, 2), evaluate=False)]
    if isinstance(formula, sympy.Eq):
        return [sympy.Eq(formula.lhs, other(formula.rhs), evaluate=False)]
    if isinstance(formula, sympy.core.relational.Relational):
        return [formula.reversedsign.func(formula.lhs, formula.rhs, evaluate=False)]
    return []


def other(side):
    if isinstance(side, sympy.MatrixBase):
        return (2 * side + sympy.ones(*side.shape)).as_immutable()
    if side.is_Matrix:
        return sympy.MatAdd(side, side)
    return 2 * side + 1 if side.is_number else 2 * side


def moved(part):
    """The interval, or the number, moved up by one."""
    numbers = {number: number + 1 for number in part.atoms(sympy.Rational)}
    return part.xreplace(numbers)


def turned(part):
    """The interval with its ends exchanged: at most the lower, at least the upper."""
    return sympy.And(*(sympy.Le(side.gts, side.lts) for side in part.args), evaluate=False)


def planted(statement: Statement):
    """The statement with each of its formulas changed in turn, and the formula."""
    for k, formula in enumerate(statement.formulas):
        for changed in changes(formula):
            yield formula, replace(statement, formulas=(*statement.formulas[:k], changed, *statement.formulas[k + 1 :]))


def planted_steps(statement: Statement):
    """The statement with the formula of each step of its derivation changed, and the step."""
    for k, step in enumerate(statement.steps):
        for changed in of_a_step(step.formula):
            wrong = replace(step, formula=changed)
            yield step, replace(statement, steps=(*statement.steps[:k], wrong, *statement.steps[k + 1 :]))


def of_a_step(formula):
    """One change: of a set a name less, of an expression the sign; nothing of what is true always, as 0 = 0 is."""
    if isinstance(formula, sympy.FiniteSet):
        return [sympy.FiniteSet(*formula.args[1:])]
    if isinstance(formula, sympy.Or):
        return [sympy.Not(formula)]
    if isinstance(formula, sympy.And):
        return [sympy.And(*(turned_round(side) for side in formula.args))]
    if isinstance(formula, sympy.Tuple) and isinstance(formula.args[0], sympy.Tuple):
        (number, matrix), *others = formula.args
        return [sympy.Tuple(sympy.Tuple(2 * number, matrix), *others)]
    if isinstance(formula, sympy.Tuple) and isinstance(formula.args[0], sympy.And):
        return [sympy.Tuple(moved(formula.args[0]), *formula.args[1:])]
    if isinstance(formula, sympy.Tuple) and isinstance(formula.args[0], sympy.Eq):
        return [sympy.Tuple(*changes(formula.args[0]), *formula.args[1:])]
    if isinstance(formula, sympy.Expr):
        return [-formula]
    return changes(formula)[:1]


def turned_round(side):
    return side.func(side.rhs, side.lhs)

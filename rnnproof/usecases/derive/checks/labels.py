"""Checks of one word with two labels: both sentences are read by the cell that was written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.algebra import entries
from rnnproof.model.network import Sizes
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.symbolic.word_labels import WHICH
from rnnproof.usecases.derive.checks.accounts import Account, demand, unknown, what
from rnnproof.usecases.derive.checks.drawn import case as drawn
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.slots import inputs
from rnnproof.usecases.derive.subject import Subject
from rnnproof.usecases.lecture.slots import NETWORK, weights

Outputs = Mapping[str, tuple[float, float]]  # between which numbers each is


def labelled(subject: Subject, statement: Statement) -> Account:
    """The outputs of both sentences and which is the largest; a function of numbers, of one number twice."""
    function, *shown = statement.formulas
    demand(_of_one_number(function), what(subject, statement), f"{function} does not hold")
    runs = [_outputs(np.asarray(x), f"y_{which}") for which, x in zip(WHICH, inputs(), strict=True)]
    count = len(runs)
    for k, formula in enumerate(shown):
        truth = all(_holds(part, runs[k % count]) for part in _parts(formula))
        truth &= k < count or _is_largest(formula, runs[k % count])
        demand(truth, what(subject, statement), f"{formula} does not hold")
    return Account(witness_of(NETWORK).name, "both sentences read, every output")


def of_one_word(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """That the last inputs of both sentences are equal."""
    one, other = (np.asarray(x)[-1] for x in inputs())
    for step in steps:
        if not isinstance(step.formula, sympy.Eq) or str(step.formula.lhs) != "w_1" or str(step.formula.rhs) != "w_2":
            raise unknown(step)
        demand(np.array_equal(one, other), what(subject, statement), f"{step.formula}: the words differ")
    return "the inputs of both sentences, compared"


def _of_one_number(formula: sympy.Implies) -> bool:
    """Whether what follows where two words are one holds for a function, a power, of a number for both."""
    where, follows = formula.args
    same = dict.fromkeys(where.free_symbols, sympy.Integer(3))
    put = follows.replace(lambda part: isinstance(part, sympy.core.function.AppliedUndef), lambda f: f.args[0] ** 2)
    return isinstance(where, sympy.Eq) and bool(put.subs(same) == sympy.true)


def _outputs(x: Any, name: str) -> Outputs:
    """The outputs at the last word, all states 0 before the first one, each with what it may be off."""
    given = weights()
    (units, width), (outputs, _) = given["W_h"].shape, given["W_y"].shape
    sizes = Sizes(T=len(x), B=1, I=width, H=units, O=outputs)
    drawing = drawn(NETWORK, sizes, 0)
    state = {name: np.zeros_like(each) for name, each in drawing.state.items()}
    point = Point(replace(drawing, parameters=given, x=x[:, np.newaxis], state=state))
    got, radius = point.results["outputs"][-1, 0], 2 * point.result_balls["outputs"].radius[-1, 0]
    return dict(
        zip(entries(f"{name}[{len(x)}]", (outputs,)), zip(got - radius, got + radius, strict=True), strict=True)
    )


def _parts(formula: sympy.Basic) -> tuple[sympy.Basic, ...]:
    return formula.args if isinstance(formula, (sympy.Tuple, sympy.And)) else (formula,)


def _holds(relation: sympy.Basic, outputs: Outputs) -> bool:
    """Whether it may be so of equal numbers, and must be so of one that is larger."""
    if isinstance(relation, sympy.And):
        return all(_holds(part, outputs) for part in relation.args)
    ends = [outputs[side.name] if side.is_Symbol else (float(side), float(side)) for side in relation.args]
    if isinstance(relation, sympy.Eq):
        return ends[0][0] <= ends[1][1] and ends[1][0] <= ends[0][1]
    (_, below), (above, _) = (ends[list(relation.args).index(side)] for side in (relation.lts, relation.gts))
    return bool(below < above if relation.rel_op in ("<", ">") else below <= above)


def _is_largest(formula: sympy.Basic, outputs: Outputs) -> bool:
    """Whether what it says is larger than another is the largest of all."""
    best = outputs[formula.gts.name]
    return all(best[0] > high for name, (_, high) in outputs.items() if name != formula.gts.name)

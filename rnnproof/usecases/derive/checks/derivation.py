"""Which check belongs to the derivation of a statement: each formula of a step that is none of the statement's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy

from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks import labels, linear_steps, one_step, overwriting, reach_steps, reductions
from rnnproof.usecases.derive.checks.accounts import unknown
from rnnproof.usecases.derive.subject import Subject

Rule = Callable[[Subject, Statement, Sequence[Step]], str]
RULES: Mapping[str, Rule] = {
    "gate_gradients": one_step.of_the_chain,
    "gate_effects": one_step.of_one_step,
    "keeps": one_step.of_one_step,
    "gate_bounds": one_step.of_one_step,
    "output_bounds": one_step.of_one_step,
    "memory_bound": one_step.of_one_step,
    "direct_path": one_step.of_the_path,
    "as_elman_step": one_step.of_one_step,
    "summed_biases": one_step.of_biases,
    "overwrites": overwriting.of_overwriting,
    "linear_power": reductions.of_a_power,
    "as_elman_network": reductions.of_a_loop,
    "parameter_count": reductions.of_a_count,
    "two_directions": reductions.of_directions,
    "layers": reductions.of_a_stack,
    "any_length": linear_steps.of_any_length,
    "order_matters": linear_steps.of_the_order,
    "same_input": linear_steps.of_same_input,
    "two_units": linear_steps.of_a_power,
    "lecture_for_any_length": linear_steps.of_the_lecture,
    "lecture_same_input": linear_steps.of_the_lecture,
    "order_witness": reach_steps.of_a_witness,
    "same_input_witness": reach_steps.of_a_witness,
    "word_labels": labels.of_one_word,
    "dependence": reach_steps.of_dependence,
    "dependence_with_lengths": reach_steps.of_dependence,
}


def only_there(statement: Statement) -> list[Step]:
    """The steps with a formula that the statement does not make itself, alone or as one of several."""
    own = {*statement.formulas, *(part for each in statement.formulas if _several(each) for part in each.args)}
    return [step for step in statement.steps if step.formula not in own and not _made_of(step.formula, own)]


def _several(formula: sympy.Basic) -> bool:
    return isinstance(formula, sympy.Tuple)


def _made_of(formula: sympy.Basic, own: set[sympy.Basic]) -> bool:
    return _several(formula) and own.issuperset(formula.args)


def of_derivation(subject: Subject, key: str, statement: Statement) -> str:
    """What the check of a derivation found, in words; nothing, where it has no formula of its own.

    Errors: VerificationFailed where a formula does not hold; Unsupported where it cannot be compared.
    """
    steps = only_there(statement)
    if steps and key not in RULES:
        raise unknown(steps[0])
    return f"Each of its formulas was checked by {RULES[key](subject, statement, steps)}." if steps else ""

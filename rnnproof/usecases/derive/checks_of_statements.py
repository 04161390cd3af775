"""Which check belongs to which statement, by the function that derives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive import (
    checks_of_layers,
    checks_of_parts,
    checks_of_reach,
    checks_of_runs,
    checks_of_steps,
    checks_of_witnesses,
)
from rnnproof.usecases.derive.accounts import Account
from rnnproof.usecases.derive.statements import Proved
from rnnproof.usecases.derive.subject import Subject

Check = Callable[[Subject, Statement], Account]
# Said of the cell: of a stack, or of both directions, one layer is looked at.
OF_A_LAYER: Mapping[str, Check] = {
    "gate_effects": checks_of_steps.effects,
    "keeps": checks_of_steps.effects,
    "gate_bounds": checks_of_steps.bounds,
    "output_bounds": checks_of_steps.bounds,
    "memory_bound": checks_of_steps.bounds,
    "step_jacobian": checks_of_steps.jacobian,
    "direct_path": checks_of_steps.direct,
    "as_elman_step": checks_of_steps.elman_step,
    "summed_biases": checks_of_parts.biases,
}
OF_THE_NETWORK: Mapping[str, Check] = {
    "overwrites": checks_of_parts.stored_anew,
    "linear_power": checks_of_parts.power,
    "as_elman_network": checks_of_parts.as_elman,
    "parameter_count": checks_of_parts.counted,
    "two_units": checks_of_parts.two_by_two,
    "two_directions": checks_of_layers.composed,
    "layers": checks_of_layers.composed,
    "any_length": checks_of_runs.closed_form,
    "order_matters": checks_of_runs.order,
    "same_input": checks_of_runs.same_input,
    "lecture_for_any_length": checks_of_runs.in_the_lecture,
    "lecture_same_input": checks_of_runs.in_the_lecture,
    "order_witness": checks_of_witnesses.witnessed,
    "same_input_witness": checks_of_witnesses.witnessed,
    "dependence": checks_of_reach.pattern,
    "dependence_with_lengths": checks_of_reach.pattern_with_lengths,
}
UNCHECKED = "Derived, and not compared with numbers: there is no check for it."


def checked(subject: Subject, found: Proved) -> str:
    """What the check of a statement found, in words. Errors: VerificationFailed where it fails."""
    if found.key in OF_A_LAYER:
        return str(OF_A_LAYER[found.key](subject.layer, found.statement))
    if found.key in OF_THE_NETWORK:
        return str(OF_THE_NETWORK[found.key](subject, found.statement))
    return UNCHECKED

"""Which check belongs to which statement, by the function that derives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnproof.errors import Unsupported
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks import (
    gates,
    labels,
    layers,
    overwriting,
    parts,
    reach,
    runs,
    steps,
    witnesses,
)
from rnnproof.usecases.derive.checks.accounts import Account
from rnnproof.usecases.derive.checks.derivation import of_derivation
from rnnproof.usecases.derive.statements import Proved
from rnnproof.usecases.derive.subject import Subject

Check = Callable[[Subject, Statement], Account]
UNCHECKED = "Derived, and not compared with numbers"
# Said of the cell: of a stack, or of both directions, one layer is looked at.
OF_A_LAYER: Mapping[str, Check] = {
    "gate_effects": gates.effects,
    "keeps": gates.effects,
    "gate_bounds": steps.bounds,
    "output_bounds": steps.bounds,
    "memory_bound": steps.bounds,
    "overwrites": overwriting.stored_anew,
    "step_jacobian": steps.jacobian,
    "direct_path": steps.direct,
    "as_elman_step": gates.elman_step,
    "summed_biases": parts.biases,
    "as_elman_network": parts.as_elman,
    "linear_power": parts.power,
}
OF_THE_NETWORK: Mapping[str, Check] = {
    "parameter_count": parts.counted,
    "two_units": parts.two_by_two,
    "two_directions": layers.directions,
    "layers": layers.stacked,
    "any_length": runs.closed_form,
    "order_matters": runs.order,
    "same_input": runs.same_input,
    "lecture_for_any_length": runs.in_the_lecture,
    "lecture_same_input": runs.in_the_lecture,
    "order_witness": witnesses.witnessed,
    "same_input_witness": witnesses.witnessed,
    "word_labels": labels.labelled,
    "dependence": reach.pattern,
    "dependence_with_lengths": reach.pattern_with_lengths,
}


def checked(subject: Subject, found: Proved) -> str:
    """What the check of a statement found, in words. Errors: VerificationFailed where it fails."""
    check = OF_A_LAYER.get(found.key) or OF_THE_NETWORK[found.key]
    return told(lambda: str(check(_subject_of(subject, found.key), found.statement)))


def checked_derivation(subject: Subject, key: str, statement: Statement) -> str:
    """The same of the formulas that only the derivation has; nothing where there are none."""
    return told(lambda: of_derivation(_subject_of(subject, key), key, statement))


def _subject_of(subject: Subject, key: str) -> Subject:
    return subject.layer if key in OF_A_LAYER else subject


def told(check: Callable[[], str]) -> str:
    """What a check says; where it cannot be made, that."""
    try:
        return check()
    except Unsupported as problem:
        return f"{UNCHECKED}: {problem}."

"""Laws of the gradients: equal to the vector-Jacobian product of the network's equations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Array, first_steps
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties import long_gradient
from rnnproof.properties.agree import Compared, agree, place_of
from rnnproof.properties.bounds import Bounds, choices
from rnnproof.properties.forward import compared, radii, results
from rnnproof.properties.kink import told_of_kinks
from rnnproof.properties.scale import constants
from rnnproof.properties.tiers import in_both
from rnnproof.properties.trial import Trial, start
from rnnproof.reference.rounding import BoundedGradients

Part = Callable[[Trace], dict[str, Array]]


def of_parameters(trace: Trace) -> dict[str, Array]:
    """Gradients by each parameter; "b_i@b_hh" is b_i's as read from one of the arrays that share it."""
    assert trace.gradients is not None
    return {f"d{name}": value for name, value in trace.gradients.parameters.items()}


def of_inputs(trace: Trace) -> dict[str, Array]:
    """The gradient by x, where returned."""
    assert trace.gradients is not None
    return {} if trace.gradients.x is None else {"dx": trace.gradients.x}


def of_state(trace: Trace) -> dict[str, Array]:
    """The gradients by the initial states, where returned."""
    assert trace.gradients is not None
    return {f"d{name} initial": value for name, value in (trace.gradients.state or {}).items()}


def gradients_of(trace: Trace) -> dict[str, Array]:
    """Every gradient that was returned."""
    return {} if trace.gradients is None else of_parameters(trace) | of_inputs(trace) | of_state(trace)


def everything(trace: Trace) -> dict[str, Array]:
    """A copy of every result and gradient that was returned."""
    copies = results(trace) | gradients_of(trace)
    return {name: np.array(value) for name, value in copies.items()}


def radii_of(bounds: Bounds, returned: dict[str, Array]) -> dict[str, Array]:
    """The radius of everything that was returned, gradients for all cotangents included."""
    if not any(name.startswith("d") for name in returned):
        return radii(bounds)
    true = gradient_balls(bounds, None)
    named = {name: true[name.split("@")[0]].radius for name in returned if name.startswith("d")}
    return radii(bounds) | named


def parameters(trial: Trial) -> Verdict:
    """The gradients by the parameters, for a cotangent on the outputs alone, on each final state alone, on all."""
    return _gradient(trial, of_parameters, "the target returns no gradient of its parameters")


def inputs(trial: Trial) -> Verdict:
    """The gradient by x, for the same cotangents."""
    return _gradient(trial, of_inputs, "the target returns no gradient of x")


def state(trial: Trial) -> Verdict:
    """The gradients by the initial states, for the same cotangents."""
    return _gradient(trial, of_state, "the target returns no gradient of its initial states")


def _gradient(trial: Trial, part: Part, missing: str) -> Verdict:
    trial = trial.asked
    verdicts: list[Verdict] = []
    to_first_order = long_gradient.is_long(trial.case)
    for only in [None] if to_first_order else choices(trial.case):
        trace = trial.pulled(only)
        if trace.refused:
            return Verdict(Outcome.REFUSED, trace.refused)
        got = {} if trace.gradients is None else part(trace)
        if not got:
            return Verdict(Outcome.NOT_APPLICABLE, missing)
        verdict = long_gradient.judge(trial, got) if to_first_order else _judged(got, trial, only)
        if verdict.outcome is Outcome.FAILED:
            return verdict
        verdicts.append(verdict)
    return _together(verdicts)


def _judged(got: dict[str, Array], trial: Trial, only: str | None) -> Verdict:
    def judge(bounds: Bounds) -> Verdict:
        where = place_of(trial.case, _words(only))
        verdict = agree(beside(got, bounds, only), bounds.form, where, constants=constants(trial.case))
        return told_of_kinks(verdict, bounds)

    return in_both(trial.bounds.about_truth, judge)


def beside(got: dict[str, Array], bounds: Bounds, only: str | None) -> Compared:
    """Each gradient beside its ball."""
    expected = gradient_balls(bounds, only)
    return {name: (value, expected[name.split("@")[0]]) for name, value in got.items()}


def gradient_balls(bounds: Bounds, only: str | None) -> dict[str, Bounded]:
    """What ``gradients_of`` should be."""
    return balls_named(bounds.gradients(only))


def balls_named(true: BoundedGradients) -> dict[str, Bounded]:
    """Gradients in balls by the names that messages use."""
    named = {f"d{name}": ball for name, ball in true.parameters.items()}
    return named | {"dx": true.x} | {f"d{name} initial": ball for name, ball in true.state.items()}


def _words(only: str | None) -> str:
    if only is None:
        return "all cotangents"
    return f"cotangent on the {'outputs' if only == 'outputs' else f'final {only}'} alone"


def notes_on_parameters(trial: Trial) -> str:
    """What agrees all the same, where the gradients by the parameters do not."""
    return _notes(trial, of_parameters)


def notes_on_inputs(trial: Trial) -> str:
    """What agrees all the same, where the gradient by x does not."""
    return _notes(trial, of_inputs)


def notes_on_state(trial: Trial) -> str:
    """What agrees all the same, where the gradients by the initial states do not."""
    return _notes(trial, of_state)


def forward_words(trial: Trial) -> str:
    """Whether the forward pass agrees."""
    agrees = agree(compared(trial.base, trial.bounds), trial.bounds.form, "").outcome is not Outcome.FAILED
    return "the forward pass agrees" if agrees else "the forward pass differs too"


def _notes(trial: Trial, part: Part) -> str:
    notes = [forward_words(trial)]
    if trial.case.sizes.T > 1:
        notes.append(_of_one_step(trial, part))
    return "  " + "; ".join(notes)


def _of_one_step(trial: Trial, part: Part) -> str:
    """What is said of the first step alone."""
    one = start(first_steps(trial.case, 1), trial.implementation)
    try:
        verdict = _gradient(one, part, "")
    except RnnproofError as problem:
        return f"at T=1, {str(problem).splitlines()[0]}"
    return "T=1 agrees" if verdict.outcome is not Outcome.FAILED else "T=1 differs too"


def _together(verdicts: list[Verdict]) -> Verdict:
    """One verdict for all cotangents: suspicious where one is, undecided only where none of them decides."""
    decided = [verdict for verdict in verdicts if verdict.outcome is Outcome.PASSED]
    suspicious = [verdict for verdict in verdicts if verdict.outcome is Outcome.SUSPICIOUS]
    if suspicious or not decided:
        return (suspicious or verdicts)[0]
    ratio = max(verdict.ratio or 0.0 for verdict in verdicts)
    return replace(decided[0], ratio=ratio)

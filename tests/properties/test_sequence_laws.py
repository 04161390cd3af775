"""The laws of the sequence, on code that masks step by step: what each refuses, and that right code passes."""

import padded_elmans as padded
import pytest
import ragged_elmans as ragged
from undiagnosed import verify

from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import LAWS

BOTH_ENDS = {"forward.step", "forward.causality", "state.handover"}  # nothing that reads from both ends has these
FORWARD = {"forward.values", "numerics.rounding"}
GRADIENTS = {"gradient.parameters", "gradient.inputs", "gradient.state"}
EXACT = {"exact.forward", "exact.gradient"}


NOT_APPLICABLE, PASSED = Outcome.NOT_APPLICABLE, Outcome.PASSED


def outcomes(target, **options):
    report = verify(target, **{"max_examples": 8, **options})
    return {finding.property: finding.outcome for finding in report.findings}


def failed(target, *laws):
    found = outcomes(target, properties=laws or None)
    return {law for law, outcome in found.items() if outcome in (Outcome.FAILED, Outcome.SUSPICIOUS)}


def test_right_code_passes_every_law_that_its_network_has():
    aside = BOTH_ENDS | {"sequence.layers"}
    expected = {law.id: Outcome.NOT_APPLICABLE if law.id in aside else Outcome.PASSED for law in LAWS}
    assert outcomes(ragged.Masked, max_examples=20) == expected


@pytest.mark.parametrize(("target", "aside"), [(padded.Repeats, BOTH_ENDS), (padded.RunsOn, {"sequence.reverse"})])
def test_right_code_with_another_padding_passes_every_law_that_its_network_has(target, aside):
    left_out = aside | {"sequence.layers"}
    assert outcomes(target) == {law.id: NOT_APPLICABLE if law.id in left_out else PASSED for law in LAWS}


@pytest.mark.parametrize(
    ("target", "must"),
    [
        (ragged.IgnoresLengths, {"sequence.lengths", "forward.values", "state.final"} | EXACT),
        (ragged.OutputsGoOn, {"sequence.lengths", "forward.values", "exact.forward"}),
        (ragged.StateGoesOn, {"sequence.lengths", "state.final", "exact.forward"}),
        (ragged.BackwardNotFlippedBack, {"sequence.reverse", "exact.forward"} | FORWARD),
        (ragged.ExchangesTheDirections, {"exact.forward"} | FORWARD),
        (ragged.ChangesTheLengths, {"numerics.inputs_unchanged"}),
        (ragged.KeepsTheLengths, {"state.repeat"}),
        (ragged.GradientSeesThePadding, GRADIENTS | {"exact.gradient"}),
        (padded.RepeatsNothing, {"sequence.lengths", "forward.values", "gradient.parameters"} | EXACT),
        (padded.ForgetsTheRepeated, {"gradient.parameters", "gradient.inputs", "exact.gradient"}),
        (padded.RepeatsTheLastStep, {"sequence.lengths", "sequence.reverse", "forward.values", "exact.forward"}),
        (padded.EndsWithTheBatch, {"sequence.lengths", "forward.values", "state.final", "exact.forward"}),
        (padded.PullsFromTheLastStep, {"sequence.lengths", "exact.gradient"} | GRADIENTS),
        (padded.StopsThePadding, {"sequence.lengths", "forward.values", "exact.forward"}),
        (padded.SeesThePadding, {"sequence.lengths", "forward.values", "exact.forward"}),
        (padded.NoGradientInThePadding, {"gradient.inputs", "exact.gradient"}),
    ],
)
def test_what_is_wrong_is_refused(target, must):
    assert failed(target, *sorted(must)) == must


def test_what_is_right_of_wrong_code_is_not_refused():
    assert not failed(ragged.ChangesTheLengths) - {"numerics.inputs_unchanged"}
    assert not failed(ragged.GradientSeesThePadding) - GRADIENTS - {"exact.gradient", "sequence.lengths"}
    assert "batch.permutation" not in failed(ragged.OutputsGoOn)


def test_a_target_that_takes_no_lengths_is_judged_without():
    class WithoutLengths(ragged.Masked):
        def run(self, params, x, state):
            return super().run(params, x, state)

        def grad(self, params, x, state, cotangents):
            return super().grad(params, x, state, cotangents)

    found = outcomes(WithoutLengths)
    assert found["sequence.lengths"] is Outcome.NOT_APPLICABLE
    assert found["sequence.reverse"] is found["gradient.state"] is Outcome.PASSED


def test_rows_are_at_least_as_long_as_the_target_claims():
    seen = []

    class FromTwo(ragged.Masked):
        claims = {"networks": [ragged.NAME], "min_length": 2}

        def run(self, params, x, state, lengths=None):
            seen.extend([] if lengths is None else [(int(n), len(x)) for n in lengths])
            return super().run(params, x, state, lengths)

    assert outcomes(FromTwo, properties=["sequence.lengths", "gradient.state"])["sequence.lengths"] is Outcome.PASSED
    assert all(length >= min(2, steps) for length, steps in seen)
    assert any(length < steps for length, steps in seen)


@pytest.mark.parametrize("name", ["elman:direction=backward", "lstm:direction=bidirectional"])
def test_of_a_backward_direction_the_report_says_which_bound_was_used(name):
    (told,) = verify(f"numpy:{name}", properties="forward.step", max_examples=1).findings[:1]
    assert told.message.endswith("it reads from the end, so its runs are judged whole, by the bound of the whole run")

"""What is not returned, or refused, narrows what is judged and nothing else; what is no number is never right."""

from pathlib import Path

import numpy as np
import pytest
import right_lstms
import wrong_lstms
from undiagnosed import verify

from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import LAWS

GRADIENTS = {law.id for law in LAWS if law.gradients}
JUDGED = {law.id for law in LAWS if not law.id.startswith("sequence.")}  # one layer, one direction, no lengths


def outcomes(target):
    report = verify(target, "lstm", dtype="float64", max_examples=5)
    return {finding.property: finding.outcome for finding in report.findings if finding.property in JUDGED}


class GradRefuses(right_lstms.Packed):
    def grad(self, params, x, state, cotangents):
        raise NotImplementedError("later")


class ForgetfulGradRefuses(wrong_lstms.KeepsItsState):
    def grad(self, params, x, state, cotangents):
        raise NotImplementedError("later")


class StepAndStatesRefuse(right_lstms.Packed):
    def step(self, params, x, state):
        raise NotImplementedError("later")

    def states(self, params, x, state):
        raise NotImplementedError("later")


def test_a_grad_that_refuses_refuses_the_gradients_alone():
    expected = {law: Outcome.REFUSED if law in GRADIENTS else Outcome.PASSED for law in JUDGED}
    assert outcomes(GradRefuses) == expected


def test_a_grad_that_refuses_hides_no_state_that_is_kept():
    assert outcomes(ForgetfulGradRefuses)["state.repeat"] is Outcome.FAILED


def test_a_step_and_states_that_refuse_are_as_none():
    assert set(outcomes(StepAndStatesRefuse).values()) == {Outcome.PASSED}


class LastOutputAlone(right_lstms.Packed):
    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return outputs[-1], final


class LastOutputAloneAndWrong(LastOutputAlone):
    def run(self, params, x, state):
        last, final = super().run(params, x, state)
        return last * 2, final


class LastOutputAloneItsGradientIgnored(LastOutputAlone):
    def grad(self, params, x, state, cotangents):
        none = np.zeros_like(cotangents["outputs"])
        return super().grad(params, x, state, {"outputs": none, "state": cotangents["state"]})


def test_the_last_output_alone_is_judged():
    expected = dict.fromkeys(JUDGED, Outcome.PASSED) | {"forward.causality": Outcome.NOT_APPLICABLE}
    assert outcomes(LastOutputAlone) == expected
    found = outcomes(LastOutputAloneAndWrong)
    wrong = {"forward.values", "forward.step", "forward.order", "forward.saturation", "numerics.rounding"}
    assert {law for law, outcome in found.items() if outcome is Outcome.FAILED} >= wrong


def test_the_gradient_by_the_last_output_alone_is_judged():
    found = outcomes(LastOutputAloneItsGradientIgnored)
    assert {law for law, outcome in found.items() if outcome is Outcome.FAILED} == GRADIENTS - {"gradient.ledger"}


class NotANumber(right_lstms.Packed):
    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return outputs * np.nan, {name: value * np.nan for name, value in final.items()}


@pytest.mark.parametrize("law", [law.id for law in LAWS if law.id.partition(".")[0] in ("forward", "state", "batch")])
def test_no_law_of_values_takes_nan_for_right(law):
    (finding,) = verify(NotANumber, "lstm", dtype="float64", properties=[law], max_examples=3).findings
    assert finding.outcome is Outcome.FAILED
    assert finding.kind == "overflow"


class ChangesItsParameters(right_lstms.Packed):
    def run(self, params, x, state):
        found = super().run(params, x, state)
        if params["b_o"].flags.writeable:
            params["b_o"] += 1
        return found


def test_parameters_that_are_changed_spoil_no_other_law():
    found = outcomes(ChangesItsParameters)
    assert {law for law, outcome in found.items() if outcome is Outcome.FAILED} == {"numerics.inputs_unchanged"}


class RefusesLongRuns(right_lstms.Packed):
    def run(self, params, x, state):
        if len(x) > 6:
            raise NotImplementedError("at most six steps")
        return super().run(params, x, state)


def test_cases_that_are_refused_do_not_count_and_that_is_said():
    (finding,) = verify(RefusesLongRuns, "lstm", dtype="float64", properties=["forward.values"]).findings
    assert (finding.outcome, finding.cases) == (Outcome.PASSED, 50)
    count, _, reason = finding.message.partition(" further cases do not count: ")
    assert int(count) > 10
    assert reason == "run says that it does not do this: NotImplementedError: at most six steps"


def test_a_warning_on_the_way_is_noted_with_its_line():
    (finding,) = verify(Warns, "lstm", dtype="float64", properties=["forward.saturation"], max_examples=5).findings
    assert finding.outcome is Outcome.PASSED
    message, _, line = finding.message.partition(" (test_what_is_returned.py, line ")
    assert message == "overflow encountered in exp"
    assert "np.exp(-z)" in Path(__file__).read_text().splitlines()[int(line[:-1]) - 1]


class Warns(right_lstms.Packed):
    @staticmethod
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))


def test_no_warning_is_noted_where_there_is_none():
    (finding,) = verify(
        right_lstms.PiecewiseSigmoid, "lstm", dtype="float64", properties=["forward.saturation"], max_examples=5
    ).findings
    assert (finding.outcome, finding.message) == (Outcome.PASSED, "")


class AddsToAParameter(right_lstms.Packed):
    def run(self, params, x, state):
        result = super().run(params, x, state)
        params["b_i"] += 1
        return result


def test_a_parameter_that_is_changed_is_one_finding():
    """The law of memory layouts shows arguments that cannot be written to; who writes to them is not its matter."""
    found = outcomes(AddsToAParameter)
    assert found["numerics.strides"] is Outcome.PASSED
    assert found["numerics.inputs_unchanged"] is Outcome.FAILED
    assert Outcome.ERROR not in found.values()


class WantsToWrite(right_lstms.Packed):
    """Writes into x and puts back what was there."""

    def run(self, params, x, state):
        kept = x.copy()
        x *= 2
        x[...] = kept
        return super().run(params, x, state)


def test_an_argument_that_is_written_to_and_put_back_is_an_error_where_it_may_not_be():
    found = outcomes(WantsToWrite)
    assert found["numerics.inputs_unchanged"] is Outcome.PASSED
    assert found["numerics.strides"] is Outcome.ERROR


def test_the_last_output_alone_is_said_to_be_that():
    report = verify(LastOutputAlone, "lstm", dtype="float64", properties=["forward.causality"])
    assert report.findings[0].message == "the target returns the last output alone, not the outputs of every step"

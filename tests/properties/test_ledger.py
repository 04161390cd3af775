"""The ledger of a gradient: what arrives at each step, on that step's own scale; where it is cut off."""

from dataclasses import replace

import numpy as np
import pytest
import right_lstms
import scaled_lstms
import truncated_lstms as lstms
from decaying_cases import LEDGER, case_at, cut_after, outcome
from undiagnosed import verify

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.domains.bounded import Bounded
from rnnproof.faults.bank import find
from rnnproof.faults.fault import plant
from rnnproof.model.verdict import Outcome
from rnnproof.properties.cut import Page
from rnnproof.properties.cut import cut_after as k_of
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.ledger import arrived, order
from rnnproof.properties.trial import start
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill
from rnnproof.strategies.regimes import RAGGED
from rnnproof.usecases.examine import judge


def finding(target, dtype="float64", model="lstm", count=12):
    (found,) = verify(target, model, dtype=dtype, properties=[LEDGER.id], max_examples=count).findings
    return found


@pytest.mark.parametrize("k", [6, 10, 15, 19])
@pytest.mark.parametrize("radius", [0.9, 0.5, 0.3])
@pytest.mark.parametrize("name", ["elman", "lstm"])
def test_a_cut_after_k_of_20_steps_is_named(name, radius, k):
    for seed in range(2):
        assert outcome(case_at(name, radius, seed), k) == "named"


def test_a_cut_is_found_where_what_is_missing_is_a_billionth_of_the_largest_entry():
    verdict = judge(LEDGER, start(case_at("elman", 0.3, 0), cut_after("elman", 19)))
    share = float(verdict.message.partition("what is missing is ")[2].split()[0])
    assert verdict.outcome is Outcome.FAILED and verdict.kind == "truncated"
    assert share < 1e-9


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["elman", "lstm"])
def test_a_whole_gradient_is_right(name, dtype):
    verdict = judge(LEDGER, start(case_at(name, 0.5, 0, dtype), Reference()))
    assert verdict.outcome is Outcome.PASSED


def test_a_step_of_which_nothing_is_known_does_not_pass():
    """In float32 the gradient of the first steps is smaller than its own error bound, and a cut there is not seen."""
    case = case_at("elman", 0.9, 0, "float32", H=8)
    whole, cut = (judge(LEDGER, start(case, target)) for target in (Reference(), cut_after("elman", 19)))
    assert whole.outcome is cut.outcome is Outcome.UNDECIDED
    assert "of the backward pass most entries are smaller than their own error bound" in whole.message
    assert whole.message.startswith("at step ")


RIGHT = [right_lstms.Packed, lstms.ShowsInnerCotangents, lstms.RightWithoutX, lstms.RightWithOutputsAlone]


@pytest.mark.parametrize("target", RIGHT)
def test_right_code_passes_whatever_it_returns(target):
    found = finding(target)
    assert (found.outcome, found.decided) == (Outcome.PASSED, found.cases)


CUTS = {
    lstms.CutAfterSix: "the gradient is cut off after 6 of 7 steps",
    lstms.CutAfterOne: "the gradient is cut off after 1 of 2 steps",
    lstms.CutWithoutX: "the gradient is cut off after 6 of 7 steps",
    lstms.CutWithOutputsAlone: "the gradient is cut off after 6 of 7 steps",
    lstms.DetachedOnce: "the state is detached after 2 steps, wherever the run ends",
    lstms.DetachedEveryThree: "the state is detached after 3 steps, wherever the run ends",
}


@pytest.mark.parametrize("target", CUTS)
def test_a_cut_is_named(target):
    found = finding(target)
    assert (found.outcome, found.kind) == (Outcome.FAILED, "truncated")
    told = " ".join(found.message.split())
    assert CUTS[target] in told
    assert ("detached" in told) is ("detached" in CUTS[target])
    assert told.startswith("with x at step 0 alone, dW_") is (target is lstms.CutWithoutX)


def test_of_a_long_run_the_chunks_are_told():
    case = fill(network("lstm"), Draw(T=11, B=2, I=2, H=3, O=2, P=2, seed=1, regime="typical", q=8), "float64")
    trial = start(case, resolve(lstms.DetachedEveryThree, "lstm").implementation)
    assert "cut off after 2 of 11 steps" in judge(LEDGER, trial).message
    assert (
        LEDGER.notes(trial) == "  the state is detached every 3 steps, wherever the run ends; the forward pass agrees"
    )


def test_the_first_step_of_the_backward_pass_that_is_wrong_is_shown():
    case = fill(network("lstm"), Draw(T=7, B=2, I=2, H=3, O=2, P=2, seed=1, regime="typical", q=8), "float64")
    verdict = judge(LEDGER, start(case, resolve(lstms.WrongAfterThree, "lstm").implementation))
    assert verdict.message.startswith("dx[3,")
    assert "the first 3 steps of the backward pass are right" in verdict.message
    trial = start(case, resolve(lstms.WrongAfterThree, "lstm").implementation)
    elsewhere = LEDGER.elsewhere(trial, verdict, ["gradient.inputs"])
    assert elsewhere.outcome is Outcome.NOT_APPLICABLE
    assert "nothing is cut off; the first 3 steps of the backward pass are right, then dx[3," in elsewhere.message
    cut = replace(verdict, kind="truncated")
    assert LEDGER.elsewhere(trial, cut, ["gradient.inputs"]) is cut
    assert LEDGER.elsewhere(trial, verdict, []) is verdict  # no other law says it


def test_a_gradient_that_is_refuted_has_failed_unless_a_law_that_was_asked_for_says_it():
    alone = finding(scaled_lstms.XOfMeanLoss)
    assert (alone.outcome, alone.kind) == (Outcome.FAILED, "scale")
    laws = ["gradient.parameters", "gradient.inputs", LEDGER.id]
    told = {f.property: f for f in verify(scaled_lstms.XOfMeanLoss, "lstm", properties=laws, max_examples=3).findings}
    assert [told[law].outcome.value for law in laws] == ["passed", "failed", "not_applicable"]
    assert told[LEDGER.id].message.startswith("gradient.inputs failed on the same case, and nothing is cut off; first")


@pytest.mark.parametrize("target", [lstms.CutAfterSix, lstms.CutWithoutX])
def test_a_failure_says_between_which_numbers_the_true_value_lies(target):
    case = fill(network("lstm"), Draw(T=8, B=2, I=2, H=3, O=2, P=2, seed=1, regime="typical", q=8), "float64")
    verdict = judge(LEDGER, start(case, resolve(target, "lstm").implementation))
    assert verdict.outcome is Outcome.FAILED and verdict.refuted["lower"] != verdict.refuted["upper"]


def test_the_bounds_are_about_the_true_values():
    """So the computation of their own centres is not in them: that is as much again."""
    case = case_at("lstm", 0.5, 0)
    trial = start(case, resolve("numpy:lstm").implementation)
    about_truth = max(page.ball.radius.max() for page in arrived(trial, "c").values())
    assert 0 < about_truth < 0.6 * trial.bounds.gradients("c").x.radius.max()


def test_an_order_that_is_refuted_says_so_too():
    target = plant(find(network("lstm"), "bias twice", "b_o"))
    assert judge(BY_ID["forward.order"], start(case_at("lstm", 0.5, 0), target)).refuted is not None


def test_inner_cotangents_are_judged():
    found = finding(lstms.WrongInnerCotangent)
    assert found.outcome is Outcome.FAILED
    assert found.message.startswith("dc of every step[0,")


def test_nothing_to_look_at_is_not_applicable():
    found = finding(lstms.InitialStatesAlone)
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert found.message == "the target returns no gradient of x, nor of a weight that multiplies x"


@pytest.mark.parametrize(
    "name", ["elman:direction=backward", "lstm:layers=2,direction=bidirectional", "elman:padding=run"]
)
def test_rows_that_end_early_and_other_directions(name):
    for seed in range(3):
        case = fill(network(name), Draw(5, 3, 2, 3, 2, 2, seed, RAGGED, 8), "float64")
        assert judge(LEDGER, start(case, Reference())).outcome is Outcome.PASSED


def test_the_order_of_the_backward_pass():
    def met(name, state):
        case = fill(network(name), Draw(3, 2, 2, 3, 2, 2, 1, RAGGED, 8), "float64")
        return order(replace(case, lengths=np.array([1, 3])), state).tolist()

    assert met("elman", "h") == met("elman:direction=bidirectional", "0.forward.h") == [[0, 2], [-1, 1], [-1, 0]]
    from_the_end = [[0, 0], [-1, 1], [-1, 2]]
    assert met("elman:direction=backward", "h") == from_the_end
    assert met("elman:direction=bidirectional", "0.backward.h") == from_the_end


def page(got, value, radius):
    """One entry a step, the last step first."""
    got, value = (np.array(part, dtype=float)[::-1, None, None] for part in (got, value))
    steps = np.arange(len(got))[::-1, None]
    return Page(got, Bounded(value, np.full_like(value, radius)), steps)


@pytest.mark.parametrize(
    ("got", "value", "k"),
    [
        ([1, 2, 0, 0], [1, 2, 3, 4], 2),
        ([1, 2, 0, 0], [1, 2, 0.05, 4], 2),  # the third is not known, the fourth is
        ([1, 2, 0, 0], [1, 2, 0.05, 0.05], None),  # nothing is known of what is missing
        ([1, 2, 0, 0], [1, 2, 0, 4], None),  # the third is 0: perhaps it was cut after three
        ([1, 9, 0, 0], [1, 2, 3, 4], None),  # the second is wrong
        ([1, 2, 0, 1], [1, 2, 3, 4], None),  # something arrives after it
        ([0, 0, 0, 0], [1, 2, 3, 4], None),  # nothing arrives at all
        ([1, 2, 3, 4], [1, 2, 3, 4], None),
    ],
)
def test_where_a_gradient_is_cut_off(got, value, k):
    assert k_of(page(got, value, 0.1)) == k


def test_which_steps_are_not_known():
    assert page([0] * 4, [1, 0.05, 2, 0.05], 0.1).unknown == [1, 3]
    assert page([0] * 4, [1, 0, 2, 0], 0.1).unknown == []

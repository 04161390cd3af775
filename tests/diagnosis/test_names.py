"""What a diagnosis names: faults of the bank, numbers in a change, pairs; and nothing where nothing is wrong."""

import numpy as np
import pytest
import sympy
from by_hand.every import BAD, EVERY, OBJECTS, RIGHT
from diagnosing import alike, diagnosed, of_hypothesis, of_planted

from rnnproof.catalogue import network
from rnnproof.cells.named import plain_target
from rnnproof.diagnosis.facts import RANDOM
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.faults.bank import bank, find
from rnnproof.faults.constants import constants, gains
from rnnproof.faults.edges import edits
from rnnproof.reference.adjoint import adjoint

NETWORKS = {name: network(name) for name in ("elman", "gru", "lstm")}
SEEN = ("equation", "adjoint", "sequence")


def faults(name):
    return [fault for fault in bank(NETWORKS[name]) if fault.place in SEEN and fault.operator != "overflow"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name, step in (("elman", 9), ("gru", 150), ("lstm", 190)) for fault in faults(name)[3::step]],
    ids=lambda part: getattr(part, "text", part),
)
def test_a_fault_of_the_bank_is_named_as_itself_or_as_what_behaves_like_it(name, fault):
    planted = Hypothesis(NETWORKS[name]).with_fault(fault)
    found = of_planted(fault, name)
    if alike(Hypothesis(NETWORKS[name]), planted):
        assert found is None
        return
    assert found.whole
    assert alike(found.hypothesis, planted)
    assert len(found.names) == 1


def test_what_two_steps_do_not_show_is_found_in_more():
    cut = find(NETWORKS["elman"], "truncated", "every 2 steps")
    assert of_planted(cut, "elman").names == (cut.text,)


def test_a_float32_target_is_diagnosed_as_well():
    assert of_planted(find(NETWORKS["gru"], "bias twice"), "gru", "float32").names == (
        "the bias b_hn is counted twice",
    )
    assert of_planted(find(NETWORKS["elman"], "carry dropped"), "elman", "bfloat16").names == (
        "the carry of dh is not used: each step starts from zero",
    )


@pytest.mark.parametrize(("number", "told"), [("9/10", "9/10"), ("271828/100000", "2.71828")])
def test_a_number_in_a_change_is_found_and_read_as_the_simplest(number, told):
    family = next(f for f in constants(NETWORKS["elman"].cell) if f.text.startswith("U_h h is"))
    fault = family.at(sympy.Rational(number))
    assert of_planted(fault, "elman").names == (f"U_h h is multiplied by {told} in z_h",)


def test_a_number_in_the_backward_pass_is_found():
    family = next(f for f in gains(adjoint(NETWORKS["elman"].cell)) if f.text.startswith("the carry"))
    found = of_planted(family.at(sympy.Rational(9, 10)), "elman")
    assert found.names == ("the carry of dh is multiplied by 9/10",)


def test_two_changes_of_a_backward_pass_are_found():
    rng = np.random.default_rng(7)
    planted = Hypothesis(NETWORKS["elman"])
    for _ in range(2):
        every = list(edits(planted.adjoint))
        planted = planted.with_fault(every[rng.integers(len(every))])
    found = of_hypothesis(planted)
    assert found.whole
    assert alike(found.hypothesis, planted)


@pytest.mark.parametrize(("name", "net", "target"), RIGHT, ids=[name for name, *_ in RIGHT])
def test_right_code_is_not_diagnosed(name, net, target):
    assert diagnosed(target, net) is None


# One of each kind; all of them are in tests/benchmarks/test_every_diagnosis.py.
NAMED = {
    "lstm_dx_without_o": ("the term W_o^T dz_o of dx is missing",),
    "columns_bias_averaged": ("the sum of dz_o in db_o is a mean over the batch",),
    "layers_sigmoid_slope_without_y": ("every sigmoid' is taken for 1 - y, of its value y",),
    "char_gradients_clipped": ("the parameters' gradients are clipped to ±5",),
    "stacked_loop_misses_the_first": ("the backward pass leaves out the first step",),
    "ways_one_initial_state": ("the backward direction starts from the forward direction's initial states",),
    "time_gradient_stops_at_padding": ("the cotangents of the final states of rows that end early are lost",),
    "einsum_single_precision_cell": ("a lower precision inside",),
    "einsum_step_without_bias": ("every bias is missing",),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_a_person_got_wrong_is_named(name):
    row = next(row for row in EVERY if row[0] == name)
    assert diagnosed(row[2], row[1]).names == NAMED[name]


ENDED = {
    "fails_differently_every_time": RANDOM.text,
    "coupled_gates": "equals another network of the catalogue: lstm:coupled=input",
    "reset_before": "equals another network of the catalogue: gru:reset=before",
    "gated_elman": "no change of elman that was tried explains it:",
    "all_equal": "its outputs are all 0.5, whatever it is given",
}


@pytest.mark.parametrize("name", ENDED)
def test_bad_input_ends_in_a_true_sentence(name):
    _, net, target = next(row for row in BAD if row[0] == name)
    assert diagnosed(target, net).text.splitlines()[0] == ENDED[name]


class InFloat32:
    """An Elman cell of the hand-written ones, computed in float32 where float64 is claimed."""

    cell = plain_target("elman")
    times = 1

    def run(self, params, x, state):
        self.given = [{n: v.astype("float32") for n, v in part.items()} for part in (params, {"x": x}, state)]
        outputs, final = self.cell.run(self.given[0], self.given[1]["x"], self.given[2])
        return outputs.astype(float), {n: v.astype(float) for n, v in final.items()}

    def grad(self, params, x, state, cotangents):
        params, given, state = self.given
        narrow = {n: v.astype("float32") for n, v in cotangents["state"].items()}
        pulled = {"outputs": cotangents["outputs"].astype("float32"), "state": narrow}
        self.cell.run(params, given["x"], state)
        found = self.cell.grad(params, given["x"], state, pulled)
        wide = {n: v.astype(float) for n, v in found["params"].items()}
        wide["U_h"] = self.times * wide["U_h"]
        return {"params": wide, "x": found["x"].astype(float), "state": {"h": found["state"]["h"].astype(float)}}


class InFloat32AndDoubled(InFloat32):
    """The same, and dU_h is counted twice: that is no matter of precision."""

    times = 2


def test_a_lower_precision_is_told_only_where_it_explains_the_gradients_too():
    told = "equals the specification, computed in float32: every wrong number is one of float32's"
    assert diagnosed(InFloat32, "elman").text == told
    assert diagnosed(InFloat32AndDoubled, "elman").text.startswith("no change of elman that was tried explains it")


def test_what_is_wrong_in_five_places_is_explained_but_for_what_is_not():
    found = diagnosed(OBJECTS.wrong_in_five_places, "gru")
    assert not found.whole
    assert found.text.startswith("equals, but for dx, the specification with ")
    assert {"z is missing from h*z in h'", "z_r uses U_z in place of U_r"} <= {*found.names}

"""The second set written by hand: each one is named, and each is told from what is right.

What the vocabulary learned from the set is named here; all of both sets are in tests/benchmarks.
"""

import pytest
from by_hand2.every import EVERY, OBJECTS, RIGHT
from diagnosing import diagnosed

NETWORKS = {name: network for name, network, *_ in [*RIGHT, *EVERY]}
NAMED = {
    "notebook_last_dc_at_every_step": (
        "the cotangent of the final c is taken at every step, in place of the carry of dc"
    ),
    "notebook_old_cell_in_output_gate": "tanh(c) in place of tanh(c') in the term dh' * tanh(c') of do",
    "ported_first_step_left_out": "the gradient of every weight of h lacks the first step",
    "peephole_no_gradient_to_cell": "no gate passes its cotangent back to c through its peephole",
    "layer_truncated": "backpropagation is cut after every 4 steps, and no state's gradient is returned",
    "both_ways_not_turned_back": "the backward half of the outputs is not flipped back, in both passes",
    "stacked_upper_starts_where_lower_ended": (
        "every layer but the first starts from the final states of the layer below"
    ),
    "padded_final_state_at_the_end": (
        "the final states are those at the last step, whatever the lengths, in both passes"
    ),
    "relu_dx_in_reverse": "dx is in reverse order of time",
    "only_the_last_output": "the cotangent of the outputs is used at the last step alone",
}


def test_every_one_has_a_name_and_a_sentence():
    names = [name for name, *_ in [*RIGHT, *EVERY]]
    assert len(set(names)) == len(names) == len(vars(OBJECTS))
    assert len(EVERY) == 67
    assert all(sentence.endswith(".") for *_, sentence in EVERY)


@pytest.mark.parametrize("name", NAMED)
def test_a_wrong_one_is_named(name):
    found = diagnosed(vars(OBJECTS)[name], NETWORKS[name])
    assert found.names == (NAMED[name],)
    assert found.whole


def test_two_changes_are_named():
    found = diagnosed(OBJECTS.ported_sigmoid_of_twice_z, "lstm")
    assert found.names == (
        "what every sigmoid is taken of is multiplied by 2",
        "the backward pass is still that of the specification",
    )


@pytest.mark.parametrize(("name", "network", "target"), RIGHT[-6:], ids=[name for name, *_ in RIGHT[-6:]])
def test_a_right_one_has_no_diagnosis(name, network, target):
    assert diagnosed(target, network) is None


def test_what_is_no_change_of_the_specification_is_said_with_what_was_tried():
    told = diagnosed(OBJECTS.units_updated_one_by_one, "elman").text.splitlines()
    assert told[0] == "no change of elman that was tried explains it:"
    assert told[1].startswith("  72 alone, ")
    assert told[2].startswith("  first at outputs[0,0,1]: got ")

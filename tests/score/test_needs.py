"""What a test needs to see a fault is found by trying; faults that behave alike are one."""

from dataclasses import replace

import pytest

from rnnproof.catalogue import network
from rnnproof.faults.bank import bank
from rnnproof.faults.fault import plant
from rnnproof.reference.implementation import Reference
from rnnproof.report import score
from rnnproof.usecases.score import looks
from rnnproof.usecases.score.classes import classes
from rnnproof.usecases.score.looks import everything_of, shows
from rnnproof.usecases.score.needs import TRUE_GRADIENTS, need_of

# A fault of an Elman network: what a test of it must have, worked out by hand.
NEEDS = {
    "W_h x is missing from z_h": (),
    "the initial h is ignored": (looks.STATE,),
    "the input is one step late": ("T > 1",),
    "row 2 and later take row 0's input": ("B > 2",),
    "batch and time are exchanged by a reshape": ("T > 1", "B > 1"),
    "the lengths of the rows are ignored": (looks.LENGTHS, "B > 1"),
    "the carry of dh is not used: each step starts from zero": (looks.GRADIENT, "T > 1"),
    "backpropagation is cut after 2 steps": (looks.GRADIENT, "T > 2"),
    "the cotangent of the final h is missing": (looks.GRADIENT, looks.ON_STATES),
    "U_h is not transposed in dh": (looks.GRADIENT, looks.ENTRIES, "H > 1"),
    "the gradients add up over calls": (looks.GRADIENT, looks.AGAIN),
    "h' has tanh computed as (exp(2z)-1)/(exp(2z)+1)": (looks.LARGE,),
    "the results are rounded to a lower precision": (looks.PRECISION,),
    "x is scaled in place": (looks.ARGUMENTS,),
    "x is read in the order of its memory": (looks.MEMORY, "T > 1", "B > 1"),
    "U_h h is missing from z_h": (f"{looks.STATE} or T > 1 or {TRUE_GRADIENTS}",),
    "the bias b_h is missing": (f"{looks.BIASES} or {TRUE_GRADIENTS}",),
    "the term dz_h h^T of dU_h is missing": (looks.GRADIENT, f"{looks.STATE} or T > 1"),
    "the results have another dtype": (f"{looks.PRECISION} or {looks.DTYPE}",),
}
ELMAN, LSTM = network("elman"), network("lstm")
LOOK = everything_of(gradients=True, lengths=True)


def named(of, text):
    (fault,) = [fault for fault in bank(of) if fault.text == text]
    return plant(fault)


@pytest.mark.parametrize(("text", "needs"), NEEDS.items())
def test_what_is_needed_to_see_a_fault_is_found(text, needs):
    found = need_of(named(ELMAN, text), ELMAN, LOOK)
    assert found.needs == needs
    small = LOOK.at(**dict(found.sizes))
    assert shows(named(ELMAN, text), ELMAN, small)
    assert dict(found.sizes)["T"] == (2 if "T > 1" in needs else 3 if "T > 2" in needs else 1)


@pytest.mark.parametrize("text", ["f has tanh in place of sigmoid", "z_o in place of f in c'"])
def test_what_shows_without_a_thing_is_not_said_to_need_it(text):
    """c' = f*c + i*g: a first step from c = 0 hides f from the outputs, but not from the gradient by that c."""
    fault, (needed,) = named(LSTM, text), need_of(named(LSTM, text), LSTM, LOOK).needs
    bare = looks.Look(frozenset()).at(T=1, B=1, I=1, H=1)
    assert needed == f"{looks.STATE} or T > 1 or {TRUE_GRADIENTS}"
    assert not shows(fault, LSTM, bare)
    for feature in (looks.STATE, looks.GRADIENT):
        assert shows(fault, LSTM, replace(bare, features=frozenset({feature, looks.ON_STATES})))
    assert shows(fault, LSTM, bare.at(T=2))


def test_where_a_test_needs_nothing_any_run_shows_the_fault():
    for text in ("W_h x is missing from z_h", "h' has sigmoid in place of tanh"):
        assert need_of(named(ELMAN, text), ELMAN, LOOK).needs == ()
        assert shows(named(ELMAN, text), ELMAN, looks.Look(frozenset()).at(T=1, B=1, I=1, H=1))


def test_equal_gates_hide_their_order_and_the_smallest_case_tells_them_apart():
    swapped = named(LSTM, "the gates are read in the order f i g o, not i f g o")
    found = need_of(swapped, LSTM, everything_of(gradients=False, lengths=False))
    assert found.needs == (looks.GATES,)
    assert dict(found.sizes) == {"T": 1, "B": 1, "I": 1, "H": 1}


def test_a_right_implementation_shows_nothing():
    assert not shows(Reference(), ELMAN, LOOK)


def test_what_a_target_has_not_no_test_of_it_can_see():
    found = classes(ELMAN, everything_of(gradients=False, lengths=False))
    places = [behaviour.fault.place for behaviour in found.behaviours]
    assert "adjoint" not in places and {"equation", "sequence", "conduct"} == set(places)
    texts = {text for each in found.behaviours for text in (each.text, *each.others)}
    assert "the lengths of the rows are ignored" not in texts
    assert found.unseen + len(texts) == found.faults == len(bank(ELMAN))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("W_h x is missing from z_h", "nothing special: true values of any run whose weights and x are not zero"),
        ("the input is one step late", "T > 1"),
        ("U_h h is missing from z_h", "a non-zero initial state or T > 1"),
        ("U_h is read transposed", "weights whose entries differ, and H > 1, and a non-zero initial state or T > 1"),
    ],
)
def test_what_is_needed_is_said_in_plain_words(text, label):
    assert score.label(need_of(named(ELMAN, text), ELMAN, everything_of(gradients=False, lengths=False))) == label

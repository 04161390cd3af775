"""A change that a later one undoes is not told."""

from rnnproof.catalogue import network
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.needed import needed
from rnnproof.diagnosis.vocabulary import of_edges

ELMAN = network("elman")


def changed(*words):
    made = Hypothesis(ELMAN)
    for text in words:
        made = made.with_fault(next(fault for fault in of_edges(made.adjoint) if fault.text == text))
    return made


LAST = "the sum of dz_h in db_h is that of the last step alone"
SIGN = "the sum of dz_h in db_h has the wrong sign"
CUT = "the carry of dh is not used: each step starts from zero"
FACTOR = "z_h in place of h' in the term dh' * (1 - h'**2) of dz_h"


def test_what_a_later_change_undoes_is_left_out():
    found = needed(changed(LAST, CUT, SIGN))
    assert [fault.text for fault in found.faults] == [CUT, SIGN]
    assert found.pulled == changed(CUT, SIGN).pulled


def test_what_is_needed_stays():
    for words in ((CUT, SIGN), (FACTOR, CUT, LAST)):
        assert [fault.text for fault in needed(changed(*words)).faults] == [*words]

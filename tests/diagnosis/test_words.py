"""Equations, edges and derivations in words; which of several descriptions is the plainest."""

import pytest
import sympy

from rnnproof.catalogue import network
from rnnproof.diagnosis.bases import unchanged
from rnnproof.diagnosis.formulas import concerned, derived, formula
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.plainness import plainest
from rnnproof.faults.bank import bank, find
from rnnproof.faults.edges import edits
from rnnproof.reference.adjoint import ONE, STEP, Outer, Scale, Total

LSTM, ELMAN = network("lstm"), network("elman")
F = sympy.Symbol("f", real=True)


@pytest.mark.parametrize(
    ("edge", "told"),
    [
        (Scale("", "f", "z_f", F * (1 - F)), "dz_f += f*(1 - f) df"),
        (Scale("", "f", "z_f", 1 - F), "dz_f += (1 - f) df"),
        (Scale("", "f", "z_f", F, -ONE), "dz_f += - f df"),
        (Outer("", "z_f", "U_f", "h", sympy.Integer(0)), "dU_f += 0"),
        (Total("", "z_f", "b_f", gain=sympy.Piecewise((1, sympy.Eq(STEP, 0)), (0, True))), None),
    ],
)
def test_an_edge_is_told_as_a_formula(edge, told):
    assert formula(edge) == (told or "db_f += (1 if t = 0, else 0) sum over t and b of dz_f")


def test_what_a_change_concerns_is_shown_as_specified_and_as_it_is():
    changed = Hypothesis(LSTM).with_fault(find(LSTM, "term missing", "c*f is missing"))
    assert concerned(changed) == ["specification  c' = c*f + g*i", "target         c' = g*i"]
    edited = Hypothesis(LSTM).with_fault(find(LSTM, "carry dropped", "the carry of dc"))
    assert concerned(edited) == ["specification  dc' += dc of the next step", "target         dc' += 0"]


def test_a_backward_pass_that_was_not_changed_is_shown_as_specified():
    changed = Hypothesis(LSTM).with_fault(find(LSTM, "activation missing", "h' has no tanh"))
    (kept,) = unchanged(changed)
    edges = (fault for fault in edits(kept.adjoint) if fault.text == "the term dh' * tanh(c') of do has the wrong sign")
    assert concerned(kept.with_fault(next(edges))) == [
        "specification  h' = o*tanh(c')",
        "target         h' = c'*o",
        "specification  do += tanh(c') dh'",
        "target         do += - tanh(c') dh'",
    ]


def test_what_a_helping_equation_stands_for_is_written_out():
    twice = Hypothesis(ELMAN).with_fault(find(ELMAN, "bias twice"))
    assert concerned(twice) == [
        "specification  z_h = W_h x + U_h h + b_h",
        "target         z_h = b_h + (W_h x + U_h h + b_h)",
    ]


def test_a_gradient_is_derived_as_far_as_an_output():
    assert derived(ELMAN.cell, "dU_h") == [
        "dU_h = sum over t and b of dz_h h^T",
        "dz_h = (1 - h'**2) dh'",
        "dh' = the cotangent of the outputs + at the last step the cotangent of the final h + dh of the next step",
    ]


def test_the_fewest_changes_then_a_line_of_several_edges_then_the_plainest():
    named = {fault.text: Hypothesis(LSTM).with_fault(fault) for fault in bank(LSTM)}
    one = named["the sum of dz_f in db_f has the wrong sign"]
    group = named["every parameter's gradient has the wrong sign"]
    missing = named["the sum of dz_f in db_f is missing"]
    two = missing.with_fault(find(LSTM, "result dropped", "dh"))
    assert plainest([two, one, missing, group, one]) == [group, missing, one]

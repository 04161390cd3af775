"""Comparison itself, on balls made by hand: where a word begins and where it ends."""

import numpy as np
import pytest

from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import FORMATS
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import agree, alike, within
from rnnproof.properties.gradient import _together

FORM = FORMATS["float64"]


def ball(value, radius):
    value = np.array(value, dtype=float)
    return Bounded(value, np.broadcast_to(np.asarray(radius, dtype=float), value.shape))


def judged(got, value, radius):
    return agree({"y": (np.array(got, dtype=float), ball(value, radius))}, FORM, "here")


@pytest.mark.parametrize(
    ("off", "outcome"), [(0.0, Outcome.PASSED), (0.125, Outcome.PASSED), (0.125 + 2.0**-40, Outcome.FAILED)]
)
def test_the_edge_of_a_ball_is_inside_it(off, outcome):
    verdict = judged([1.0, 2.0 + off], [1.0, 2.0], 0.125)
    assert verdict.outcome is outcome
    assert verdict.ratio == off / 0.125


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ([1, 1, 1, 1], Outcome.PASSED),
        ([1, 1, 0.1, 0.1], Outcome.PASSED),  # half of them are larger than their radius
        ([1, 0.1, 0.1, 0.1], Outcome.UNDECIDED),
        ([0.1, 0.1, 0.1, 0.1], Outcome.UNDECIDED),
    ],
)
def test_at_least_half_of_the_entries_must_be_larger_than_their_radius(values, outcome):
    assert judged(values, values, 0.125).outcome is outcome


def test_what_is_exactly_zero_does_not_count_for_it():
    zeros = ball([0.0] * 6, 0.0)
    both = {"y": (np.ones(2), ball([1, 1], 0.125)), "z": (np.zeros(6), zeros)}
    assert agree(both, FORM, "here").outcome is Outcome.PASSED
    assert agree({"z": both["z"]}, FORM, "here").outcome is Outcome.UNDECIDED
    unsure = both | {"z": (np.zeros(6), ball([0.0] * 6, 0.125))}
    assert agree(unsure, FORM, "here").outcome is Outcome.UNDECIDED


def test_the_sensitivity_is_the_median_of_radius_over_value_where_that_says_something():
    assert judged([8, 4, 2, 1, 0.1], [8, 4, 2, 1, 0.1], 0.5).sensitivity == 0.1875  # of 1/16, 1/8, 1/4, 1/2
    assert judged([0.1], [0.1], 0.5).sensitivity is None


@pytest.mark.parametrize(("off", "outcome"), [(0.25, Outcome.PASSED), (0.2501, Outcome.FAILED)])
def test_two_runs_of_one_truth_are_within_two_radii(off, outcome):
    first, second, radii = {"y": np.array([1.0 + off])}, {"y": np.array([1.0])}, {"y": np.array([0.125])}
    assert within(first, second, lambda: radii, "here", "what").outcome is outcome


def test_two_runs_that_must_agree_to_the_bit():
    second, radii = {"y": np.array([1.0, 2.0])}, {"y": np.array([0.125, 0.125])}

    def judge(*values):
        return alike({"y": np.array(values)}, second, lambda: radii, "here", "what")

    assert judge(1.0, 2.0).outcome is Outcome.PASSED
    assert (judge(1.0, 2.1).outcome, judge(1.0, 2.1).kind) == (Outcome.SUSPICIOUS, "leak")
    assert judge(1.0, 2.3).outcome is Outcome.FAILED


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf])
def test_two_runs_that_lost_the_same_number_do_not_agree(lost):
    both, radii = {"y": np.array([1.0, lost])}, {"y": np.array([0.125, 0.125])}
    for verdict in (within(both, both, lambda: radii, "here", ""), alike(both, both, lambda: radii, "here", "")):
        assert (verdict.outcome, verdict.kind) == (Outcome.FAILED, "overflow")
        assert verdict.message.startswith(f"y[1]: got {lost}, but should be finite, as the true value is\n")
    unknown = {"y": np.array([0.125, np.inf])}
    assert within(both, both, lambda: unknown, "here", "").outcome is Outcome.PASSED
    assert alike(both, both, lambda: unknown, "here", "").outcome is Outcome.PASSED


def test_a_number_that_is_lost_where_the_other_run_has_it():
    lost, kept, radii = {"y": np.array([np.nan])}, {"y": np.array([1.0])}, {"y": np.array([0.125])}
    assert within(lost, kept, lambda: radii, "here", "").kind == "overflow"
    assert within(kept, lost, lambda: radii, "here", "").kind == "overflow"


def test_cotangents_decide_together_where_one_of_them_does():
    passed, unsure = (Verdict(o, ratio=r) for o, r in ((Outcome.PASSED, 0.25), (Outcome.UNDECIDED, 0.5)))
    assert _together([unsure, passed]).outcome is Outcome.PASSED
    assert _together([unsure, passed]).ratio == 0.5
    assert _together([unsure, unsure]).outcome is Outcome.UNDECIDED

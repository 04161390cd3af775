"""True values in Arb's balls: against fifty digits of mpmath, against autograd, and what bounds about them hold."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from cases_and_balls import cases, full_precision, gradients_named, leaving, reference, results_of
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from interpreter import at_fifty_digits, gradients_by_autograd

from rnnproof.adapters.hand_written import hand_written
from rnnproof.catalogue import network
from rnnproof.domains import ball_array
from rnnproof.domains.ball import as_ball, between, precisely
from rnnproof.domains.formats import U64
from rnnproof.model.activation import relu, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals
from rnnproof.model.network import Network
from rnnproof.model.verdict import Outcome
from rnnproof.properties import bounds as bounds_of_a_case
from rnnproof.properties.agree import agree
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.forward import balls
from rnnproof.reference.enclosure import MOST_BITS, enclose, negligible, precisions
from rnnproof.strategies.cases import fill, first_draw
from rnnproof.strategies.regimes import REGIMES

NAMES = ("lstm", "elman:readout=softmax", "jordan:activation=relu", "gru:reset=before", "peephole", "minlstm")
WIRED = ("lstm:layers=2,direction=bidirectional", "elman:direction=bidirectional,merge=product", "gru:padding=run")
FEW = settings(max_examples=4, deadline=None)


def known(results, balls_of_them):
    """Without the entries of which a ball says nothing."""
    return {
        n: np.where(np.isfinite(balls_of_them[n].radius), got, balls_of_them[n].value) for n, got in results.items()
    }


def holds(ball, digits) -> bool:
    """Whether a number of mpmath, of fifty digits, lies in a ball of fewer."""
    middle = mpmath.mpf(int(ball.mid().man_exp()[0])) * mpmath.mpf(2) ** int(ball.mid().man_exp()[1])
    return abs(middle - digits) <= mpmath.mpf(float(ball.rad()))


@pytest.mark.parametrize("name", NAMES)
def test_outputs_and_states_at_fifty_digits_lie_in_the_balls(name):
    @FEW
    @given(cases(network(name), T=(1, 3), B=(1, 2), H=(1, 3)), st.integers(0, 99))
    def check(case, seed):
        case = full_precision(case, seed)
        trace = enclose(case, 100).trace
        with mpmath.workdps(50):
            outputs, final = at_fifty_digits(case.network.step, case.parameters, case.x, case.state)
            true = {"outputs": (trace.outputs, np.stack(outputs))}
            true |= {name: (trace.final[name], value) for name, value in final.items()}
            for enclosed, digits in true.values():
                assert all(holds(ball, digit) for ball, digit in zip(enclosed.flat, digits.flat, strict=True))
            assert not holds(trace.outputs.flat[0], np.stack(outputs).flat[0] + mpmath.mpf(2) ** -80)

    check()


@pytest.mark.parametrize("name", NAMES)
def test_right_code_lies_in_the_bounds_about_the_truth(name):
    """The reference and autograd, each with its own rounding; a gradient with a fault of 2^-30 does not."""

    @FEW
    @given(cases(network(name)), st.integers(0, 99))
    def check(case, seed):
        case = full_precision(case, seed)
        bounds = Bounds(case).about_truth
        bound = balls(bounds) | gradients_named(bounds.gradients(None))
        assert leaving(known(results_of(reference(case)), bound), bound) == []
        found = gradients_by_autograd(case.network.step, case.parameters, case.x, case.state, case.cotangents)
        assert leaving(known(gradients_named(found), bound), bound) == []

    check()


@pytest.mark.parametrize("name", [*NAMES, *WIRED])
def test_a_fault_far_below_single_precision_leaves_the_bounds(name):
    """Of the first case drawn; right code in other orders of summation lies inside, off by 2^-30 not."""
    case = full_precision(fill(network(name), first_draw(tuple(REGIMES)[:1], "float64", {}), "float64"), 3)
    bounds = Bounds(case).about_truth
    bound = balls(bounds) | gradients_named(bounds.gradients(None))
    right = results_of(reference(case))
    assert leaving(known(right, bound), bound) == []
    wrong = {name: value * (1 + 2.0**-30) for name, value in right.items()}
    assert set(leaving(known(wrong, bound), bound)) == {n for n, v in right.items() if v.any()} & {
        n for n in right if np.isfinite(bound[n].radius).any()
    }


def test_ragged_rows_in_both_directions_are_the_rows_alone():
    """What hand-written cells return for rows of several lengths lies about the truth."""
    page = network("lstm:layers=2,direction=bidirectional")
    case = fill(page, replace(first_draw(("ragged",), "float64", {}), regime="ragged"), "float64")
    bounds = Bounds(case).about_truth
    subject = hand_written(f"numpy:{page.name}", page).build(page, case.parameters, "float64")
    got = results_of(subject.run(case.x, case.state, case.lengths, case.cotangents))
    bound = balls(bounds) | gradients_named(bounds.gradients(None))
    assert leaving(got, bound) == []
    assert leaving({"dx": got["dx"][::-1]}, bound) == ["dx"]


# --- precision -----------------------------------------------------------------------------------


def test_more_bits_are_taken_until_the_balls_are_negligible_beside_the_bound(monkeypatch):
    case = fill(network("lstm"), first_draw(("typical",), "float64", {}), "float64")
    monkeypatch.setattr(bounds_of_a_case, "precisions", lambda steps: iter([20, 50, 300, 600]))
    assert Bounds(case).about_truth.enclosure.bits == 300
    coarse = Bounds(case, enclosure=enclose(case, 60)).gradients(None)
    fine = Bounds(case, enclosure=enclose(case, 480)).gradients(None)
    assert np.array_equal(coarse.x.value, fine.x.value) and np.array_equal(coarse.x.radius, fine.x.radius)


def test_precisions_double_up_to_a_limit():
    assert list(precisions(20)) == [296, 592, 1184, 2368, 4736]
    assert MOST_BITS == 4096


def test_a_kink_that_no_precision_tells_is_undecided_and_says_what_it_needed():
    """relu at tanh(z) + tanh(-z) = 0: which side it is on, no ball says; its derivative is 0 or 1."""
    z, a = signals("z a")
    equations = (
        Affine("z", (("W", "x"), ("U", "h")), None),
        Elementwise("a", tanh(z) + tanh(-z)),
        Elementwise("h'", relu(a)),
    )
    page = Network("kink", Cell("kink", equations, (("h", "h'"),), "h'"))
    case = fill(page, replace(first_draw(("typical",), "float64", {}), T=1, B=1, I=1, H=1), "float64")
    bounds = Bounds(case).about_truth
    dx = bounds.gradients(None).x
    verdict = agree({"dx": (dx.value, dx)}, bounds.form, "here")
    assert verdict.outcome is Outcome.UNDECIDED and verdict.kind == "kink"
    assert verdict.message == (
        "most entries are smaller than their own error bound [here];\n  of some true values 4096 bits do not tell on "
        "which side of a kink they are"
    )


# --- arrays of balls -------------------------------------------------------------------------------


def test_what_is_rounded_is_as_far_away_as_is_said():
    with precisely(200):
        array = np.array([arb(1) / 3, arb(0), arb(0.5), arb(2) ** -2000, arb(1, 1e-30), 1 / arb(0, 1)], dtype=object)
        middle, radius = ball_array.rounded(array)
    assert list(middle[:3]) == [1 / 3, 0.0, 0.5]
    assert radius[1] == radius[2] == 0 and 0 < radius[0] <= U64 / 2
    assert 0 < radius[3] < 1e-300  # underflow is an error too
    assert 1e-30 <= radius[4] <= 1.1e-30 and radius[5] == np.inf


def test_a_product_is_the_sum_of_products_entry_by_entry():
    rng = np.random.default_rng(0)
    rows, weight = rng.integers(-9, 9, (2, 3, 4)), rng.integers(-9, 9, (4, 5))
    with precisely(100):
        found = ball_array.product(ball_array.balls(rows), ball_array.matrix(ball_array.balls(weight)))
        assert np.array_equal(ball_array.rounded(found)[0], rows @ weight)
        shifted = ball_array.softmax(ball_array.balls(np.array([[1000.0, 1000.0, -np.inf]])), -1)
    assert np.isnan(ball_array.rounded(shifted)[0]).any() or list(ball_array.rounded(shifted)[0][0][:2]) == [0.5, 0.5]


def test_negligible_is_beside_a_radius():
    with precisely(60):
        third = np.array([arb(1) / 3], dtype=object)
    assert negligible(third, np.array([1e-10])) and not negligible(third, np.array([1e-18]))
    assert not negligible(third, np.zeros(1))


@pytest.mark.parametrize(
    ("number", "digits", "expected"),
    [("3/4", 20, ("0.75", "0.75")), ("1/3", 4, ("0.3333", "0.3334")), ("-20000/3", 3, ("-6.67e+3", "-6.66e+3"))],
)
def test_decimal_numbers_around_a_ball(number, digits, expected):
    """Worked by hand: floor and ceiling at the last digit."""
    with precisely(200):
        top, _, bottom = number.partition("/")
        assert between(as_ball(int(top)) / as_ball(int(bottom)), digits) == expected


def test_a_refutation_says_where_the_true_value_lies():
    """tanh(1/2) = 0.46211715726000975850..., from the tables; the output is off by an eighth."""
    page = network("elman")
    case = fill(page, replace(first_draw(("typical",), "float64", {}), T=1, B=1, I=1, H=1), "float64")
    parameters = {name: np.full_like(value, 0.5 if name == "W_h" else 0.0) for name, value in case.parameters.items()}
    case = replace(case, parameters=parameters, x=np.ones((1, 1, 1)), state={"h": np.zeros((1, 1))})
    bounds = Bounds(case).about_truth
    verdict = agree({"outputs": (np.full((1, 1, 1), 0.5), bounds.outputs)}, bounds.form, "here")
    assert verdict.message.splitlines()[2].startswith(
        "  the true value lies in [0.46211715726000975850, 0.46211715726000975851], "
    )
    assert verdict.refuted["lower"] == "0.46211715726000975850" and verdict.refuted["entry"] == "outputs[0,0,0]"
    assert agree({"outputs": (np.tanh([[[0.5]]]), bounds.outputs)}, bounds.form, "").refuted is None

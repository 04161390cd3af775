"""Where something may overflow, nothing is known: the radius is infinite, the case undecided, nothing passes."""

from fractions import Fraction

import numpy as np
import pytest
from balls import outside

from rnnproof.catalogue import network
from rnnproof.domains.bounded import Bounded, exact
from rnnproof.domains.bounded_range import largest, within_range
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Cotangents
from rnnproof.model.equation import signals
from rnnproof.model.verdict import Outcome
from rnnproof.properties.agree import agree
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint

RELU = network("elman:activation=relu")


def run(weight: float, dtype: str, steps: int = 4):
    parameters = {"W_h": np.array([[1.0]]), "U_h": np.array([[weight]]), "b_h": np.array([1.0])}
    state = {"h": exact(np.array([[1.0]]))}
    tape = rounding.forward(RELU.step, parameters, np.ones((steps, 1, 1)), state, FORMATS[dtype])
    ones = Cotangents(np.ones((steps, 1, 1)), {"h": np.ones((1, 1))})
    return tape, rounding.backward(adjoint(RELU.step), tape, ones)


def everything(tape, gradients):
    balls = {"outputs": tape.outputs, **tape.final, "dx": gradients.x}
    return balls | {f"d{name}": ball for name, ball in {**gradients.parameters, **gradients.state}.items()}


@pytest.mark.parametrize(("dtype", "weight"), [("float32", 2.0**8), ("float64", 2.0**60)])
def test_within_the_range_everything_is_known(dtype, weight):
    assert all(np.isfinite(ball.radius).all() for ball in everything(*run(weight, dtype)).values())


@pytest.mark.parametrize(("dtype", "weight"), [("float32", 2.0**40), ("float64", 2.0**400)])
def test_beyond_the_range_nothing_is_known_and_nothing_is_undefined(dtype, weight):
    """Weights whose fourth power overflows, in the format or in float64 itself."""
    balls = everything(*run(weight, dtype))
    assert all(np.all(ball.radius == np.inf) and np.all(ball.value == 0) for ball in balls.values())
    for got in (np.inf, -np.inf, 0.0, 1e30):
        verdict = agree({n: (np.full(b.value.shape, got), b) for n, b in balls.items()}, FORMATS[dtype], "here")
        assert verdict.outcome is Outcome.UNDECIDED


def test_what_overflows_in_single_precision_is_known_in_double():
    tape, gradients = run(2.0**40, "float64")
    h = 1
    for _ in range(4):
        h = 2**40 * h + 2
    final = tape.final["h"][0]
    assert not outside(final, 0, Fraction(h)) and outside(final, 0, Fraction(h) * (1 + Fraction(1, 2**40)))
    assert np.isfinite(gradients.parameters["U_h"].radius).all()


def test_the_backward_pass_alone_may_leave_the_range():
    parameters = {"W_h": np.array([[1.0]]), "U_h": np.array([[1.0]]), "b_h": np.array([1.0])}
    tape = rounding.forward(
        RELU.step, parameters, np.ones((2, 1, 1)), {"h": exact(np.ones((1, 1)))}, FORMATS["float32"]
    )
    huge = Cotangents(np.full((2, 1, 1), 2.0**100), {"h": np.zeros((1, 1))})
    assert np.isfinite(tape.outputs.radius).all()
    assert np.all(rounding.backward(adjoint(RELU.step), tape, huge).x.radius == np.inf)


def test_the_range_counts_degrees_terms_and_coefficients():
    a, b = signals("a b")
    form = FORMATS["float32"]  # up to 2^128
    assert within_range([a * b * b], 2.0**41, 4, form)
    assert not within_range([a * b * b], 2.0**42, 4, form)
    assert not within_range([2.0**30 * a], 2.0**100, 1, form)
    assert within_range([], 2.0**60, 2, form) and not within_range([], 2.0**60, 2**20, form)
    assert not within_range([], np.nan, 1, form) and not within_range([], np.inf, 1, form)


def test_the_largest_of_no_balls_is_zero_and_what_is_unknown_does_not_count():
    assert largest([]) == 0
    assert largest([Bounded(np.array([1.0, -3.0]), np.array([0.0, 0.5])), exact(np.zeros((0, 2)))]) == 3.5
    unknown = Bounded(np.array([np.nan, 0.0, 9.0]), np.array([0.0, np.inf, np.nan]))
    assert largest([exact(np.array([1.0])), unknown]) == 1


def dark(dtype):
    """A step of the minimal LSTM, one row: the gates of unit 0 are both sigmoid(-1000), those of unit 1 are not."""
    n = np.array([[1.0], [1.0]])
    far = {"W_f": -1000 * n * [[1], [0]], "W_i": -1000 * n * [[1], [0]], "W_n": n}
    parameters = far | {"b_f": np.array([0.0, 1.0]), "b_i": np.array([0.0, -1.0]), "b_n": np.array([0.5, 0.25])}
    x, h = np.ones((1, 1, 1)), np.array([[1.0, 2.0]])
    cell = network("minlstm").step
    tape = rounding.forward(cell, parameters, x, {"h": exact(h)}, FORMATS[dtype])
    ones = Cotangents(np.ones((1, 1, 2)), {"h": np.zeros((1, 2))})
    return tape, rounding.backward(adjoint(cell), tape, ones)


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_quotient_of_zeros_makes_its_own_unit_unknown_and_no_other(dtype):
    tape, gradients = dark(dtype)
    assert np.isfinite(tape.outputs.radius).tolist() == [[[False, True]]]
    # Of unit 1, f / (f + i) = sigmoid(1) / (sigmoid(1) + sigmoid(-1)) = sigmoid(1).
    share, value, radius = 1 / (1 + np.exp(-1)), tape.outputs.value[0, 0, 1], tape.outputs.radius[0, 0, 1]
    assert abs(value - (share * 2 + (1 - share) * 1.25)) <= radius <= 2**8 * FORMATS[dtype].unit
    for name in ("W_f", "b_f", "W_i", "b_i"):
        assert np.isfinite(gradients.parameters[name].radius).ravel().tolist() == [False, True], name
    assert not np.isfinite(gradients.x.radius).any()  # it sums over both units


def test_a_state_that_is_no_number_makes_unknown_what_is_made_of_it():
    parameters = {"W_h": np.eye(2), "U_h": np.eye(2), "b_h": np.ones(2)}
    state = {"h": exact(np.array([[np.nan, 1.0], [1.0, 2.0]]))}
    tape = rounding.forward(RELU.step, parameters, np.ones((1, 2, 2)), state, FORMATS["float64"])
    # Products with 0 of the other unit are unknown too; the other row is not.
    assert np.isfinite(tape.outputs.radius).tolist() == [[[False, False], [True, True]]]

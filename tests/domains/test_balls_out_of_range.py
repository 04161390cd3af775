"""Where something may overflow, nothing is known: the radius is infinite, the case undecided, nothing passes."""

from fractions import Fraction

import numpy as np
import pytest
from balls import outside

from rnnproof.catalogue import network
from rnnproof.domains.bounded import FORMATS, Bounded, exact, largest, within_range
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


def test_the_largest_of_no_balls_is_zero_and_of_an_undefined_one_undefined():
    assert largest([]) == 0
    assert largest([Bounded(np.array([1.0, -3.0]), np.array([0.0, 0.5])), exact(np.zeros((0, 2)))]) == 3.5
    assert np.isnan(largest([exact(np.array([1.0])), exact(np.array([np.nan]))]))

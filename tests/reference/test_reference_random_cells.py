"""Any cell at all: the reference, autograd of the equations read one by one, and the truth, inside the same balls."""

import mpmath
import numpy as np
from cases_and_balls import balls_of, cases, full_precision, leaving, of_cell, reference, results_of
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from interpreter import at_fifty_digits, gradients_by_autograd
from random_cells import cells

from rnnproof.errors import ModelError
from rnnproof.reference.adjoint import adjoint

SMALL = {"T": (1, 2, 3), "B": (1, 2), "I": (1, 2), "H": (1, 2, 3), "O": (1, 2)}
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
MANY = settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
GENTLE = ("typical", "vanishing", "zero")


@st.composite
def cases_of_random_cells(draw, dtype="float64"):
    try:
        network = of_cell(draw(cells()))
    except ModelError:  # a vector of two sizes, or a state whose size follows from nothing
        assume(False)
    return full_precision(draw(cases(network, dtype, GENTLE, **SMALL)), draw(st.integers(0, 99)))


@MANY
@given(cases_of_random_cells())
def test_reference_and_autograd_lie_in_the_balls(case):
    balls = balls_of(case)
    assert leaving(results_of(reference(case)), balls) == []
    found = gradients_by_autograd(case.network.step, case.parameters, case.x, case.state, case.cotangents)
    named = {f"d{name}": value for name, value in found.parameters.items()} | {"dx": found.x}
    assert leaving(named | {f"d{name} initial": value for name, value in found.state.items()}, balls) == []


@MANY
@given(cases_of_random_cells("float32"))
def test_the_reference_in_single_precision_lies_in_the_balls(case):
    assert leaving(results_of(reference(case)), balls_of(case)) == []


@MANY
@given(cases_of_random_cells())
def test_the_truth_at_fifty_digits_lies_in_the_balls(case):
    balls = balls_of(case)
    outputs, final = at_fifty_digits(case.network.step, case.parameters, case.x, case.state)
    true = {"outputs": np.stack(outputs), **{f"final {name}": value for name, value in final.items()}}
    with mpmath.workdps(50):
        for name, numbers in true.items():
            ball = balls[name]
            for index, number in np.ndenumerate(numbers):
                if np.isfinite(ball.radius[index]):
                    assert abs(number - float(ball.value[index])) <= mpmath.mpf(float(ball.radius[index]))


@MANY
@given(cases_of_random_cells())
def test_the_edges_have_identities_of_their_own(case):
    identities = [edge.id for edge in adjoint(case.network.step).edges]
    assert len(set(identities)) == len(identities)

"""Cells that a user writes: forward, gradients and radii as for those of the catalogue."""

import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from autograd import grad
from cases_and_balls import balls_of, cases, full_precision, leaving, of_cell, reference, results_of
from hypothesis import given, settings
from hypothesis import strategies as st
from interpreter import at_fifty_digits, gradients_by_autograd
from user_cells import CELLS, gated, gated_by_hand

from rnnproof.reference.adjoint import adjoint

SOME = settings(max_examples=10, deadline=None)
NAMES = [f"{n} {cell.name}" for n, cell in enumerate(CELLS)]


def beside(case):
    """The case's gradients by autograd, of the equations read one by one, under the reference's names."""
    found = gradients_by_autograd(case.network.step, case.parameters, case.x, case.state, case.cotangents)
    named = {f"d{name}": value for name, value in found.parameters.items()} | {"dx": found.x}
    return named | {f"d{name} initial": value for name, value in found.state.items()}


@pytest.mark.parametrize("reset_first", [True, False])
def test_a_cell_in_ten_lines_has_the_gradients_of_one_written_by_hand(reset_first):
    forward = gated_by_hand(reset_first)

    @SOME
    @given(cases(of_cell(gated(reset_first))))
    def check(case):
        def loss(parameters, x, h):
            outputs, final = forward(parameters, x, h)
            paired = sum(anp.sum(y * d) for y, d in zip(outputs, case.cotangents.outputs, strict=True))
            return paired + anp.sum(final * case.cotangents.state["h"])

        balls = balls_of(case)
        outputs, final = forward(case.parameters, case.x, case.state["h"])
        assert leaving({"outputs": np.stack(outputs), "final h": final}, balls) == []
        d_parameters, dx, dh = grad(loss, argnum=(0, 1, 2))(dict(case.parameters), case.x, case.state["h"])
        found = {f"d{name}": value for name, value in d_parameters.items()} | {"dx": dx, "dh initial": dh}
        assert leaving(found, balls) == []
        assert leaving(results_of(reference(case)), balls) == []

    check()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("cell", CELLS, ids=NAMES)
def test_the_reference_lies_in_the_balls(cell, dtype):
    @SOME
    @given(cases(of_cell(cell), dtype), st.integers(0, 99))
    def check(case, seed):
        for one in (case, full_precision(case, seed)):
            assert leaving(results_of(reference(one)), balls_of(one)) == []

    check()


@pytest.mark.parametrize("cell", CELLS, ids=NAMES)
def test_autograd_lies_in_the_balls(cell):
    @settings(max_examples=6, deadline=None)
    @given(cases(of_cell(cell), T=(1, 2, 3, 4)), st.integers(0, 99))
    def check(case, seed):
        for one in (case, full_precision(case, seed)):
            assert leaving(beside(one), balls_of(one)) == []

    check()


@pytest.mark.parametrize("cell", CELLS, ids=NAMES)
def test_the_truth_at_fifty_digits_lies_in_the_balls(cell):
    @settings(max_examples=6, deadline=None)
    @given(cases(of_cell(cell), T=(1, 2, 3), B=(1, 2)))
    def check(case):
        balls = balls_of(case)
        outputs, final = at_fifty_digits(case.network.step, case.parameters, case.x, case.state)
        true = {"outputs": np.stack(outputs), **{f"final {name}": value for name, value in final.items()}}
        with mpmath.workdps(50):
            for name, numbers in true.items():
                for index, number in np.ndenumerate(numbers):
                    value, radius = float(balls[name].value[index]), float(balls[name].radius[index])
                    assert abs(number - mpmath.mpf(value)) <= mpmath.mpf(radius), (name, index)

    check()


@pytest.mark.parametrize("cell", CELLS, ids=NAMES)
def test_every_edge_has_an_identity_of_its_own(cell):
    identities = [edge.id for edge in adjoint(cell).edges]
    assert len(set(identities)) == len(identities)
    assert [edge.id for edge in adjoint(cell).edges] == identities


def test_the_gradients_of_another_cell_leave_the_balls():
    """The reset before the product, judged as if it came after it: nothing but shapes in common."""

    @SOME
    @given(cases(of_cell(gated()), regimes=("typical",), T=(2, 3), H=(2, 3)))
    def check(case):
        other = of_cell(gated(reset_first=False)).step
        parameters = {**case.parameters, "b_hn": np.zeros_like(case.parameters["b_n"])}
        found = gradients_by_autograd(other, parameters, case.x, case.state, case.cotangents)
        wrong = {f"d{name}": found.parameters[name] for name in case.parameters}
        assert leaving(wrong, balls_of(case)) == list(wrong)

    check()

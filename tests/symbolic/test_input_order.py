"""Reordering the inputs changes the outputs exactly when it must."""

from itertools import permutations

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from program_bounds import DIGITS, radii
from small_cases import small_case, target

from rnnproof.catalogue import network
from rnnproof.errors import UsageError
from rnnproof.model.equation import signal
from rnnproof.model.network import Sizes
from rnnproof.symbolic import bind, difference, evaluate, evaluate_exactly, expand, reordered, unroll
from rnnproof.symbolic.closed_form import formula, matrix

LINEAR = "elman:activation=identity"


def test_the_difference_of_a_swap_is_derived():
    first, second = map(formula, difference(network(f"{LINEAR},bias=false"), (2, 1)))
    assert first == "W_h x_1 - W_h x_2"
    assert second == "W_h x_2 - W_h x_1 + U_h W_h x_1 - U_h W_h x_2"


@pytest.mark.parametrize("order", [order for T in (1, 2, 3) for order in permutations(range(1, T + 1))])
def test_no_order_but_the_given_one_leaves_the_outputs_alone_for_all_weights(order):
    changes = difference(network(LINEAR), order)
    moved = [position for position, step in enumerate(order, 1) if position != step]
    assert [change == 0 for change in changes] == [t < min(moved, default=t + 1) for t in range(1, len(order) + 1)]


def test_the_difference_vanishes_where_it_must():
    """Without W; with equal inputs; and at the last step, over scalars, with U = 1."""
    last = difference(network(LINEAR), (3, 1, 2))[-1]
    assert last.xreplace({matrix("W_h"): sympy.Integer(0)}) == 0
    assert sympy.expand(last.xreplace({matrix(f"x_{t}"): matrix("x") for t in (1, 2, 3)})) == 0
    assert sympy.expand(last.xreplace({matrix("U_h"): sympy.Integer(1)})) == 0
    assert sympy.expand(last.xreplace({matrix("U_h"): sympy.Integer(-1)})) != 0


def test_a_reordered_program_reads_the_inputs_in_their_new_places():
    program = unroll(network("elman:activation=identity,bias=false"), Sizes(T=3, B=1, I=1, H=1))
    moved = reordered(program, (2, 3, 1))
    W, U, h = map(signal, ("W_h[0,0]", "U_h[0,0]", "h[0][0]"))
    x1, x2, x3 = map(signal, ("x[1][0]", "x[2][0]", "x[3][0]"))
    assert sympy.expand(expand(moved, "h[3][0]") - (W * x1 + U * W * x3 + U**2 * W * x2 + U**3 * h)) == 0
    assert reordered(moved, (3, 1, 2)) == program


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.permutations((1, 2, 3, 4)), st.integers(-1, 1))
def test_linear_cells_change_their_outputs_exactly_where_the_derived_difference_is_not_zero(seed, order, scale):
    """Small integers, so that floats are exact; U is diagonal -1, 0 or 1, so that many differences vanish."""
    rng = np.random.default_rng(seed)
    arrays = {"W_h": rng.integers(-1, 2, (2, 2)), "U_h": scale * np.eye(2, dtype=int), "b_h": rng.integers(-2, 3, 2)}
    x, h = rng.integers(-1, 2, (4, 2)), rng.integers(-3, 4, 2)
    program = unroll(network(LINEAR), Sizes(T=4, B=1, I=2, H=2))
    values = bind(program, {**arrays, "x": x, "h": h})
    derived = [evaluate_exactly(one, values) for one in (program, reordered(program, order))]
    cells, state = target(network(LINEAR)), {"h": h[np.newaxis].astype(float)}
    weights = {name: array.astype(float) for name, array in arrays.items()}
    run, other = (
        cells.run(weights, inputs[:, np.newaxis].astype(float), state)[0].ravel()
        for inputs in (x, x[[step - 1 for step in order]])
    )
    names = program.results["outputs"]
    assert list(run) == [int(derived[0][name]) for name in names]
    assert list(other) == [int(derived[1][name]) for name in names]
    assert list(run != other) == [derived[0][name] != derived[1][name] for name in names]


@pytest.mark.parametrize("name", ["elman", "lstm"])
@pytest.mark.parametrize("seed", range(3))
def test_other_cells_change_their_outputs_where_the_difference_exceeds_the_bounds(name, seed):
    """x_1 and x_3 are equal: exchanging them changes no bit; exchanging x_2 and x_3 changes y_2 and y_3."""
    case = small_case(name, Sizes(T=3, B=1, I=2, H=3), seed)
    case.x[2] = case.x[0]
    cells, program = target(case.network), unroll(case.network, case.sizes)
    values = bind(program, case.row(0))
    true = evaluate(program, values)
    run = cells.run(case.parameters, case.x, case.state)[0]
    for order in ((3, 2, 1), (1, 3, 2)):
        steps = [step - 1 for step in order]
        other = cells.run(case.parameters, np.ascontiguousarray(case.x[steps]), case.state)[0]
        moved = reordered(program, order)
        changed = evaluate(moved, values)
        radius, other_radius = radii(program, true, "float64"), radii(moved, changed, "float64")
        with mpmath.workdps(DIGITS):
            must = [
                abs(mpmath.mpf(true[n]) - mpmath.mpf(changed[n])) > radius[n] + other_radius[n]
                for n in program.results["outputs"]
            ]
        assert (
            list((run != other).ravel()) == must == [order == (1, 3, 2) and t > 0 for t in range(3) for _ in range(3)]
        )


@pytest.mark.parametrize("order", [(1, 2), (1, 2, 2), (0, 1, 2), (1, 2, 3, 4)])
def test_an_order_that_is_none_is_refused(order):
    program = unroll(network(LINEAR), Sizes(T=3, B=1, I=2, H=1))
    with pytest.raises(UsageError, match="expected each of the steps 1 to 3 once"):
        reordered(program, order)
    if len(order) != 2 and len(order) != 4:
        with pytest.raises(UsageError, match="expected each of the steps 1 to 3 once"):
            difference(network(LINEAR), order)

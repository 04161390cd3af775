"""The hand-written forward and backward passes against autograd and the enclosed values, inside derived bounds.

Two computations may differ by twice the radius of ``cell_bounds.enclose``: nobody chose a tolerance.
"""

from functools import partial

import numpy as np
import pytest
from cell_bounds import beyond, enclose, flat, worst_ratio
from cell_cases import case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import CELLS, EVERY, PADDED, STACKS, target

from rnnproof.autodiff import gradients
from rnnproof.cells.plain import zero_biases

DTYPES = ("float64", "float32")


def by_hand(target, drawn):
    arguments = drawn.arguments
    run = target.run(*arguments, lengths=drawn.lengths)
    return flat(run, target.grad(*arguments, drawn.cotangents, lengths=drawn.lengths))


def by_autograd(target, drawn):
    params, x, state = drawn.arguments
    run = target.run(params, x, state, lengths=drawn.lengths)
    forward = partial(target.forward, lengths=drawn.lengths)
    found = gradients(forward, zero_biases(params) | params, x, state, drawn.cotangents)
    return flat(run, {**found, "params": {name: found["params"][name] for name in params}})


def agree(target, drawn, dtype):
    """By hand, by autograd, and the centre of the enclosure, which is computed one gate's equation at a time."""
    drawn = drawn.cast(dtype)
    bounds = enclose(target, drawn, dtype)
    mine = by_hand(target, drawn)
    assert not beyond(mine, by_autograd(target, drawn), bounds)
    assert not beyond(mine, {name: bound.value for name, bound in bounds.items()}, bounds)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("network", CELLS)
def test_a_cell_equals_autograd_and_the_enclosed_value(network, dtype):
    @settings(deadline=None, max_examples=30)
    @given(cases(target(network)))
    def check(drawn):
        agree(target(network), drawn, dtype)

    check()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("network", STACKS)
def test_a_stack_equals_autograd_and_the_enclosed_value(network, dtype):
    @settings(deadline=None, max_examples=12)
    @given(cases(target(network), longest=5))
    def check(drawn):
        agree(target(network), drawn, dtype)

    check()


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(EVERY), st.sampled_from(DTYPES))
def test_ragged_rows_equal_autograd_and_the_enclosed_value(data, network, dtype):
    agree(target(network), data.draw(cases(target(network), longest=5, ragged=True)), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("network", PADDED)
def test_ragged_rows_whose_outputs_are_not_zero_in_the_padding(network, dtype):
    @settings(deadline=None, max_examples=12)
    @given(cases(target(network), longest=5, ragged=True))
    def check(drawn):
        agree(target(network), drawn, dtype)

    check()


@pytest.mark.parametrize("network", EVERY)
def test_the_bounds_are_narrow_enough_to_mean_something(network):
    """On the ordinary case, the bound of every array is below a millionth of the array's largest entry."""
    drawn = case(target(network))
    for name, bound in enclose(target(network), drawn, "float64").items():
        assert 2 * bound.radius.max() < 1e-6 * np.abs(bound.value).max(), name


def test_a_gradient_that_is_not_a_number_is_refused():
    assert not worst_ratio(np.array([1.0, np.nan]), np.array([1.0, 1.0]), np.ones(2)) <= 1

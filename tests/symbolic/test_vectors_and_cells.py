"""The hand-worked vectors against the hand-written cells: two witnesses that share nothing."""

import mpmath
import numpy as np
import pytest
from hand_worked import VECTORS
from program_bounds import DIGITS, radii
from small_cases import target, written_by_hand

from rnnproof.catalogue import network
from rnnproof.symbolic import bind, evaluate, unroll

WRITTEN = [vector for vector in VECTORS if written_by_hand(network(vector.network))]


def test_the_elman_network_and_the_lstm_are_among_them():
    assert {"elman", "lstm"} <= {vector.network for vector in WRITTEN}


def floats(numbers) -> np.ndarray:
    return np.array(numbers, dtype=object).astype(float)


def exact(numbers) -> list:
    return [mpmath.mpf(number.evalf(DIGITS)) for number in np.array(numbers, dtype=object).ravel()]


def computed(vector):
    """The cells' outputs and final states, on the arguments rounded to float64."""
    net = network(vector.network)
    arrays = {name: floats(numbers) for name, numbers in vector.arguments.items()}
    state = {name: arrays.pop(name)[np.newaxis] for name in net.states}
    x = arrays.pop("x")[:, np.newaxis]
    outputs, final = target(net).run(arrays, x, state)
    return {"outputs": outputs, **final}


def allowed(vector):
    """The radius of each result, from the rounding of the arguments and of every operation."""
    program = unroll(network(vector.network), vector.sizes)
    values = evaluate(program, bind(program, vector.arguments))
    with mpmath.workdps(DIGITS):
        rounding = {
            name: abs(mpmath.mpf(float(values[name])) - mpmath.mpf(values[name]))
            for group in program.arguments.values()
            for name in group
        }
    radius = radii(program, values, "float64", rounding)
    return {array: [radius[name] for name in names] for array, names in program.results.items()}


def excess(vector, results) -> list[str]:
    """The arrays with an entry beyond its radius."""
    with mpmath.workdps(DIGITS):
        expected = {"outputs": exact(vector.outputs), **{name: exact(s) for name, s in vector.final.items()}}
        return [
            array
            for array, radius in allowed(vector).items()
            for got, should, r in zip(results[array].ravel(), expected[array], radius, strict=True)
            if abs(mpmath.mpf(float(got)) - should) > r
        ]


@pytest.mark.parametrize("vector", WRITTEN, ids=str)
def test_the_cells_compute_the_hand_worked_numbers(vector):
    assert excess(vector, computed(vector)) == []


@pytest.mark.parametrize("vector", WRITTEN, ids=str)
def test_a_number_off_by_one_in_a_hundred_million_is_refused(vector):
    results = computed(vector)
    for array, got in results.items():
        assert array in excess(vector, results | {array: got * (1 + 1e-8)})

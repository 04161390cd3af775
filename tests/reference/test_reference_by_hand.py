"""The reference against the numbers worked out by hand from the papers."""

import numpy as np
import pytest
import sympy
from cases_and_balls import reference
from hand_worked import VECTORS

from rnnproof.catalogue import network
from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS, U64
from rnnproof.model.case import Case, Cotangents
from rnnproof.model.network import Sizes
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint

RATIONAL = [v for v in VECTORS if v.network in ("elman:activation=relu", "elman:activation=identity", "lecture")]
RATIONAL += [v for v in VECTORS if v.network == "elman:activation=relu,readout=identity"]


def floats(numbers):
    return np.array([floats(part) for part in numbers] if isinstance(numbers, tuple) else float(sympy.N(numbers, 40)))


def case_of(vector, d_outputs=None, d_final=None) -> Case:
    """The vector as a case of one row, its numbers rounded to float64."""
    page = network(vector.network)
    sizes: Sizes = vector.sizes
    values = {name: floats(value) for name, value in vector.arguments.items()}
    states = {name: values[name][None] for name in page.states}
    zero = np.zeros(sizes.shape(("T", "B", page.output_size)))
    d_state = {name: np.zeros_like(value) for name, value in states.items()}
    outputs = zero if d_outputs is None else floats(d_outputs)[:, None]
    d_state |= {name: floats(d)[None] for name, d in (d_final or {}).items()}
    parameters = {name: values[name] for name in page.parameters}
    return Case(page, sizes, parameters, values["x"][:, None], states, Cotangents(outputs, d_state))


@pytest.mark.parametrize("vector", RATIONAL, ids=str)
def test_rational_numbers_come_out_exactly(vector):
    trace = reference(case_of(vector))
    assert np.array_equal(trace.outputs[:, 0], floats(vector.outputs))
    for name, final in vector.final.items():
        assert np.array_equal(trace.final[name][0], floats(final))


@pytest.mark.parametrize("vector", [v for v in RATIONAL if v.gradient], ids=str)
def test_rational_gradients_come_out_exactly(vector):
    gradient = vector.gradient
    found = reference(case_of(vector, gradient.outputs, gradient.final)).gradients
    named = {**found.parameters, "x": found.x[:, 0], **{name: d[0] for name, d in found.state.items()}}
    assert set(gradient.expected) == set(named)
    for name, expected in gradient.expected.items():
        assert np.array_equal(named[name], floats(expected)), name


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_every_vector_comes_out_within_its_ball(vector):
    """Weights are logarithms: rounding one moves an output by |dy/dp| u |p|, twice for what is of second order."""
    case = case_of(vector)
    tape = rounding.forward(
        case.network.step,
        case.parameters,
        case.x,
        {name: exact(value) for name, value in case.state.items()},
        FORMATS["float64"],
    )
    outputs = tape.outputs
    entries = outputs.value.size
    each = np.eye(entries).reshape(entries, *outputs.value.shape)
    nothing = {name: np.zeros((entries, *value.shape)) for name, value in case.state.items()}
    slopes = rounding.backward(adjoint(case.network.step), tape, Cotangents(each, nothing))
    moved = np.zeros(entries)
    for name, ball in {**slopes.parameters, **slopes.state}.items():
        given = np.abs(case.parameters.get(name, case.state.get(name))) * U64
        moved += 2 * np.sum(ball.magnitude * given, axis=tuple(range(1, ball.value.ndim)))
    error = np.abs(floats(vector.outputs)[:, None] - outputs.value)
    assert np.all(error <= outputs.radius + moved.reshape(outputs.value.shape))
    assert np.all(outputs.radius + moved.reshape(outputs.value.shape) < 1e-10)

"""The reference against the hand-written cells and autograd: each inside the balls that were derived, none chosen."""

import numpy as np
import pytest
from cases_and_balls import NETWORKS, balls_of, cases, cast, full_precision, leaving, reference, results_of, written
from hypothesis import given, settings
from hypothesis import strategies as st
from interpreter import gradients_by_autograd

from rnnproof.autodiff import gradients
from rnnproof.catalogue import network
from rnnproof.cells.plain import zero_biases
from rnnproof.model.case import Cotangents, first_steps
from rnnproof.model.trace import Gradients, Trace

SOME = settings(max_examples=12, deadline=None)
DTYPES = ("float64", "float32")


def by_hand(case):
    """The hand-written cells' run and gradients, in the case's format."""
    target = written(case.network.name)
    parameters, state = cast(case.parameters, case.dtype), cast(case.state, case.dtype)
    x, d = case.x.astype(case.dtype), case.cotangents
    cotangents = {"outputs": d.outputs.astype(case.dtype), "state": cast(d.state, case.dtype)}
    outputs, final = target.run(parameters, x, state)
    found = target.grad(parameters, x, state, cotangents)
    return results_of(Trace(outputs, final, None, Gradients(found["params"], found["x"], found["state"])))


def by_autograd(case):
    """autograd's gradients of the hand-written forward pass."""
    target = written(case.network.name)
    cotangents = {"outputs": case.cotangents.outputs, "state": case.cotangents.state}
    parameters = zero_biases(case.parameters) | case.parameters
    found = gradients(target.forward, parameters, case.x, case.state, cotangents)
    kept = {name: found["params"][name] for name in case.parameters}
    named = {f"d{name}": value for name, value in kept.items()} | {"dx": found["x"]}
    return named | {f"d{name} initial": value for name, value in found["state"].items()}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NETWORKS)
def test_reference_and_hand_written_cells_lie_in_the_balls(name, dtype):
    @SOME
    @given(cases(network(name), dtype), st.integers(0, 99))
    def check(case, seed):
        for one in (case, full_precision(case, seed)):
            balls = balls_of(one)
            assert leaving(results_of(reference(one)), balls) == []
            assert leaving(by_hand(one), balls) == []

    check()


@pytest.mark.parametrize("name", NETWORKS)
def test_autograd_lies_in_the_balls(name):
    """Twice: of the hand-written forward pass, and of the equations read one by one."""

    @settings(max_examples=6, deadline=None)
    @given(cases(network(name), T=(1, 2, 3, 5)))
    def check(case):
        balls = balls_of(case)
        assert leaving(by_autograd(case), balls) == []
        read = gradients_by_autograd(case.network.step, case.parameters, case.x, case.state, case.cotangents)
        assert leaving({f"d{name}": value for name, value in read.parameters.items()}, balls) == []

    check()


@pytest.mark.parametrize("name", NETWORKS)
def test_one_of_everything(name):
    """T = B = I = H = O = 1: no sum has two terms but those over weights."""

    @SOME
    @given(cases(network(name), "float32", T=(1,), B=(1,), I=(1,), H=(1,), O=(1,)), st.integers(0, 99))
    def check(case, seed):
        one = full_precision(case, seed)
        balls = balls_of(one)
        assert leaving(results_of(reference(one)), balls) == []
        assert leaving(by_hand(one), balls) == []

    check()


@pytest.mark.parametrize("name", NETWORKS)
def test_no_steps_give_the_state_back_and_the_cotangent_of_the_final_state(name):
    @settings(max_examples=3, deadline=None)
    @given(cases(network(name)))
    def check(case):
        nothing = first_steps(case, 0)
        trace = reference(nothing)
        assert trace.outputs.shape == nothing.cotangents.outputs.shape and trace.outputs.shape[0] == 0
        assert trace.gradients.x.shape == nothing.x.shape
        assert all(np.array_equal(trace.final[state], value) for state, value in case.state.items())
        assert all(value.shape[0] == 0 for value in trace.states.values())
        assert not any(value.any() for value in trace.gradients.parameters.values())
        for state, d in case.cotangents.state.items():
            assert np.array_equal(trace.gradients.state[state], d)

    check()


@pytest.mark.parametrize("name", ["lstm", "elman"])
def test_a_wrong_run_leaves_the_balls(name):
    """Each result that is not tiny a little off, by a relative 2^-10 in single precision: each is refused."""

    @SOME
    @given(cases(network(name), "float32", ("typical",), T=(1, 2), H=(2, 3)))
    def check(case):
        balls = balls_of(case)
        results = {n: v for n, v in results_of(reference(case)).items() if np.any(np.abs(v) > 1e-2)}
        wrong = {n: v * np.float32(1 + 2.0**-10) for n, v in results.items()}
        assert leaving(wrong, balls) == list(wrong)

    check()


@pytest.mark.parametrize("only", ["outputs", "h", "c"])
def test_a_cotangent_alone_gives_its_own_part(only):
    """The gradient is linear in the cotangents: of one alone it is autograd's of that one alone."""

    @settings(max_examples=5, deadline=None)
    @given(cases(network("lstm"), T=(1, 2, 4)))
    def check(case):
        full = case.cotangents
        alone = Cotangents(
            full.outputs * (only == "outputs"),
            {name: value * (only == name) for name, value in full.state.items()},
        )
        balls = balls_of(case, alone)
        read = gradients_by_autograd(case.network.step, case.parameters, case.x, case.state, alone)
        assert leaving({f"d{name}": value for name, value in read.parameters.items()}, balls) == []
        assert leaving({"dx": read.x}, balls) == []

    check()

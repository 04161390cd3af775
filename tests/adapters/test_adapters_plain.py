"""Plain targets: every form of them, what they are called with, and what they may leave out."""

import types

import numpy as np
import pytest
from adapter_cases import built, lstm, small
from plain_targets import CASE, Right, ran, target, zeros

import rnnproof
from rnnproof.adapters.plain import plain_implementation
from rnnproof.cells.named import plain_target
from rnnproof.model.network import Sizes

MODULE = types.ModuleType("mine")
MODULE.run = lstm


class Static:
    run = staticmethod(lstm)


FORMS = {
    "class": Right,
    "instance": Right(),
    "class with a static run": Static,
    "module": MODULE,
    "namespace": target(),
    "function": lstm,
    "lambda": lambda p, x, s: lstm(p, x, s),
}


@pytest.mark.parametrize("found", FORMS.values(), ids=FORMS)
def test_every_form_of_target(found):
    outputs, final = lstm(CASE.parameters, CASE.x, CASE.state)
    trace = ran(found)
    assert np.array_equal(trace.outputs, outputs)
    assert {name: array.tolist() for name, array in trace.final.items()} == {k: v.tolist() for k, v in final.items()}
    assert trace.states is None and trace.gradients is None


def test_values_by_hand():
    """One step of one unit: all pre-activations 0, so i = f = o = 1/2, g = 0 and c' = c / 2."""
    case = small(sizes=Sizes(T=1, B=1, I=1, H=1))
    zero = {name: 0 * array for name, array in case.parameters.items()}
    subject = plain_implementation("mine", lstm).build(case.network, zero, "float64")
    trace = subject.run(np.ones((1, 1, 1)), {"h": np.ones((1, 1)), "c": np.full((1, 1), 3.0)})
    assert trace.final["c"].item() == 1.5
    assert trace.outputs.item() == trace.final["h"].item() == 0.5 * np.tanh(1.5)


def test_a_class_is_called_once_a_build_and_an_instance_never():
    made = []

    class Counting(Right):
        def __init__(self):
            made.append(self)

    implementation = plain_implementation("Counting", Counting)
    assert len(made) == 0
    subject = built(implementation, CASE)
    subject.run(CASE.x, CASE.state)
    subject.run(CASE.x, CASE.state, cotangents=CASE.cotangents)
    assert len(made) == 1
    built(implementation, CASE)
    assert len(made) == 2
    only = Counting()
    seen = plain_implementation("only", only)
    assert built(seen, CASE).target is only and len(made) == 3


def test_grad_is_called_directly_after_run_with_the_same_arrays():
    calls = []

    class Recording:
        def run(self, params, x, state):
            calls.append(("run", params, x, state))
            return lstm(params, x, state)

        def grad(self, params, x, state, cotangents):
            calls.append(("grad", params, x, state, cotangents))
            return zeros()

        def states(self, params, x, state):
            calls.append(("states", params, x, state))
            return {name: np.zeros((4, 3, 3)) for name in "hc"}

    trace = ran(Recording, cotangents=CASE.cotangents)
    assert [call[0] for call in calls] == ["run", "grad", "states"]
    for _, params, x, state, *_ in calls:
        assert x is CASE.x
        assert all(params[name] is array for name, array in CASE.parameters.items())
        assert all(state[name] is array for name, array in CASE.state.items())
    assert calls[0][1] is not calls[1][1] and calls[0][3] is not calls[1][3]
    given = calls[1][4]
    assert given["outputs"] is CASE.cotangents.outputs and given["state"]["c"] is CASE.cotangents.state["c"]
    assert trace.states["c"].shape == (4, 3, 3)
    calls.clear()
    assert ran(Recording).gradients is None
    assert [call[0] for call in calls] == ["run", "states"]


def test_changes_to_dictionaries_stay_in_one_call():
    def run(params, x, state):
        result = lstm(params, x, state)
        params.clear()
        state.clear()
        return result

    subject = built(plain_implementation("mine", run), CASE)
    first, again = subject.run(CASE.x, CASE.state), subject.run(CASE.x, CASE.state)
    assert np.array_equal(first.outputs, again.outputs) and set(CASE.parameters) == set(CASE.network.parameters)


def test_changed_arrays_are_seen_by_whoever_gave_them():
    case = small()

    def run(params, x, state):
        result = lstm(params, x, state)
        x *= 2
        params["b_f"] += 1
        state["c"][0] = 7
        return result

    ran(run, case)
    assert np.array_equal(case.x, 2 * CASE.x)
    assert np.array_equal(case.parameters["b_f"], CASE.parameters["b_f"] + 1)
    assert (case.state["c"][0] == 7).all()


def test_strides_and_write_protection_reach_the_target():
    x = np.asfortranarray(CASE.x)
    x.flags.writeable = False
    seen = []

    def run(params, x, state):
        seen.append(x)
        return lstm(params, x, state)

    built(plain_implementation("mine", run), CASE).run(x, CASE.state)
    assert seen[0].strides == x.strides and not seen[0].flags.writeable


def test_the_results_are_handed_on_as_they_are():
    """Their dtype, their strides and what is not finite are judged by laws."""
    outputs = np.full((4, 3, 3), np.nan, "float32")

    def run(params, x, state):
        return outputs, {"h": np.full((3, 3), np.inf), "c": [[0, 1, 2]] * 3}

    trace = ran(run)
    assert trace.outputs.dtype == np.float32 and np.isnan(trace.outputs).all()
    assert np.isinf(trace.final["h"]).all()
    assert trace.final["c"].tolist() == [[0, 1, 2]] * 3


@pytest.mark.parametrize("outputs", [None, np.zeros((3, 3))], ids=["none", "the last step's alone"])
def test_outputs_may_be_left_out(outputs):
    trace = ran(lambda params, x, state: (outputs, lstm(params, x, state)[1]))
    assert trace.outputs is None and set(trace.final) == {"h", "c"}


def test_the_final_state_may_be_left_out():
    trace = ran(lambda params, x, state: (lstm(params, x, state)[0], None))
    assert trace.final == {} and trace.outputs.shape == (4, 3, 3)


def test_gradients_may_be_left_out_one_by_one():
    trace = ran(target(grad=lambda *arguments: {"params": zeros()["params"]}), cotangents=CASE.cotangents)
    assert trace.gradients.x is trace.gradients.state is trace.gradients.states is None
    assert set(trace.gradients.parameters) == set(CASE.parameters)
    trace = ran(target(grad=lambda *arguments: {"x": CASE.x, "params": None}), cotangents=CASE.cotangents)
    assert trace.gradients.parameters == {} and np.array_equal(trace.gradients.x, CASE.x)


def test_an_empty_dictionary_is_nothing_returned():
    right = plain_target("elman")

    class NoStates:
        run = staticmethod(right.run)

        @staticmethod
        def grad(*given, **ragged):
            return {**right.grad(*given, **ragged), "state": {}}

    laws = ("gradient.parameters", "gradient.state")
    report = rnnproof.verify(NoStates, "elman", properties=laws, dtype="float64", max_examples=2)
    assert [finding.outcome.value for finding in report.findings] == ["passed", "not_applicable"]

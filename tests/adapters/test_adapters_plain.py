"""Plain targets: every form of them, what they are called with, and what they may leave out."""

import types

import numpy as np
import pytest
from adapter_cases import SIZES, built, lstm, small
from plain_targets import CASE, Right, ran, target, zeros

from rnnproof.adapters.plain import plain_implementation
from rnnproof.catalogue import network
from rnnproof.errors import TargetError, Unsupported
from rnnproof.model.case import Cotangents
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


def test_gradients_by_every_state():
    every = {name: np.full((4, 3, 3), float(k)) for k, name in enumerate("hc")}
    trace = ran(target(grad=lambda *arguments: zeros() | {"states": every}), cotangents=CASE.cotangents)
    assert (trace.gradients.states["c"] == 1).all()


def test_gradients_that_are_not_claimed_are_not_asked_for():
    def grad(*arguments):
        raise AssertionError("not to be called")

    assert ran(target(grad=grad, claims={"gradients": False}), cotangents=CASE.cotangents).gradients is None


def test_step():
    def step(params, x, state):
        outputs, final = lstm(params, x[None], state)
        return outputs[0], final

    subject = built(plain_implementation("mine", target(step=step)), CASE)
    output, new = subject.step(CASE.x[0], CASE.state)
    outputs, final = lstm(CASE.parameters, CASE.x[:1], CASE.state)
    assert np.array_equal(output, outputs[0]) and np.array_equal(new["c"], final["c"])
    assert built(plain_implementation("mine", target()), CASE).step is None


def test_lengths_go_where_there_is_a_parameter_for_them():
    seen = []

    def run(params, x, state, lengths=None):
        seen.append(lengths)
        return lstm(params, x, state)

    def grad(params, x, state, cotangents, lengths=None):
        seen.append(lengths)
        return zeros()

    lengths = np.array([4, 2, 0])
    implementation = plain_implementation("mine", target(run=run, grad=grad))
    assert implementation.claims.lengths
    subject = built(implementation, CASE)
    subject.run(CASE.x, CASE.state, lengths, CASE.cotangents)
    assert seen[0] is lengths and seen[1] is lengths
    subject.run(CASE.x, CASE.state)
    assert seen[2] is None
    assert not plain_implementation("mine", lstm).claims.lengths
    with pytest.raises(Unsupported, match=r"run takes no lengths"):
        ran(lstm, lengths=lengths)


def test_a_state_of_none_stays_none():
    seen = []

    def run(params, x, state):
        seen.append(state)
        return lstm(params, x, {name: np.zeros((3, 3)) for name in "hc"})

    built(plain_implementation("mine", target(run=run, claims={"state_none": True})), CASE).run(CASE.x, None)
    assert seen == [None]


def test_a_readout_has_its_own_size():
    case = small("elman:readout=identity", Sizes(T=2, B=3, I=2, H=4, O=5))

    def run(p, x, state):
        h, ys = state["h"], []
        for x_t in x:
            h = np.tanh(x_t @ p["W_h"].T + h @ p["U_h"].T + p["b_h"])
            ys.append(h @ p["W_y"].T + p["b_y"])
        return np.array(ys), {"h": h}

    assert ran(run, case).outputs.shape == (2, 3, 5)
    with pytest.raises(TargetError, match=r"got shape \(2, 3, 4\), expected \(2, 3, 5\) = \(T, B, O\)"):
        ran(lambda p, x, s: (np.zeros((2, 3, 4)), None), case)


def test_a_network_that_is_not_claimed_is_refused():
    implementation = plain_implementation("mine", target(claims={"networks": ["lstm", "gru"]}))
    with pytest.raises(Unsupported, match=r"^mine claims lstm, gru; elman is none of these$"):
        implementation.build(network("elman"), {}, "float64")


def test_no_step_at_all():
    case = small(sizes=Sizes(T=0, B=2, I=2, H=3))
    trace = ran(lambda p, x, s: (np.zeros((0, 2, 3)), s), case)
    assert trace.outputs.shape == (0, 2, 3) and np.array_equal(trace.final["h"], case.state["h"])


def test_cotangents_are_complete():
    seen = []

    def grad(params, x, state, cotangents):
        seen.append(cotangents)
        return zeros()

    only = Cotangents(CASE.cotangents.outputs, {name: 0 * array for name, array in CASE.cotangents.state.items()})
    ran(target(grad=grad), cotangents=only)
    assert set(seen[0]) == {"outputs", "state"} and set(seen[0]["state"]) == {"h", "c"}
    assert SIZES.shape(("T", "B", "H")) == seen[0]["outputs"].shape

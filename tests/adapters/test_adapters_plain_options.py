"""What a plain target may have besides: states, a step, lengths, a readout, claims."""

import numpy as np
import pytest
from adapter_cases import SIZES, built, lstm, small
from plain_targets import CASE, ran, target, zeros

from rnnproof.adapters.plain import plain_implementation
from rnnproof.catalogue import network
from rnnproof.errors import TargetError, Unsupported
from rnnproof.model.case import Cotangents
from rnnproof.model.network import Sizes


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


def test_lengths_go_to_a_run_of_any_names_that_claims_them():
    seen = []

    def run(params, x, state, **named):
        seen.append(named)
        return lstm(params, x, state)

    lengths = np.array([4, 4, 4])
    assert not plain_implementation("mine", run).claims.lengths
    claiming = plain_implementation("mine", target(run=run, claims={"lengths": True}))
    built(claiming, CASE).run(CASE.x, CASE.state, lengths)
    assert seen == [{"lengths": lengths}]


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

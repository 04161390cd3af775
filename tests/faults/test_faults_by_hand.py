"""A few faults against what they say, computed by hand in NumPy."""

from dataclasses import replace

import numpy as np

from rnnproof.catalogue import network
from rnnproof.faults.bank import bank, find
from rnnproof.faults.fault import plant
from rnnproof.properties.bounds import Bounds
from rnnproof.strategies.cases import Draw, fill

LSTM = network("lstm")
CASE = fill(LSTM, Draw(4, 2, 2, 3, 2, 2, 5, "typical", 8), "float64")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(p, x, h, c):
    """The outputs of an ordinary LSTM."""
    outputs = []
    for x_t in x:
        z = {k: x_t @ p[f"W_{k}"].T + h @ p[f"U_{k}"].T + p[f"b_{k}"] for k in "ifgo"}
        c = sigmoid(z["f"]) * c + sigmoid(z["i"]) * np.tanh(z["g"])
        h = sigmoid(z["o"]) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs)


def run(fault, case=CASE):
    subject = plant(fault).build(case.network, case.parameters, "float64")
    return subject.run(case.x, case.state, None, case.cotangents)


def named(text):
    (fault,) = [fault for fault in bank(LSTM) if fault.text == text]
    return fault


def equal(got, case):
    """Equal to an ordinary LSTM's run of a case, both within the radius derived for it."""
    ball = Bounds(case).outputs
    by_hand = lstm(case.parameters, case.x, case.state["h"], case.state["c"])
    assert np.all(np.abs(by_hand - ball.value) <= ball.radius)
    return bool(np.all(np.abs(got - ball.value) <= ball.radius))


def with_parameters(**changed):
    return replace(CASE, parameters={**CASE.parameters, **changed})


def test_a_bias_counted_twice_is_that():
    got = run(named("the bias b_o is counted twice")).outputs
    assert equal(got, with_parameters(b_o=2 * CASE.parameters["b_o"]))
    assert not equal(got, CASE)


def test_a_gate_order_is_that():
    i, f = ({k: CASE.parameters[f"{k}_{gate}"] for k in "WUb"} for gate in "if")
    exchanged = {f"{k}_i": f[k] for k in "WUb"} | {f"{k}_f": i[k] for k in "WUb"}
    got = run(named("the gates are read in the order f i g o, not i f g o")).outputs
    assert equal(got, with_parameters(**exchanged))
    assert not equal(got, CASE)


def test_a_dropped_result_is_zero_and_the_rest_is_right():
    wrong, right = run(named("the gradient dc is zero")), run_right()
    assert not wrong.gradients.state["c"].any()
    assert np.array_equal(wrong.gradients.x, right.gradients.x)


def run_right():
    from rnnproof.reference.implementation import Reference

    return Reference().build(LSTM, CASE.parameters, "float64").run(CASE.x, CASE.state, None, CASE.cotangents)


def test_means_over_time_and_batch_are_the_sums_divided():
    """T = 4 and B = 2: the divisions are exact."""
    right = run_right().gradients.parameters
    over_time = run(find(LSTM, "mean over time")).gradients.parameters
    over_batch = run(find(LSTM, "mean over batch")).gradients.parameters
    for name, value in right.items():
        assert np.array_equal(over_time[name], value / 4)
        assert np.array_equal(over_batch[name], value / 2)


def test_state_kept_starts_the_second_call_where_the_first_ended():
    subject = plant(find(LSTM, "state kept")).build(LSTM, CASE.parameters, "float64")
    first = subject.run(CASE.x, CASE.state)
    second = subject.run(CASE.x, CASE.state)
    assert equal(first.outputs, CASE)
    assert equal(second.outputs, replace(CASE, state=first.final))

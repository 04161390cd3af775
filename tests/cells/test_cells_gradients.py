"""The hand-written backward passes against autograd, inside derived bounds; and the faults to be refused.

Two computations may differ by twice the radius of ``cell_bounds.enclose``: nobody chose a tolerance.
"""

from functools import partial

import numpy as np
import pytest
from cell_bounds import beyond, enclose, flat, worst_ratio
from cell_cases import case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import planted

from rnnproof.autodiff import gradients
from rnnproof.cells import activation, elman, lstm, plain_target, readout
from rnnproof.cells.plain import PlainTarget

DTYPES = ("float64", "float32")
TARGETS = [
    plain_target("lstm"),
    *(plain_target("elman", activation=name) for name in ("tanh", "relu", "sigmoid", "identity")),
    *(plain_target("elman", readout=name) for name in ("identity", "tanh", "sigmoid", "softmax")),
]


def by_hand(target, drawn):
    return flat(target.run(*drawn.arguments), target.grad(*drawn.arguments, drawn.cotangents))


def by_autograd(target, drawn):
    run = target.run(*drawn.arguments)
    return flat(run, gradients(target.forward, *drawn.arguments, drawn.cotangents))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.network)
def test_the_backward_pass_equals_autograd(target, dtype):
    @settings(deadline=None, max_examples=40)
    @given(cases(target))
    def check(drawn):
        drawn = drawn.cast(dtype)
        bounds = enclose(target, drawn, dtype)
        assert not beyond(by_hand(target, drawn), by_autograd(target, drawn), bounds)

    check()


@settings(deadline=None, max_examples=40)
@given(st.data(), st.sampled_from(TARGETS), st.sampled_from(DTYPES))
def test_run_and_gradient_equal_the_enclosed_value(data, target, dtype):
    """The centre of the enclosure is a third computation, from one gate's equation at a time."""
    drawn = data.draw(cases(target)).cast(dtype)
    bounds = enclose(target, drawn, dtype)
    centre = {name: bound.value for name, bound in bounds.items()}
    assert not beyond(by_hand(target, drawn), centre, bounds)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.network)
def test_the_bounds_are_narrow_enough_to_mean_something(target):
    """On the ordinary case, the bound of every array is below a millionth of the array's largest entry."""
    drawn = case(target)
    for name, bound in enclose(target, drawn, "float64").items():
        assert 2 * bound.radius.max() < 1e-6 * np.abs(bound.value).max(), name


LSTM_FAULTS = (
    ("axis=1), dc * f", "axis=1), dc"),
    ("axis=1), dc * f", "axis=1), 0 * dc"),
    ("dc = dc + dh * o", "dc = dc - dh * o"),
    ("dc = dc + dh * o * (1 - tanh_c * tanh_c)", "dc = dc + dh * o"),
    ("dc = dc + dh * o *", "dc = dh * o *"),
    ("dz_i = dc * g * i * (1 - i)", "dz_i = dc * g * i"),
    ("dz_i = dc * g", "dz_i = dc * c_before"),
    ("dz_f = dc * c_before", "dz_f = dc * tanh_c"),
    ("dz_g = dc * i * (1 - g * g)", "dz_g = dc * i * (1 - g)"),
    ("dz_o = dh * tanh_c", "dz_o = dh * c_before"),
    ("np.concatenate((dz_i, dz_f, dz_g, dz_o)", "np.concatenate((dz_f, dz_i, dz_g, dz_o)"),
    ('step_back(dh + cotangents["outputs"][t]', "step_back(dh"),
    ('step_back(dh + cotangents["outputs"][t]', 'step_back(cotangents["outputs"][t]'),
    ("dh = dz[t] @ cache.U", "dh = dz[t] @ cache.U * (1 + 1e-9)"),
    ("outer_sum(dz, h[:-1])", "outer_sum(dz, h[1:])"),
    ('"c": dc}}', '"c": 0 * dc}}'),
    ('"h": dh, "c"', '"h": -dh, "c"'),
)
ELMAN_FAULTS = (
    ('pullback(dh + cotangents["outputs"][t], h[t + 1])', 'pullback(dh + cotangents["outputs"][t], h[t])'),
    ('dh + cotangents["outputs"][t]', 'cotangents["outputs"][t]'),
    ("dh = dz[t] @ cache.U", "dh = dz[t] @ cache.U.T"),
    ("dh = dz[t] @ cache.U", "dh = dz[t] @ cache.U if t > 1 else 0 * dh"),
    ("outer_sum(dz, h[:-1])", "outer_sum(dz, h[1:])"),
    ('"h": dh}}', '"h": 0 * dh}}'),
)
READOUT_FAULTS = (
    ('activation.pullback(cotangents["outputs"], cache.outputs)', 'cotangents["outputs"]'),
    ('"outputs": dz @ cache.W,', '"outputs": -dz @ cache.W,'),
    ('"b_y": total(dz)', '"b_y": total(dz) / len(dz)'),
)
ACTIVATION_FAULTS = (
    ("dy * (1 - y * y)", "dy * (1 - y)"),
    ("dy * (y > 0)", "dy"),
    ("dy * y * (1 - y)", "dy * y"),
    ("y * (dy - (dy * y)", "y * (dy + (dy * y)"),
    ("y * (dy - (dy * y).sum(axis=-1, keepdims=True))", "dy * y * (1 - y)"),
)


def refused(faulty, right, T=4):
    """The names at which a faulty gradient leaves the bounds around the right one's forward pass."""
    drawn = case(right, T=T)
    return beyond(by_hand(faulty, drawn), by_autograd(right, drawn), enclose(right, drawn, "float64"))


FORWARD_FAULTS = {
    lstm: (
        ("f * c[t] + i * g", "f * c[t] - i * g"),
        ("f * c[t] + i * g", "f * c[t] + f * g"),
        ("h.append(o * tanh_c)", "h.append(o * c[t + 1])"),
        ("x @ W.T + b ", "x @ W.T + b * (1 + 1e-9) "),
        ("h[t] @ U.T", "h[0] @ U.T"),
        ('{"h": h[-1], "c": c[-1]}', '{"h": c[-1], "c": h[-1]}'),
        ('{"h": h[-1], "c": c[-1]}', '{"h": h[-2], "c": c[-2]}'),
        ("z_i, z_f, z_g, z_o = (z", "z_f, z_i, z_g, z_o = (z"),
    ),
    elman: (
        ("h[t] @ U.T", "h[t] @ U"),
        ("h[t] @ U.T", "h[0] @ U.T"),
        ("from_x[t] +", "from_x[t - 1] +"),
        ('params["b_h"]', 'params["b_h"] * (1 + 1e-9)'),
        ('{"h": h[-1]}), Cache', '{"h": h[-2]}), Cache'),
    ),
}


@pytest.mark.parametrize(
    ("module", "fault"),
    [(module, fault) for module, faults in FORWARD_FAULTS.items() for fault in faults],
    ids=lambda part: part[1] if isinstance(part, tuple) else part.__name__,
)
def test_a_fault_in_a_forward_pass_is_refused(module, fault):
    right = plain_target(module.__name__.rpartition(".")[2])
    copy = planted(module, *fault)
    options = {"activation": activation.ACTIVATIONS["tanh"]} if module is elman else {}
    faulty = PlainTarget(right.network, right.parameters, partial(copy.forward, **options), copy.backward)
    drawn = case(right)
    bounds = enclose(right, drawn, "float64")
    assert beyond(by_hand(faulty, drawn), {name: bound.value for name, bound in bounds.items()}, bounds)


@pytest.mark.parametrize("fault", LSTM_FAULTS, ids=lambda fault: fault[1])
def test_a_fault_in_the_lstm_is_refused(fault):
    right = plain_target("lstm")
    faulty = PlainTarget("lstm", right.parameters, lstm.forward, planted(lstm, *fault).backward)
    assert refused(faulty, right)


@pytest.mark.parametrize("fault", ELMAN_FAULTS, ids=lambda fault: fault[1])
def test_a_fault_in_the_elman_network_is_refused(fault):
    right = plain_target("elman")
    faulty = PlainTarget("elman", right.parameters, right.forward, planted(elman, *fault).backward)
    assert refused(faulty, right)


@pytest.mark.parametrize("fault", READOUT_FAULTS, ids=lambda fault: fault[1])
def test_a_fault_in_the_readout_is_refused(fault):
    right = plain_target("elman", readout="tanh")
    forward = partial(elman.forward, activation=activation.ACTIVATIONS["tanh"])
    passes = planted(readout, *fault).read(forward, elman.backward, activation.ACTIVATIONS["tanh"])
    assert refused(PlainTarget("elman:readout=tanh", right.parameters, *passes), right)


@pytest.mark.parametrize("fault", ACTIVATION_FAULTS, ids=lambda fault: fault[1])
def test_a_fault_in_an_activation_is_refused_by_the_networks_that_use_it(fault):
    faulty_table = planted(activation, *fault).ACTIVATIONS
    caught = []
    for name in ("tanh", "relu", "sigmoid", "softmax"):
        right = plain_target("elman", activation="identity", readout=name if name != "relu" else "none")
        if name == "relu":
            right = plain_target("elman", activation="relu")
            forward = partial(elman.forward, activation=faulty_table["relu"])
            passes = forward, elman.backward
        else:
            forward = partial(elman.forward, activation=activation.ACTIVATIONS["identity"])
            passes = readout.read(forward, elman.backward, faulty_table[name])
        if refused(PlainTarget(right.network, right.parameters, *passes), right):
            caught.append(name)
    assert len(caught) == 1


def test_a_gradient_that_is_not_a_number_is_refused():
    assert not worst_ratio(np.array([1.0, np.nan]), np.array([1.0, 1.0]), np.ones(2)) <= 1


def test_the_forgotten_carry_is_invisible_at_one_step_and_refused_at_two():
    """Why the cases are longer than one step: at T = 1 this fault leaves every parameter gradient right."""
    right = plain_target("lstm")
    forgets = planted(lstm, "axis=1), dc * f", "axis=1), 0 * dc").backward
    faulty = PlainTarget("lstm", right.parameters, lstm.forward, forgets)
    assert set(refused(faulty, right, T=1)) == {"dc"}
    assert "dW_i" in refused(faulty, right, T=2)

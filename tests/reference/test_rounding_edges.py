"""The bounds of an edited adjoint: what is derived has the bounds it has anyway, and an edited one is told apart."""

import numpy as np
import pytest
from cases_and_balls import gradients_named, leaving

from rnnproof.catalogue import network
from rnnproof.cells.named import plain_target
from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS
from rnnproof.faults.bank import bank
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.implementation import Reference
from rnnproof.reference.network import Changed
from rnnproof.strategies.cases import Draw, fill

NETWORKS = ("elman", "gru", "peephole", "jordan:readout=softmax")


def case_of(name, dtype="float64"):
    return fill(network(name), Draw(T=4, B=3, I=2, H=3, O=2, P=2, seed=5, regime="typical", q=8), dtype)


def balls(case, changed):
    state = {name: exact(value) for name, value in case.state.items()}
    form = FORMATS[case.dtype]
    run = rounding.run_in_balls(case.network, case.parameters, case.x, state, form, changed=changed)
    return gradients_named(rounding.pull_in_balls(run, case.cotangents))


def edited(fault):
    return Changed(fault.at, fault.cell, fault.adjoint)


def faults(name):
    return [fault for fault in bank(network(name)) if fault.adjoint is not None]


@pytest.mark.parametrize("name", NETWORKS)
def test_an_adjoint_as_it_is_derived_has_the_bounds_that_it_has_anyway(name):
    case = case_of(name)
    derived = adjoint(case.network.readings[0].cell)
    first, second = balls(case, None), balls(case, Changed(pulled=derived))
    for key, ball in first.items():
        assert np.all(np.abs(ball.value - second[key].value) <= ball.radius / 64)
        assert np.all(np.abs(ball.radius - second[key].radius) <= ball.radius * 2.0**-40)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_an_edited_one_is_inside_its_own_bounds_and_outside_those_of_another(name, dtype):
    case = case_of(name, dtype)
    every = faults(name)[::9]
    ran = {}
    for fault in every:
        subject = Reference(changed=edited(fault)).build(case.network, case.parameters, dtype)
        given = {n: v.astype(dtype) for n, v in case.state.items()}
        ran[fault] = subject.run(case.x.astype(dtype), given, None, case.cotangents).gradients
    for n, fault in enumerate(every):
        own = balls(case, edited(fault))
        assert leaving(gradients_named(ran[fault]), own) == []
        another = every[(n + 1) % len(every)]
        assert leaving(gradients_named(ran[another]), own)


def test_a_pass_that_was_not_changed_is_executed_on_the_changed_tape():
    """By hand: h' = h + x; the backward pass is still that of h' = 2 h: dh initial = 2^T times what comes in."""
    from rnnproof.model.cell import Cell
    from rnnproof.model.equation import Elementwise, signals
    from rnnproof.model.network import Network

    x, h = signals("x h")
    doubled = Cell("doubled", (Elementwise("h'", 2 * h + 0 * x),), (("h", "h'"),), "h'", input_size="H")
    added = Cell("added", (Elementwise("h'", h + x),), (("h", "h'"),), "h'", input_size="H")
    case = fill(Network("doubled", doubled), Draw(3, 2, 2, 2, 1, 1, 0, "typical", 8), "float64")
    found = balls(case, Changed(cell=added, pulled=adjoint(doubled)))
    outputs, last = case.cotangents.outputs, case.cotangents.state["h"]
    expected = 8 * (outputs[2] + last) + 4 * outputs[1] + 2 * outputs[0]
    ball = found["dh initial"]
    assert np.all(np.abs(ball.value - expected) <= ball.radius)
    assert np.all(ball.radius < 2.0**-40)


def test_the_witnesses_own_gradients_leave_the_bounds_of_every_edited_pass():
    case = case_of("gru")
    target = plain_target("gru")
    target.run(case.parameters, case.x, case.state)
    given = {"outputs": case.cotangents.outputs, "state": case.cotangents.state}
    got = target.grad(case.parameters, case.x, case.state, given)
    named = {f"d{n}": v for n, v in got["params"].items()} | {"dx": got["x"]}
    for fault in faults("gru")[::13]:
        own = {key: ball for key, ball in balls(case, edited(fault)).items() if key in named}
        assert any(np.any(np.abs(named[key] - ball.value) > ball.radius) for key, ball in own.items())

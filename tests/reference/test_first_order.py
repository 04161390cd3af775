"""What a scalar of a long run is off by, to first order: beside the running bound, witnesses, and planted roundings."""

from dataclasses import replace

import numpy as np
import pytest
from cases_and_balls import balls_of, cases, cast, full_precision, leaving, of_cell, written
from hypothesis import given, settings
from user_cells import CELLS

from rnnproof.catalogue import network
from rnnproof.domains.formats import FORMATS
from rnnproof.model.equation import Elementwise
from rnnproof.properties.bounds import Bounds
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.cotangents import cotangents
from rnnproof.reference.first_order import long_run, reached, signs, smooth
from rnnproof.reference.forward import forward
from rnnproof.strategies.cases import Draw, fill

SOME = settings(max_examples=8, deadline=None)
SMOOTH = (
    "lstm",
    "gru",
    "gru:reset=before",
    "peephole:coupled=input",
    "elman:readout=softmax",
    "elman:activation=sigmoid,readout=identity,direction=backward",
    "lstm:projection=P,layers=2",
    "jordan:layers=2,direction=bidirectional,merge=product",
    "lecture_lstm:direction=bidirectional,merge=mean",
)
CHAIN = [of_cell(cell) for cell in CELLS if smooth(of_cell(cell))]


def linearised(case):
    return long_run(case.network, case.parameters, case.x, case.state, FORMATS[case.dtype])


@pytest.mark.parametrize("page", [network("lstm"), network("elman:readout=softmax"), *CHAIN], ids=lambda p: p.name)
def test_the_cotangents_of_the_input_and_of_the_first_states_are_the_gradients(page):
    """Two executors of the same edges: every entry inside the ball that the other one gives."""

    @SOME
    @given(cases(page))
    def check(case):
        tape = forward(page.step, case.parameters, case.x, case.state)
        found = cotangents(adjoint(page.step), tape, case.cotangents.outputs, case.cotangents.state)
        got = {"dx": found[page.cell.input]} | {f"d{name} initial": found[name][0] for name in case.state}
        balls = balls_of(case)
        assert leaving(got, {name: balls[name] for name in got}) == []

    check()


@pytest.mark.parametrize("name", SMOOTH)
def test_on_a_short_run_it_is_below_the_running_bound(name):
    """Absolute values are taken once, not at each step: for each single entry the bound is smaller, or equal."""
    case = fill(network(name), Draw(3, 2, 2, 3, 2, 2, 5, "typical", 18), "float32")
    long, bounds = linearised(case), Bounds(case)
    entries = np.eye(long.outputs.size).reshape(-1, *long.outputs.shape)
    none = {n: np.zeros((len(entries), *value.shape)) for n, value in long.final.items()}
    first = reached(long, entries, none)
    running = bounds.outputs.radius.ravel()
    assert np.all(first <= running * (1 + 2.0**-10)) and np.all(first > 0)
    assert np.median(first / running) > 0.2


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_hand_written_cells_stay_within_it_whatever_signs_are_chosen(name, dtype):
    q = 18 if dtype == "float32" else 40
    case = full_precision(fill(network(name), Draw(60, 1, 4, 8, 3, 4, 1, "typical", q), dtype), 1)
    long = linearised(case)
    target = written(name)
    got, final = target.run(cast(case.parameters, dtype), case.x.astype(dtype), cast(case.state, dtype))
    off, ended = got - long.outputs, {n: final[n] - value for n, value in long.final.items()}
    outputs, states = signs(long, 5, seed=3)
    outputs = np.concatenate([np.sign(off)[None], outputs])
    states = {n: np.concatenate([np.sign(ended[n])[None], states[n]]) for n in ended}
    error = (outputs * off).sum((1, 2, 3)) + sum((states[n] * d).sum((1, 2)) for n, d in ended.items())
    ratios = np.abs(error) / reached(long, outputs, states)
    assert ratios.max() < 1 and ratios[0] > 2.0**-14


@pytest.mark.parametrize("target", ["i", "c'", "h'", "z_f"])
def test_a_rounding_of_one_equation_at_one_step_reaches_the_scalar_as_it_says(target):
    """One equation at one step is off by delta: the scalar is off by dL/dv delta, but for what is of second order."""
    case = fill(network("lstm"), Draw(30, 1, 2, 3, 2, 2, 2, "typical", 30), "float64")
    tape = forward(case.network.step, case.parameters, case.x, case.state)
    weights = {n: np.ones_like(v) for n, v in tape.final.items()}
    every = cotangents(adjoint(case.network.step), tape, np.ones_like(tape.outputs), weights)
    delta, t = 2.0**-20, 7
    state = {name: tape.signals[name][t] for name in case.state}
    moved = _off_at_once(case, target, delta, t, state)
    before = tape.outputs[t:].sum() + sum(v.sum() for v in tape.final.values())
    assert abs((moved - before) / delta - every[target][t].sum()) < 2.0**-10 * np.abs(every[target][t]).sum()


def _off_at_once(case, target, delta, t, state):
    """The scalar from step t on, every entry of one equation being off by delta at step t alone."""
    cell = case.network.step
    off = {True: lambda e: Elementwise(e.target, e.expression + delta)}
    parameters = dict(case.parameters)
    if target.startswith("z_"):
        parameters[f"b_{target[2:]}"] = parameters[f"b_{target[2:]}"] + delta
    else:
        cell = replace(cell, equations=tuple(off[True](e) if e.target == target else e for e in cell.equations))
    first = forward(cell, parameters, case.x[t : t + 1], state)
    rest = forward(case.network.step, case.parameters, case.x[t + 1 :], first.final)
    return first.outputs.sum() + rest.outputs.sum() + sum(v.sum() for v in rest.final.values())


def test_where_an_equation_has_a_kink_there_is_no_first_order():
    assert not smooth(network("elman:activation=relu")) and not smooth(network("lstm:clip=2"))
    assert smooth(network("elman:readout=softmax"))

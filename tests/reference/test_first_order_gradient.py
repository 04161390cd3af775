"""What a scalar of the gradients of a long run is off by, to first order: beside the running bound and a witness."""

from dataclasses import replace

import numpy as np
import pytest
from cases_and_balls import cast, full_precision, of_cell, written
from user_cells import CELLS

from rnnproof.catalogue import network
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Cotangents
from rnnproof.properties.bounds import Bounds
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.backward import backward
from rnnproof.reference.cotangents import swept
from rnnproof.reference.first_order import smooth
from rnnproof.reference.first_order_gradient import Directions, long_gradients, reached_gradients, tangents, uses
from rnnproof.reference.forward import forward
from rnnproof.strategies.cases import Draw, fill

NAMES = (
    "lstm",
    "gru",
    "gru:reset=before",
    "peephole:coupled=input",
    "elman:readout=softmax",
    "lstm:projection=P,layers=2",
)
PAGES = [*map(network, NAMES), *(of_cell(cell) for cell in CELLS if smooth(of_cell(cell)))]
WRITTEN = (*NAMES, "jordan", "lecture_lstm", "elman:activation=sigmoid,readout=identity")


def linearised(case):
    cell = case.network.step
    return long_gradients(cell, case.parameters, case.x, case.state, case.cotangents, FORMATS[case.dtype])


def directions(case, count, seed=0):
    rng = np.random.default_rng(seed)

    def each(arrays):
        return {name: rng.choice([-1.0, 1.0], (count, *value.shape)) for name, value in arrays.items()}

    return Directions(each(case.parameters), each({"x": case.x})["x"], each(case.state))


def weigh(weighed, parameters, x, state):
    """The scalars: the gradients, weighed."""
    sums = [(weighed.parameters[name], value) for name, value in parameters.items()]
    sums += [(weighed.x, x), *((weighed.state[name], value) for name, value in state.items())]
    return sum((by * value).reshape(len(by), -1).sum(axis=1) for by, value in sums)


def scalars(case, weighed):
    tape = forward(case.network.step, case.parameters, case.x, case.state)
    found = backward(adjoint(case.network.step), tape, case.cotangents)
    return weigh(weighed, found.parameters, found.x, found.state)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_q_is_how_the_run_moves_with_the_parameters_the_inputs_and_the_first_states(page):
    """<cotangents, q> is the sum of direction times gradient: two sweeps, one forward and one back, one number."""
    case = fill(page, Draw(5, 2, 2, 3, 2, 2, 4, "typical", 20), "float64")
    weighed = directions(case, 3)
    q = tangents(linearised(case), weighed)
    cell = page.step
    moved = (q[cell.output] * case.cotangents.outputs).reshape(3, -1).sum(axis=1)
    stored = dict(adjoint(cell).cell.states)
    moved += sum((q[stored[n]][:, -1] * d).reshape(3, -1).sum(axis=1) for n, d in case.cotangents.state.items())
    expected = scalars(case, weighed)
    size = sum(
        np.abs(value).sum() for value in Bounds(case).gradients(None).parameters.values() for value in [value.value]
    )
    assert np.all(np.abs(moved - expected) <= 2**10 * FORMATS["float64"].roundoff * (size + np.abs(expected)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_for_single_entries_it_is_below_the_running_bound(page):
    case = fill(page, Draw(3, 2, 2, 3, 2, 2, 5, "typical", 18), "float32")
    long, running = linearised(case), Bounds(case).gradients(None)
    ratios = []
    for name in [*case.parameters, "x", *case.state]:
        like = case.x if name == "x" else {**case.parameters, **case.state}[name]
        entries = np.eye(like.size).reshape(-1, *like.shape)
        none = directions(case, like.size)
        weighed = Directions(
            {n: entries if n == name else 0 * v for n, v in none.parameters.items()},
            entries if name == "x" else 0 * none.x,
            {n: entries if n == name else 0 * v for n, v in none.state.items()},
        )
        ball = running.x if name == "x" else {**running.parameters, **running.state}[name]
        ratios.append((reached_gradients(long, weighed) / ball.radius.ravel())[ball.radius.ravel() > 2.0**-100])
    every = np.concatenate(ratios)
    assert np.all(every <= 1 + 2.0**-10) and np.median(every) > 0.1


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_hand_written_backward_passes_stay_within_it_whatever_signs_are_chosen(name, dtype):
    q = 18 if dtype == "float32" else 40
    case = full_precision(fill(network(name), Draw(40, 1, 4, 8, 3, 4, 1, "typical", q), dtype), 1)
    long = linearised(case)
    target = written(name)
    d = {"outputs": case.cotangents.outputs.astype(dtype), "state": cast(case.cotangents.state, dtype)}
    got = target.grad(cast(case.parameters, dtype), case.x.astype(dtype), cast(case.state, dtype), d)
    true = long.gradients
    off = {n: got["params"][n] - value for n, value in true.parameters.items()}
    dx, ended = got["x"] - true.x, {n: got["state"][n] - value for n, value in true.state.items()}
    random = directions(case, 4)

    def signs(difference, drawn):
        return np.concatenate([np.sign(difference)[None], drawn])

    weighed = Directions(
        {n: signs(off[n], v) for n, v in random.parameters.items()},
        signs(dx, random.x),
        {n: signs(ended[n], v) for n, v in random.state.items()},
    )
    ratios = np.abs(weigh(weighed, off, dx, ended)) / reached_gradients(long, weighed)
    assert ratios.max() < 1 and ratios[0] > 2.0**-16


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_an_input_is_to_the_scalar_is_its_difference_quotient(page):
    """dG/dx_t, from the sweep that carries p, beside (G(x + h) - G(x - h)) / 2h."""
    case = fill(page, Draw(4, 1, 2, 3, 2, 2, 6, "vanishing", 20), "float64")
    long, weighed, h = linearised(case), directions(case, 1), 2.0**-17
    p = swept(long.pulled, long.tape, uses(long, weighed, tangents(long, weighed)), (1,))[page.cell.input][0]
    for index in np.ndindex(*case.x.shape):
        step = np.zeros_like(case.x)
        step[index] = h
        there, back = (scalars(replace(case, x=case.x + s), weighed)[0] for s in (step, -step))
        assert abs((there - back) / (2 * h) - p[index]) < 2**10 * h * (1 + np.abs(p).max())


def test_the_cotangents_may_be_of_the_final_states_alone():
    case = fill(network("lstm"), Draw(3, 2, 2, 3, 2, 2, 5, "typical", 18), "float32")
    alone = replace(case, cotangents=Cotangents(0 * case.cotangents.outputs, case.cotangents.state))
    first = reached_gradients(linearised(alone), directions(case, 2))
    assert np.all(first > 0) and np.all(np.isfinite(first))

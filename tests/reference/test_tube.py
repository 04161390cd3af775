"""The tube of right code around a long run: hand-written cells stay inside, one that errs late leaves it."""

import numpy as np
import pytest
from cases_and_balls import cast, full_precision, written

from rnnproof.catalogue import network
from rnnproof.domains.formats import FORMATS
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.long import tube_of
from rnnproof.reference.tube import can_be_followed
from rnnproof.strategies.cases import Draw, fill, long_draw

NAMES = (
    "lstm",
    "gru",
    "gru:reset=before",
    "peephole:coupled=input",
    "elman:readout=tanh",
    "jordan:readout=tanh",
    "lstm:projection=P,layers=2",
    "lecture_lstm",
)


def case_of(name, dtype, steps=50, rows=1):
    q = 18 if dtype == "float32" else 40
    return full_precision(fill(network(name), Draw(steps, rows, 4, 8, 3, 4, 1, "typical", q), dtype), 1)


def results_of(name, case):
    target = written(name)
    run = target.run(cast(case.parameters, case.dtype), case.x.astype(case.dtype), cast(case.state, case.dtype))
    return {"outputs": run[0], **run[1]}


def ratios(got, tube):
    balls = {"outputs": tube.outputs, **tube.final}
    return np.concatenate([(np.abs(v - balls[n].value) / balls[n].radius).ravel() for n, v in got.items()])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_hand_written_cells_stay_inside(name, dtype):
    case = case_of(name, dtype)
    found = ratios(results_of(name, case), tube_of(Bounds(case)))
    assert 2.0**-12 < found.max() < 1


def test_each_row_of_a_batch_has_a_tube_of_its_own():
    case = case_of("lstm", "float32", rows=3)
    assert 2.0**-12 < ratios(results_of("lstm", case), tube_of(Bounds(case))).max() < 1


@pytest.mark.parametrize("name", NAMES)
def test_on_a_few_steps_it_is_hardly_wider_than_the_running_bound(name):
    case = case_of(name, "float32", steps=4)
    tube, bounds = tube_of(Bounds(case)), Bounds(case)
    assert np.all(tube.outputs.radius <= 2 * bounds.outputs.radius)


def test_where_the_running_bound_knows_nothing_it_still_does():
    case = fill(network("lstm"), long_draw("float32", {}), "float32")
    assert not np.isfinite(Bounds(case).outputs.radius[-1]).any()
    tube = tube_of(Bounds(case))
    assert np.all(tube.outputs.radius < 2**12 * FORMATS["float32"].roundoff)


def test_a_state_that_is_off_by_little_at_one_step_leaves_it():
    case = case_of("lstm", "float32")
    tube = tube_of(Bounds(case))
    moved = results_of("lstm", case)
    moved["outputs"] = moved["outputs"].copy()
    moved["outputs"][40, 0, 3] += 4 * tube.outputs.radius[40, 0, 3]
    assert ratios(moved, tube).max() > 1


def test_cells_with_kinks_or_a_softmax_have_none():
    assert can_be_followed(network("lstm").step) and can_be_followed(network("jordan:readout=tanh").step)
    for name in ("elman:activation=relu", "jordan:readout=softmax", "lstm:recurrent=hard_sigmoid"):
        assert not can_be_followed(network(name).step)

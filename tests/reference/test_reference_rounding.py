"""Balls of whole runs: as rigorous for many cotangents at once as for one, and not much wider than they need be."""

from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from cases_and_balls import (
    NETWORKS,
    balls_of,
    cases,
    cast,
    full_precision,
    leaving,
    of_cell,
    reference,
    results_of,
    tape_of,
    written,
)
from hypothesis import given, settings
from user_cells import CELLS

from rnnproof.catalogue import network
from rnnproof.cells.bfloat16 import InBfloat16
from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Case, Cotangents, with_cotangents
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.forward import forward
from rnnproof.strategies.cases import draws, fill
from rnnproof.strategies.regimes import ORDINARY
from rnnproof.strategies.search import sample

SOME = settings(max_examples=8, deadline=None)


@pytest.mark.parametrize(
    "page",
    [network("lstm"), network("elman:readout=tanh"), network("elman:readout=softmax"), of_cell(CELLS[0])],
    ids=lambda p: p.name,
)
def test_many_cotangents_at_once_are_each_alone(page):
    """Leading axes (3, 2) of cotangents: entry by entry the same ball, to what summing otherwise may round."""

    @SOME
    @given(cases(page))
    def check(case):
        rng = np.random.default_rng(0)
        full = case.cotangents
        outputs = rng.normal(size=(3, 2, *full.outputs.shape))
        state = {name: rng.normal(size=(3, 2, *value.shape)) for name, value in full.state.items()}
        tape, pulled = tape_of(case), adjoint(case.network.step)
        together = rounding.backward(pulled, tape, Cotangents(outputs, state))
        for index in np.ndindex(3, 2):
            one = Cotangents(outputs[index], {name: value[index] for name, value in state.items()})
            alone = rounding.backward(pulled, tape, one)
            pairs = [(together.x, alone.x), *((together.state[n], b) for n, b in alone.state.items())]
            pairs += [(together.parameters[n], b) for n, b in alone.parameters.items()]
            for many, single in pairs:
                assert np.all(np.abs(many.value[index] - single.value) <= np.minimum(many.radius[index], single.radius))
                assert np.all(many.radius[index] <= 2 * single.radius) and np.all(
                    single.radius <= 2 * many.radius[index]
                )

    check()


@pytest.mark.parametrize("cell", [network("lstm").step, *CELLS], ids=lambda cell: cell.name)
def test_two_executors_of_the_same_edges_agree(cell):
    """The compiled backward pass, and the one in balls: same edges, nothing else in common."""

    @SOME
    @given(cases(of_cell(cell)))
    def check(case):
        for only in (None, "outputs", *case.state):
            one = replace(case, cotangents=with_cotangents(case, only))
            assert leaving(results_of(reference(one)), balls_of(one)) == []

    check()


def test_a_state_known_to_within_a_radius_gives_every_run_from_inside_it():
    case = fill(network("lstm"), sample(draws(("typical",), "float64", {"T": (3,)}), 1, 0)[0], "float64")
    radius = 2.0**-12
    state = {n: Bounded(v, np.full_like(v, radius)) for n, v in case.state.items()}
    tape = rounding.forward(case.network.step, case.parameters, case.x, state, FORMATS["float64"])
    rng = np.random.default_rng(1)
    for _ in range(20):
        moved = {name: v + radius * rng.uniform(-1, 1, v.shape) for name, v in case.state.items()}
        run = forward(case.network.step, case.parameters, case.x, moved)
        assert leaving({"outputs": run.outputs}, {"outputs": tape.outputs}) == []
    far = {name: v + 64 * radius for name, v in case.state.items()}
    run = forward(case.network.step, case.parameters, case.x, far)
    assert leaving({"outputs": run.outputs}, {"outputs": tape.outputs}) == ["outputs"]


def test_a_gradient_that_nothing_reaches_is_exactly_zero():
    """One step from a cell state of zero: the forget gate changes nothing."""
    found = (fill(network("lstm"), draw, "float64") for draw in sample(draws(("zero",), "float64", {"T": (1,)}), 20, 0))
    case = next(case for case in found if case.x.any())
    balls = balls_of(case)
    assert not balls["dU_f"].value.any() and np.all(balls["dU_f"].radius <= 2.0**-1040)
    assert balls["dW_i"].value.any()


# --- how wide ------------------------------------------------------------------------------------


def reversed_units(case: Case) -> dict:
    """The hand-written cells with inputs and hidden units in reverse order: right code that sums in another order."""
    target = written(case.network.name)
    target = InBfloat16(target) if case.dtype == "bfloat16" else target
    cell = case.network.step.parameters

    def turned(array, letters):
        flipped = tuple(slice(None, None, -1) if letter in "IH" else slice(None) for letter in letters)
        return np.ascontiguousarray(array[flipped])

    P = {n: turned(v, cell[n]) for n, v in cast(case.parameters, case.dtype).items()}
    x, state = turned(case.x.astype(case.dtype), "TBI"), {n: turned(v, "BH") for n, v in case.state.items()}
    d = case.cotangents
    letters = "TB" + case.network.output_size
    cotangents = {"outputs": turned(d.outputs.astype(case.dtype), letters)}
    cotangents["state"] = {n: turned(v.astype(case.dtype), "BH") for n, v in d.state.items()}
    state = cast(state, case.dtype)
    outputs, final = target.run(P, x, state)
    found = target.grad(P, x, state, cotangents)
    gradients = Gradients(
        {n: turned(v, cell[n]) for n, v in found["params"].items()},
        turned(found["x"], "TBI"),
        {n: turned(v, "BH") for n, v in found["state"].items()},
    )
    return results_of(Trace(turned(outputs, letters), {n: turned(v, "BH") for n, v in final.items()}, None, gradients))


def ratios(name: str, dtype: str):
    """Over eighty cases of at most six steps, the largest error / radius: of the forward pass, and of the gradients.

    With weights of full precision: those of few bits give sums without any rounding, the same in every order.
    """
    found, steps = [], (1, 1, 2) if dtype == "bfloat16" else (1, 2, 3, 4, 5, 6)
    for draw in sample(draws(ORDINARY, dtype, {"I": (2,), "H": (3,), "T": steps}), 80, 0):
        case = full_precision(fill(network(name), draw, dtype), draw.seed)
        balls, results = balls_of(case), reversed_units(case)
        with np.errstate(invalid="ignore"):
            each = {
                n: float(np.nanmax(np.abs(got.astype(float) - balls[n].value) / balls[n].radius))
                for n, got in results.items()
                if balls[n].radius.any()
            }
        halves = [[r for n, r in each.items() if n.startswith("d") == back] for back in (False, True)]
        found.append([max(half, default=0.0) for half in halves])  # no gradient reaches anything behind dead units
    return [[row[k] for row in found] for k in range(2)]


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_balls_are_not_much_wider_than_right_code_needs(name, dtype, record_property):
    """At I=2, H=3, T up to 6: the median of error / radius of right code is above 0.01, and none is above 1.

    The radius of a whole run grows faster than its error: over all T up to 12 it is 0.010 in gradients of the LSTM.
    """
    forward_ratios, gradient_ratios = ratios(name, dtype)
    record_property("median ratios", (median(forward_ratios), median(gradient_ratios)))
    print(f"{name:52}{dtype}: forward {median(forward_ratios):.3f}, gradients {median(gradient_ratios):.3f}")
    assert max(forward_ratios) <= 1 and max(gradient_ratios) <= 1
    assert median(forward_ratios) > 0.01 and median(gradient_ratios) > 0.01

"""One forward and backward pass of an LSTM, I=32 H=64 T=32 B=8, float64: the reference beside three others.

    pytest tests/benchmarks/test_reference_speed.py -p no:xdist -o addopts=""

The reference should take at most 1.5 times PyTorch's time, and a third of autograd's. Nothing here asserts a time;
that all four compute the same is asserted, inside the derived radii where these say anything: the first four steps.
"""

import numpy as np
import pytest

from rnnproof.autodiff import gradients
from rnnproof.catalogue import network
from rnnproof.cells import lstm
from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Case, Cotangents, first_steps
from rnnproof.model.network import Sizes
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.backward import backward
from rnnproof.reference.forward import forward

LSTM = network("lstm")
SIZES = Sizes(T=32, B=8, I=32, H=64)
THREADS = 2
SAME_WORK = pytest.mark.benchmark(group="lstm forward and backward", warmup=True, min_rounds=50)


def drawn() -> Case:
    rng = np.random.default_rng(0)
    shapes = LSTM.shapes(SIZES)
    parameters = {name: rng.normal(size=shape) / np.sqrt(SIZES.H) for name, shape in shapes.items()}
    state, d_state = ({name: rng.normal(size=(SIZES.B, SIZES.H)) for name in "hc"} for _ in range(2))
    x = rng.normal(size=(SIZES.T, SIZES.B, SIZES.I))
    outputs = rng.normal(size=(SIZES.T, SIZES.B, SIZES.H))
    return Case(LSTM, SIZES, parameters, x, state, Cotangents(outputs, d_state))


def reference(case: Case):
    tape = forward(LSTM.step, case.parameters, case.x, case.state)
    return backward(adjoint(LSTM.step), tape, case.cotangents).parameters


def by_hand(case: Case):
    _, cache = lstm.forward(case.parameters, case.x, case.state)
    d = case.cotangents
    return lstm.backward({"outputs": d.outputs, "state": d.state}, cache)["params"]


def by_autograd(case: Case):
    d = case.cotangents
    cotangents = {"outputs": d.outputs, "state": d.state}
    return gradients(lstm.forward, case.parameters, case.x, case.state, cotangents)["params"]


def torch_layer(case: Case):
    """(a function of no arguments that runs both ways, the layer)"""
    torch = pytest.importorskip("torch")
    layer = torch.nn.LSTM(SIZES.I, SIZES.H, dtype=torch.float64)
    rows = {kind: np.concatenate([case.parameters[f"{kind}_{gate}"] for gate in "ifgo"]) for kind in "WUb"}
    given = {
        "weight_ih_l0": rows["W"],
        "weight_hh_l0": rows["U"],
        "bias_ih_l0": rows["b"] / 2,
        "bias_hh_l0": rows["b"] / 2,
    }
    layer.load_state_dict({name: torch.from_numpy(value) for name, value in given.items()})
    x = torch.from_numpy(case.x).requires_grad_()
    states = tuple(torch.from_numpy(case.state[name])[None].requires_grad_() for name in "hc")
    d = case.cotangents
    pulled = [torch.from_numpy(part) for part in (d.outputs, *(d.state[name][None] for name in "hc"))]
    wanted = [*layer.parameters(), x, *states]

    def run():
        outputs, final = layer(x, states)
        return torch.autograd.grad([outputs, *final], wanted, pulled)

    return run


def by_torch(case: Case):
    dW, dU, db, *_ = (part.numpy() for part in torch_layer(case)())
    stacked = {"W": dW, "U": dU, "b": db}
    blocks = {kind: np.split(rows, 4) for kind, rows in stacked.items()}
    return {f"{kind}_{gate}": block[n] for kind, block in blocks.items() for n, gate in enumerate("ifgo")}


@pytest.mark.parametrize("compute", [reference, by_hand, by_autograd, by_torch])
def test_all_four_compute_the_same(compute):
    case = first_steps(drawn(), 4)
    state = {name: exact(value) for name, value in case.state.items()}
    tape = rounding.forward(LSTM.step, case.parameters, case.x, state, FORMATS["float64"])
    balls = rounding.backward(adjoint(LSTM.step), tape, case.cotangents).parameters
    for name, got in compute(case).items():
        assert np.all(np.abs(got - balls[name].value) <= balls[name].radius), name
        assert np.median(balls[name].radius / np.abs(balls[name].value)) < 2.0**-20, name


@SAME_WORK
def test_by_the_reference(benchmark):
    benchmark(reference, drawn())


@SAME_WORK
def test_by_hand(benchmark):
    benchmark(by_hand, drawn())


@SAME_WORK
def test_by_autograd(benchmark):
    benchmark(by_autograd, drawn())


@SAME_WORK
def test_by_torch(benchmark):
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        benchmark(torch_layer(drawn()))
    finally:
        torch.set_num_threads(before)

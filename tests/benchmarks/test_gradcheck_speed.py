"""Every gradient entry of torch.nn.LSTM(16,16), T=8, B=4, float64: ours with ten cotangents, and gradcheck.

Run with ``pytest -o addopts= tests/benchmarks``; the figures are printed side by side, and none is asserted.
"""

from dataclasses import replace

import numpy as np
import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.model.case import Cotangents
from rnnproof.model.verdict import Outcome
from rnnproof.properties import gradient
from rnnproof.properties.agree import agree
from rnnproof.properties.trial import Bounds, Trial
from rnnproof.strategies.cases import Draw, fill

torch = pytest.importorskip("torch")
TARGET = resolve("torch.nn:LSTM")
CASE = fill(TARGET.network, Draw(8, 4, 16, 16, 1, 1, 0, "typical", 16), "float64")
COTANGENTS = 10


def cotangents():
    """Ten random cotangents, of the outputs and of each final state."""
    rng = np.random.default_rng(0)
    given = CASE.cotangents
    for _ in range(COTANGENTS):
        state = {name: rng.standard_normal(value.shape) for name, value in given.state.items()}
        yield Cotangents(rng.standard_normal(given.outputs.shape), state)


def every_entry():
    """Parameters, x and initial states, inside their derived bounds; the forward pass in balls is made once."""
    first = Bounds(CASE)
    tape = first.tape
    verdicts = []
    for given in cotangents():
        bounds = Bounds(replace(CASE, cotangents=given))
        bounds.__dict__["tape"] = tape  # the forward pass does not see the cotangents
        trial = Trial(bounds.case, TARGET.implementation, bounds)
        got = gradient.gradients_of(trial.pulled(None))
        verdicts.append(agree(gradient.beside(got, trial, None), bounds.form, "").outcome)
    return verdicts


def torch_arguments():
    layer = torch.nn.LSTM(16, 16).double()
    shapes = (8, 4, 16), (1, 4, 16), (1, 4, 16)
    x, h, c = (torch.randn(*shape, dtype=torch.float64, requires_grad=True) for shape in shapes)
    parameters = tuple(layer.parameters())

    def run(x, h, c, *weights):
        outputs, (h, c) = torch.func.functional_call(
            layer, dict(zip(dict(layer.named_parameters()), weights, strict=True)), (x, (h, c))
        )
        return outputs, h, c

    return run, (x, h, c, *parameters)


@pytest.mark.benchmark(group="every gradient entry of LSTM(16,16), T=8, B=4")
def test_ours_with_ten_cotangents(benchmark):
    assert benchmark(every_entry) == [Outcome.PASSED] * COTANGENTS


@pytest.mark.benchmark(group="every gradient entry of LSTM(16,16), T=8, B=4")
def test_gradcheck_in_its_default_mode(benchmark):
    run, arguments = torch_arguments()
    assert benchmark.pedantic(lambda: torch.autograd.gradcheck(run, arguments), rounds=2)


@pytest.mark.benchmark(group="every gradient entry of LSTM(16,16), T=8, B=4")
def test_gradcheck_in_its_fast_mode(benchmark):
    run, arguments = torch_arguments()
    assert benchmark.pedantic(lambda: torch.autograd.gradcheck(run, arguments, fast_mode=True), rounds=5)

"""Every gradient entry of torch.nn.LSTM(16, 16), T=8, B=4, 2,176 parameters: checked here, and by gradcheck.

    pytest tests/benchmarks/test_gradcheck_speed.py -p no:xdist -o addopts=""

Here: one forward pass in balls, one backward pass in balls for ten random cotangents at once, ten
vector-Jacobian products of PyTorch, each of its entries inside its ball. gradcheck's default mode compares every
entry of the Jacobian with finite differences; its fast mode one random projection of it. This should take at most a
twentieth of the default mode's time. Nothing here asserts a time.
"""

import numpy as np
import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Cotangents
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint
from rnnproof.strategies.cases import Draw, fill

torch = pytest.importorskip("torch")

DRAW = Draw(T=8, B=4, I=16, H=16, O=1, P=1, seed=0, regime="typical", q=24)
COTANGENTS, ENTRIES = 10, 2176
SAME_WORK = pytest.mark.benchmark(group=f"every gradient entry of torch.nn.LSTM(16, 16), {ENTRIES} parameters")


def layer_and_case():
    target = resolve("torch.nn:LSTM")
    return target.implementation, fill(target.network, DRAW, "float64")


def checked(spoil=lambda gradients: gradients) -> tuple[int, int, float]:
    """(entries compared, entries that left their ball, the median of radius / |value|)"""
    implementation, case = layer_and_case()
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(COTANGENTS, *case.cotangents.outputs.shape))
    state = {name: rng.normal(size=(COTANGENTS, *value.shape)) for name, value in case.state.items()}
    known = {name: exact(value) for name, value in case.state.items()}
    tape = rounding.forward(case.network.step, case.parameters, case.x, known, FORMATS["float64"])
    balls = rounding.backward(adjoint(case.network.step), tape, Cotangents(outputs, state)).parameters
    subject = implementation.build(case.network, case.parameters, "float64")
    compared, left, relative = 0, 0, []
    for n in range(COTANGENTS):
        one = Cotangents(outputs[n], {name: value[n] for name, value in state.items()})
        found = spoil(subject.run(case.x, case.state, None, one).gradients.parameters)
        for name, got in found.items():
            ball = balls[name.split("@")[0]]  # both biases of a gate have the gradient of their sum
            left += int(np.count_nonzero(~(np.abs(got - ball.value[n]) <= ball.radius[n])))
            compared += got.size
            relative.append((ball.radius[n] / np.abs(ball.value[n])).ravel())
    return compared, left, float(np.median(np.concatenate(relative)))


def gradcheck(fast: bool) -> bool:
    torch.manual_seed(0)
    layer = torch.nn.LSTM(16, 16, dtype=torch.float64)
    names = [name for name, _ in layer.named_parameters()]
    x, h, c = (torch.randn(*shape, dtype=torch.float64) for shape in ((8, 4, 16), (1, 4, 16), (1, 4, 16)))

    def run(*weights):
        outputs, final = torch.func.functional_call(layer, dict(zip(names, weights, strict=True)), (x, (h, c)))
        return outputs, *final

    weights = tuple(weight.detach().clone().requires_grad_() for weight in layer.parameters())
    return torch.autograd.gradcheck(run, weights, fast_mode=fast)


def test_every_entry_is_compared_and_inside():
    compared, left, sensitivity = checked()
    assert (compared, left) == (COTANGENTS * ENTRIES, 0)
    assert sensitivity < 2.0**-20


def test_one_wrong_entry_is_found():
    def spoil(gradients):
        first = dict(gradients)
        first["U_f"] = first["U_f"].copy()
        first["U_f"][3, 5] *= 1 + 2.0**-16
        return first

    assert checked(spoil)[1] == COTANGENTS


@SAME_WORK
def test_in_balls(benchmark):
    benchmark.pedantic(checked, rounds=10, warmup_rounds=2)


@SAME_WORK
def test_by_gradcheck(benchmark):
    assert benchmark.pedantic(gradcheck, (False,), rounds=1)


@SAME_WORK
def test_by_gradcheck_in_fast_mode(benchmark):
    assert benchmark.pedantic(gradcheck, (True,), rounds=10)

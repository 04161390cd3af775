"""LSTM, I=32 H=64 T=32 B=8, float64, forward and backward: the reference beside torch.nn.LSTM."""

import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.properties.trial import fresh, fresh_cotangents, plain
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill

GROUP = "LSTM forward and backward, I=32 H=64 T=32 B=8"
torch = pytest.importorskip("torch")
TARGET = resolve("torch.nn:LSTM")
CASE = fill(TARGET.network, Draw(32, 8, 32, 64, 1, 1, 0, "typical", 16), "float64")


def run_of(implementation):
    subject = implementation.build(CASE.network, fresh(CASE.parameters, "float64"), "float64")
    arguments = plain(CASE.x, "float64"), fresh(CASE.state, "float64"), None
    cotangents = fresh_cotangents(CASE.cotangents, "float64")
    return lambda: subject.run(*arguments, cotangents)


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("name", ["reference", "numpy:lstm", "torch.nn:LSTM"])
def test_forward_and_backward(benchmark, name):
    implementation = Reference() if name == "reference" else resolve(name).implementation
    trace = benchmark(run_of(implementation))
    assert trace.gradients.x.shape == (32, 8, 32)

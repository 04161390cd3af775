"""One forward and backward pass of an LSTM, I=32 H=64 T=32 B=8, float64: by hand, by PyTorch, by autograd.

    pytest tests/benchmarks/test_cells_speed.py -p no:xdist -o addopts=""

The hand-written pass should take at most 1.5 times PyTorch's time on two threads, and a third of autograd's.
Nothing here asserts a time.
"""

import numpy as np
import pytest

from rnnproof.autodiff import gradients
from rnnproof.cells import lstm

T, B, I, H = 32, 8, 32, 64
THREADS = 2
SAME_WORK = pytest.mark.benchmark(group="lstm forward and backward", warmup=True, min_rounds=50)


@pytest.fixture
def arguments():
    rng = np.random.default_rng(0)
    shapes = {"W": (H, I), "U": (H, H), "b": (H,)}
    params = {name: rng.normal(size=shapes[name[0]]) / np.sqrt(H) for name in lstm.PARAMETERS}
    state = {name: rng.normal(size=(B, H)) for name in "hc"}
    d_state = {name: rng.normal(size=(B, H)) for name in "hc"}
    return (
        params,
        rng.normal(size=(T, B, I)),
        state,
        {"outputs": rng.normal(size=(T, B, H)), "state": d_state},
    )


@SAME_WORK
def test_by_hand(benchmark, arguments):
    *given, cotangents = arguments

    def forward_and_backward():
        _, cache = lstm.forward(*given)
        return lstm.backward(cotangents, cache)

    benchmark(forward_and_backward)


@SAME_WORK
def test_by_autograd(benchmark, arguments):
    benchmark(gradients, lstm.forward, *arguments)


@SAME_WORK
def test_by_torch(benchmark, arguments):
    torch = pytest.importorskip("torch")
    _, x, state, cotangents = arguments
    layer = torch.nn.LSTM(I, H, dtype=torch.float64)
    x = torch.from_numpy(x).requires_grad_()
    states = tuple(torch.from_numpy(state[name])[None].requires_grad_() for name in "hc")
    pulled = [torch.from_numpy(d) for d in (cotangents["outputs"], *(cotangents["state"][n][None] for n in "hc"))]
    wanted = [*layer.parameters(), x, *states]

    def forward_and_backward():
        outputs, final = layer(x, states)
        return torch.autograd.grad([outputs, *final], wanted, pulled)

    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        benchmark(forward_and_backward)
    finally:
        torch.set_num_threads(before)

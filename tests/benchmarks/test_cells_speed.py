"""One forward and backward pass, I=32 H=64 T=32 B=8, float64: by hand, by PyTorch, by autograd.

    pytest tests/benchmarks/test_cells_speed.py -p no:xdist -s -o addopts=""

The hand-written pass should take at most 1.5 times PyTorch's time on two threads, and a third of autograd's; at
T=1000, I=H=64 it should allocate at most 120 MB at any time. Nothing here asserts a time.
"""

import tracemalloc

import numpy as np
import pytest

from rnnproof.autodiff import gradients
from rnnproof.cells import plain_target
from rnnproof.cells.plain import zero_biases

SIZES = (32, 8, 32, 64)  # T, B, I, H
THREADS = 2
LAYERS = {
    "lstm": ("LSTM", {}),
    "gru": ("GRU", {}),
    "lstm, two layers, two directions": ("LSTM", {"layers": "2", "direction": "bidirectional"}),
}
NAMED = pytest.mark.parametrize("name", LAYERS)


def target_of(name):
    kind, options = LAYERS[name]
    return plain_target(kind.lower(), **options)


def arguments(target, T, B, I, H):
    rng = np.random.default_rng(0)
    outputs = 2 * H if "bidirectional" in target.network else H

    def parameter(name):
        layer, _, own = name.rpartition(".")
        columns = {"W": outputs if layer.startswith("1.") else I, "U": H}
        return rng.normal(size=(H, columns[own[0]]) if own[0] in columns else H) / np.sqrt(H)

    params = {name: parameter(name) for name in target.parameters}
    state, d_state = ({name: rng.normal(size=(B, H)) for name in target.memory} for _ in range(2))
    cotangents = {"outputs": rng.normal(size=(T, B, outputs)), "state": d_state}
    return params, rng.normal(size=(T, B, I)), state, cotangents


def by_hand(target, params, x, state, cotangents):
    _, cache = target.forward(zero_biases(params) | params, x, state)
    return target.backward(cotangents, cache)


@NAMED
def test_by_hand(benchmark, name):
    benchmark.group = name
    target = target_of(name)
    benchmark(by_hand, target, *arguments(target, *SIZES))


def test_by_autograd(benchmark):
    benchmark.group = "lstm"
    target = target_of("lstm")
    benchmark(gradients, target.forward, *arguments(target, *SIZES))


@NAMED
def test_by_torch(benchmark, name):
    torch = pytest.importorskip("torch")
    benchmark.group = name
    kind, options = LAYERS[name]
    _, x, state, cotangents = arguments(target_of(name), *SIZES)
    two = {"num_layers": 2, "bidirectional": True} if options else {}
    layer = getattr(torch.nn, kind)(SIZES[2], SIZES[3], **two, dtype=torch.float64)

    def stacked(arrays):
        kinds = ("h", "c") if kind == "LSTM" else ("h",)
        return tuple(
            torch.from_numpy(np.stack([array for full, array in arrays.items() if full[-1] == each])) for each in kinds
        )

    x, states = torch.from_numpy(x).requires_grad_(), tuple(s.requires_grad_() for s in stacked(state))
    pulled = [torch.from_numpy(cotangents["outputs"]), *stacked(cotangents["state"])]
    wanted = [*layer.parameters(), x, *states]

    def forward_and_backward():
        outputs, final = layer(x, states if kind == "LSTM" else states[0])
        return torch.autograd.grad([outputs, *(final if kind == "LSTM" else (final,))], wanted, pulled)

    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        benchmark(forward_and_backward)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("network", ["lstm", "gru", "peephole", "elman", "jordan", "lecture_lstm"])
def test_memory_of_a_long_sequence(network):
    target = plain_target(network)
    given = long_arguments(target, T=1000, B=8, N=64)
    tracemalloc.start()
    target.grad(*given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"\n{network}: {peak / 1e6:.0f} MB at T=1000, B=8, I=H=64, forward and backward")


def long_arguments(target, T, B, N):
    rng = np.random.default_rng(0)
    params = {name: rng.normal(size=(N, N) if name[0] in "WU" else N) / 8 for name in target.parameters}
    state = {name: rng.normal(size=(B, N)) for name in target.memory}
    cotangents = {"outputs": rng.normal(size=(T, B, N)), "state": state}
    return params, rng.normal(size=(T, B, N)), state, cotangents

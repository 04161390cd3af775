"""How long an LSTM takes to unroll with its gradients; it must grow linearly. Read, not asserted."""

import pytest
from sympy.core.cache import clear_cache

from rnnproof.catalogue import network
from rnnproof.model.network import Sizes
from rnnproof.symbolic import gradient, gradients, unroll

LSTM = network("lstm")


def all_gradients(steps: int) -> int:
    program = unroll(LSTM, Sizes(T=steps, B=1, I=1, H=1))
    return len(gradients(program, {program.results["outputs"][-1]: 1}).lines)


def one_gradient(steps: int) -> int:
    program = unroll(LSTM, Sizes(T=steps, B=1, I=1, H=1))
    return len(gradient(program, program.results["outputs"][-1], "W_i[0,0]").lines)


def afresh(benchmark, work, steps: int) -> int:
    """SymPy's own cache is emptied before every round."""
    return benchmark.pedantic(work, (steps,), setup=clear_cache, rounds=5)


@pytest.mark.benchmark(group="unroll an LSTM, I=H=1, with the gradient of its last output by every argument")
@pytest.mark.parametrize("steps", [100, 200, 400])
def test_unroll_with_all_gradients(benchmark, steps):
    assert afresh(benchmark, all_gradients, steps) == 23 * steps + 13


@pytest.mark.benchmark(group="unroll an LSTM, I=H=1, with the gradient of its last output by one weight")
@pytest.mark.parametrize("steps", [100, 200])
def test_unroll_with_one_gradient(benchmark, steps):
    assert 20 * steps < afresh(benchmark, one_gradient, steps) < 23 * steps

"""How long the command takes, as its user waits: at least 50 cases of each law in each format. Read, not asserted.

`rnnproof verify torch.nn:LSTM` is to take at most 15 s.
"""

import subprocess
import sys

import pytest


def command(*arguments: str) -> str:
    run = subprocess.run([sys.executable, "-m", "rnnproof", *arguments], capture_output=True, text=True, check=True)
    return run.stdout


@pytest.mark.benchmark(group="rnnproof verify TARGET, by the clock")
@pytest.mark.parametrize("target", ["torch.nn:LSTM", "torch.nn:RNN", "numpy:lstm", "numpy:elman"])
def test_verify_a_target(benchmark, target):
    told = benchmark.pedantic(command, ("verify", target), rounds=2)
    assert "PASSED" in told and "  50 cases a law" in told


@pytest.mark.benchmark(group="rnnproof verify, all that is found, by the clock")
def test_verify_all_that_is_found(benchmark):
    assert "24 laws, 24 planted faults refused" in benchmark.pedantic(command, ("verify",), rounds=1)

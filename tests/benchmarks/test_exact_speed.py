"""How long exact execution takes, and in which integers. Read, not asserted.

    pytest tests/benchmarks/test_exact_speed.py -p no:xdist -o addopts=""

An LSTM of N=1, T=20, D=16, H=32 is to take at most 3 s for its forward pass, its backward pass and one run of dual
numbers; both laws in the quick profile of verify at most 3 s; T=200 with H=4 is to work.
"""

import operator
import random

import numpy as np
import pytest
from flint import fmpz

from rnnproof.adapters.resolve import resolve
from rnnproof.domains.execution import Budget, execute
from rnnproof.model.verdict import Outcome
from rnnproof.properties.gradient import gradients_of
from rnnproof.properties.lifted import lift
from rnnproof.properties.own import _derivative_agrees
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill
from rnnproof.usecases.verify import verify

WIDE = Draw(T=20, B=1, I=16, H=32, O=1, P=1, seed=0, regime="typical", q=12)
LONG = Draw(T=200, B=1, I=2, H=4, O=1, P=1, seed=0, regime="typical", q=12)
ENTRIES = 6144  # of the eight weights of an LSTM with 16 inputs and 32 units
PATIENT = Budget(seconds=600)


def numbers(kind, bits):
    source = random.Random(0)
    made = np.empty(ENTRIES, dtype=object)
    made[:] = [kind(source.getrandbits(bits)) for _ in range(ENTRIES)]
    return made, kind(source.getrandbits(bits) | 1)


@pytest.mark.parametrize("bits", [256, 1024])
@pytest.mark.parametrize("kind", [int, fmpz], ids=["CPython", "python-flint"])
def test_products_modulo_a_number(benchmark, kind, bits):
    benchmark.group = f"{ENTRIES} products modulo a number of {bits} bits"
    values, modulus = numbers(kind, bits)
    found = benchmark(lambda: values * values % modulus)
    assert int(found[0]) == int(values[0]) ** 2 % int(modulus)


@pytest.mark.parametrize("kind", [int, fmpz], ids=["CPython", "python-flint"])
def test_inverse_modulo_a_number(benchmark, kind):
    benchmark.group = "an inverse modulo 2^255 - 19"
    modulus = kind(2**255 - 19)
    value = kind(random.Random(0).getrandbits(250))
    assert operator.mod(benchmark(lambda: pow(value, -1, modulus)) * value, modulus) == 1


def exactly(draw, pulled):
    """The hand-written LSTM's forward pass; pulled, its gradient against a dual run of its own forward pass too."""
    target = resolve("numpy:lstm")
    case = fill(target.network, draw, "float64")
    implementation = target.implementation.in_ring

    def run(ring):
        lifted = lift(case, ring)
        trace = lifted.run(lifted.build(implementation), pulled=pulled)
        if not pulled:
            return True
        got = gradients_of(trace)
        return _derivative_agrees(start(case, target.implementation), implementation, ring, got, tuple(got))

    return execute(run, budget=PATIENT)[0]


@pytest.mark.parametrize(
    ("draw", "pulled", "words"),
    [
        (WIDE, False, "N=1 T=20 D=16 H=32: forward"),
        (WIDE, True, "N=1 T=20 D=16 H=32: forward, backward and one run of dual numbers"),
        (LONG, True, "N=1 T=200 D=2 H=4: forward, backward and one run of dual numbers"),
    ],
    ids=["forward", "with its gradient", "long"],
)
def test_the_hand_written_lstm(benchmark, draw, pulled, words):
    benchmark.group = words
    assert benchmark.pedantic(exactly, (draw, pulled), rounds=3)


@pytest.mark.parametrize("target", ["numpy:lstm", "numpy:elman"])
def test_both_laws_in_the_quick_profile(benchmark, target):
    benchmark.group = "exact.forward and exact.gradient in the quick profile"
    report = benchmark.pedantic(
        lambda: verify(target, properties=["exact.forward", "exact.gradient"]), rounds=3, iterations=1
    )
    assert {finding.outcome for finding in report.findings} == {Outcome.PASSED}

"""How long derivations take: each statement, and `rnnproof derive lstm`, under 5 s. Read, not asserted."""

import subprocess
import sys

import pytest
from sympy.core.cache import clear_cache

from rnnproof.catalogue import network
from rnnproof.symbolic.statements_of_gates import GATE_STATEMENTS
from rnnproof.symbolic.statements_of_sequences import SEQUENCE_STATEMENTS

HARDEST = ("peephole", "lstm", "gru", "elman:activation=identity,readout=identity", "jordan:readout=identity")


def every_statement(name: str) -> int:
    return sum(derive(network(name)) is not None for derive in (*GATE_STATEMENTS, *SEQUENCE_STATEMENTS))


@pytest.mark.benchmark(group="every statement about a network")
@pytest.mark.parametrize("name", HARDEST)
def test_every_statement(benchmark, name):
    assert benchmark.pedantic(every_statement, (name,), setup=clear_cache, rounds=2) >= 7


@pytest.mark.benchmark(group="rnnproof derive NETWORK, by the clock")
@pytest.mark.parametrize("name", ["lstm", "gru", "peephole"])
def test_derive(benchmark, name):
    command = [sys.executable, "-m", "rnnproof", "derive", name]
    told = benchmark.pedantic(subprocess.run, (command,), {"capture_output": True, "check": True}, rounds=2)
    assert told.stdout.startswith(b"# " + name.encode())

"""The smallest faults that are found, by size and by law. Printed, not asserted: the tests assert what must be.

pytest tests/benchmarks/test_sensitivity.py -p no:xdist -o addopts="" -s
"""

import pytest
from slightly_wrong_lstms import ConstantInTanh, with_gate_off

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.properties import forward
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill, long_draw
from rnnproof.strategies.regimes import REGIMES
from rnnproof.usecases.verify import verify

STEPS = {"float64": [10.0**-n for n in range(15, 7, -1)], "float32": [10.0**-n for n in range(8, 1, -1)]}
LAWS = ["forward.values", "forward.step", "numerics.rounding"]


def told(verdict):
    return f"{verdict.outcome.value} ({verdict.bound}), error {verdict.ratio:.2g} of the bound"


@pytest.mark.parametrize("dtype", STEPS)
def test_one_gate_off_by_a_factor_at_T_100_I_16_H_32(benchmark, dtype):
    case = fill(network("lstm"), long_draw(dtype, {}), dtype)

    def look():
        for by in STEPS[dtype]:
            one = start(case, resolve(with_gate_off(by), "lstm").implementation)
            late = start(case, resolve(with_gate_off(by, since=64), "lstm").implementation)
            print(f"\n{dtype}, f times 1 + {by:g}: in each step {told(forward.step(one))}")
            print(f"    in the run {told(forward.values(one))}")
            print(f"    from step 64 on, in the run {told(forward.values(late))}")

    benchmark.pedantic(look, rounds=1)


@pytest.mark.parametrize("dtype", STEPS)
def test_one_gate_off_by_a_factor_as_verify_finds_it(benchmark, dtype):
    def look():
        for by in STEPS[dtype]:
            report = verify(with_gate_off(by), "lstm", properties=LAWS, dtype=dtype)
            found = ", ".join(f"{f.property} {f.outcome.value} {f.worst_ratio:.2g}" for f in report.findings)
            print(f"\n{dtype}, f times 1 + {by:g}: {found}")

    benchmark.pedantic(look, rounds=1)


@pytest.mark.parametrize("dtype", STEPS)
def test_a_constant_in_a_tanh(benchmark, dtype):
    def look():
        for regime in ("typical", "saturated", "vanishing", "zero"):
            assert regime in REGIMES
            cases = [fill(network("lstm"), Draw(4, 3, 2, 3, 2, 2, seed, regime, 18), dtype) for seed in range(20)]
            found = [forward.step(start(case, resolve(ConstantInTanh, "lstm").implementation)) for case in cases]
            failed = sum(verdict.outcome.value == "failed" for verdict in found)
            print(f"\n{dtype}, 2 sigmoid(2z) - 0.999999 for tanh, {regime}: found in {failed} of {len(found)} cases")

    benchmark.pedantic(look, rounds=1)

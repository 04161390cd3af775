"""Backpropagation cut after k of 20 steps, found and named by gradient.ledger: how often in 20 draws. Read, not timed.

    pytest tests/benchmarks/test_ledger_reach.py -p no:xdist -o addopts="" -s

In float64 it must be all of them at H=4 and H=8. An undecided one says that the bound is wider than what is missing.
"""

from collections import Counter

import pytest
from decaying_cases import case_at, outcome

DRAWS, CUTS, RADII = 20, (6, 10, 15, 19), (0.9, 0.5, 0.3)
SIZES = {"float64": (4, 8, 16, 32), "float32": (2, 4, 8)}


def row(name, dtype, H, radius):
    """Of each k: how many of the draws are named, and what became of the others."""
    cases = [case_at(name, radius, seed, dtype, H=H) for seed in range(DRAWS)]
    return {k: Counter(outcome(case, k) for case in cases) for k in CUTS}


def shown(found):
    others = ", ".join(f"{count} {what}" for what, count in sorted(found.items()) if what != "named")
    return f"{found['named']}{f' ({others})' if others else ''}"


@pytest.mark.parametrize("dtype", SIZES)
@pytest.mark.parametrize("name", ["elman", "lstm"])
def test_a_cut_is_found_and_named(name, dtype):
    print(f"\n{name}, {dtype}: named in so many of {DRAWS} draws, of a cut after k of 20 steps")
    print("   H  radius  " + "".join(f"{f'k={k}':<24}" for k in CUTS))
    for H in SIZES[dtype]:
        for radius in RADII:
            found = row(name, dtype, H, radius)
            print(f"{H:4}  {radius:6}  " + "".join(f"{shown(found[k]):<24}" for k in CUTS))
            assert not any(each["passed"] for each in found.values())
            if dtype == "float64" and H <= 8:
                assert all(each["named"] == DRAWS for each in found.values())

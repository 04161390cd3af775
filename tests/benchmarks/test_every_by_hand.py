"""Every implementation written by hand for the diagnosis, under every law: right ones pass, wrong and bad ones do not.

    pytest tests/benchmarks/test_every_by_hand.py -n 1 -o addopts=""

About fifteen minutes on one core. The laws that refuse each wrong one are printed with -s.
"""

import numpy as np
import pytest
from by_hand.every import BAD, EVERY, RIGHT
from by_hand2 import every as second

import rnnproof


def verified(target, network):
    dtype = getattr(target, "claims", {"dtypes": ["float64"]})["dtypes"][0]
    with np.errstate(all="ignore"):
        return rnnproof.verify(target, network, dtype=dtype, max_examples=10)


RIGHT = [*RIGHT, *second.RIGHT]
REFUSED = [row[:3] for row in (*EVERY, *BAD, *second.EVERY)]


@pytest.mark.parametrize(("network", "target"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_a_right_one_passes(network, target):
    assert verified(target, network).ok


@pytest.mark.parametrize(("name", "network", "target"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_wrong_one_is_refused(name, network, target):
    report = verified(target, network)
    print(f"{name}:", *(found.property for found in report.findings if found.outcome.value in ("failed", "error")))
    assert not report.ok

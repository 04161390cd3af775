"""Wide cells, where what is likely is finer than what is possible: what lies between the two is suspicious."""

import numpy as np
import pytest
import right_lstms

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.model.verdict import Outcome
from rnnproof.properties import forward, gradient, numerics
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.tiers import NOTE, likely
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill

WIDE = Draw(2, 2, 160, 96, 2, 2, 3, "typical", 18)
LAWS = (forward.values, forward.step, numerics.rounding, gradient.parameters, gradient.inputs)


def trial(target, draw=WIDE, dtype="float32"):
    page = network("lstm")
    return start(fill(page, draw, dtype), resolve(target, "lstm").implementation)


class Biased(right_lstms.Packed):
    """Every product of the input and the state is rounded up, by a number of units of the absolute values' sum."""

    claims = {"dtypes": ["float32"]}
    by = 0.0

    def product(self, weight, v):
        size = np.abs(v).astype(float) @ np.abs(weight).T.astype(float)
        return (v.astype(float) @ weight.T.astype(float) + self.by * 2.0**-24 * size).astype(v.dtype)


def biased(by):
    return type("By", (Biased,), {"by": by})


@pytest.mark.parametrize("target", ["numpy:lstm", right_lstms.Packed, biased(50)])
def test_right_code_passes_both(target):
    one = trial(target)
    assert [law(one).outcome for law in LAWS] == [Outcome.PASSED] * len(LAWS)


def test_between_the_two_a_result_is_suspicious_and_beyond_both_it_has_failed():
    """258 roundings: lambda sqrt(n) is about 125."""
    between, beyond = trial(biased(200)), trial(biased(600))
    for law in (forward.values, forward.step, numerics.rounding):
        verdict = law(between)
        assert (verdict.outcome, verdict.bound) == (Outcome.SUSPICIOUS, "probabilistic")
        assert verdict.message.endswith(NOTE) and "but should be" in verdict.message
        failed = law(beyond)
        assert (failed.outcome, failed.bound) == (Outcome.FAILED, "rigorous")


def test_the_likely_radii_are_finer_where_sums_are_long_and_there_are_none_where_they_are_short():
    wide, short = (
        Bounds(fill(network("lstm"), WIDE, "float32")),
        trial("numpy:lstm", Draw(4, 3, 8, 16, 2, 2, 0, "typical", 18)),
    )
    finer = likely(wide)
    assert finer is not None and likely(short.bounds) is None
    ratios = (finer.outputs.radius / wide.outputs.radius).ravel()
    assert np.all(ratios <= 1) and 0.3 < np.median(ratios) < 0.75

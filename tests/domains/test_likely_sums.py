"""What sums are likely to be off by: the probability it fails with, and roundings that all err the same way."""

import math

import numpy as np
import pytest

from rnnproof.domains.formats import FORMATS
from rnnproof.domains.likely import confidence, units

UNIT = 2.0**-24


def error_over_bound(terms, trust):
    """Rows of terms added from the first to the last in float32: |error| / (units of the sum of absolute values)."""
    total = np.zeros(len(terms), np.float32)
    for column in terms.T:
        total = total + column
    exact = np.array([math.fsum(row) for row in terms.astype(np.float64)])
    n = terms.shape[1] - 1
    return np.abs(total - exact) / (units(n, UNIT, trust) * np.abs(terms).astype(np.float64).sum(axis=1))


@pytest.mark.parametrize("n", [64, 130, 514])
def test_sums_of_random_terms_are_within_it_much_more_often_than_it_says(n):
    rng = np.random.default_rng(n)
    terms = rng.uniform(-1, 1, (4000, n)).astype(np.float32)
    for failure in (0.1, 0.01):  # of a single sum
        assert np.mean(error_over_bound(terms, confidence(1, failure)) > 1) <= failure
    assert error_over_bound(terms, confidence(4000)).max() < 1


def test_roundings_that_all_err_the_same_way_are_beyond_it_and_within_the_rigorous_bound():
    """After 1, every term is a little less than half a spacing, and lost."""
    terms = np.full((1, 4001), 2.0**-24 * (1 - 2.0**-20), np.float32)
    terms[:, 0] = 1
    assert error_over_bound(terms, math.inf)[0] < 1 < error_over_bound(terms, confidence(1))[0]


def test_more_sums_and_less_risk_take_a_larger_lambda():
    assert confidence(1) < confidence(10**6) < confidence(10**6, 1e-9)
    assert abs(2 * 1000 * math.exp(-(confidence(1000, 1e-3) ** 2) / 2) / 1e-3 - 1) < 2.0**-40


def test_it_is_never_above_the_rigorous_bound():
    for form in FORMATS.values():
        for n in (1, 10, 1000, 10**7):
            assert units(n, form.unit, confidence(10**5)) <= units(n, form.unit, math.inf) == n * form.unit

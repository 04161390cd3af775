"""One ratio of several pairs of residues, as far as their digits go."""

import pytest

from rnnproof.domains.padic import common_ratio

P, K = 7, 6


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([(6, 2), (9, 3)], (3, P**K)),
        ([(6 * P, 2 * P), (9 * P, 3 * P)], (3, P ** (K - 1))),  # a digit that all have lost
        ([(0, 0), (6, 2)], (3, P**K)),
        ([(6, 2), (9, 4)], None),
        ([(6, 2), (9 + P ** (K - 1), 3)], None),  # the last digit alone
        ([(0, 2), (0, 3)], None),
        ([(2, P), (2, P)], None),  # nothing to divide by
        ([(0, 0)], None),
        ([], None),
    ],
)
def test_the_ratio_of_all_the_pairs(pairs, found):
    assert common_ratio(pairs, P, P**K) == found

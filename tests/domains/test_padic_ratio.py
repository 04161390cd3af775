"""One ratio of several pairs of residues, as far as their digits go."""

import pytest

from rnnproof.domains.padic import Untold, common_ratio, solved

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


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([(8, 1, 2), (10, 2, 2), (12, 3, 2)], ([2, 3], P**K)),
        ([(2 + 6 * P, 1, 2 * P), (4 + 6 * P, 2, 2 * P), (6, 3, 0)], ([2, 3], P ** (K - 1))),  # a column of multiples
        ([(2 * P, P, 0), (3 * P**2, 0, P**2), (2 * P, P, 0)], ([2, 3], P ** (K - 2))),  # each another one
        ([(8, 1, 2), (10, 2, 2), (13, 3, 2)], None),
        ([(8, 1, 2), (10, 2, 2), (12 + P ** (K - 1), 3, 2)], None),  # the last digit alone
        ([(1, P), (2, 2 * P)], None),  # nothing to divide by
        ([(1, 0), (2, 0)], None),
    ],
)
def test_the_coefficients_of_a_sum_as_far_as_they_are_known(rows, found):
    assert solved(rows, P**K) == found


@pytest.mark.parametrize("rows", [[(0, 0), (0, 0)], [(3, 1, 2), (6, 2, 4), (9, 3, 6)], [(3, 1, 0), (6, 2, 0)]])
def test_an_open_system_is_no_answer(rows):
    with pytest.raises(Untold):
        solved(rows, P**K)

"""Draws are the same for the same seed, and a failing one is shrunk to the smallest there is."""

import sys

import hypothesis
import pytest

from rnnproof.strategies.cases import draws
from rnnproof.strategies.regimes import ORDINARY
from rnnproof.strategies.search import sample, smallest, use_own_home

STRATEGY = draws(ORDINARY, "float64", {})
LEAST = {"T": 1, "B": 1, "I": 1, "H": 1, "O": 1, "P": 1, "seed": 0, "regime": "typical", "q": 4}


def as_dict(draw):
    return {name: getattr(draw, name) for name in LEAST}


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_the_same_seed_gives_the_same_draws(seed):
    first = sample(STRATEGY, 40, seed)
    assert first == sample(STRATEGY, 40, seed)
    assert len(set(first)) == len(first) and 30 <= len(first) <= 40


def test_another_seed_gives_other_draws():
    assert set(sample(STRATEGY, 40, 0)) != set(sample(STRATEGY, 40, 1))


def test_sampling_stands_apart_from_the_random_numbers_of_everybody_else():
    import random

    random.seed(7)
    first = sample(STRATEGY, 10, 3)
    random.seed(8)
    assert sample(STRATEGY, 10, 3) == first


PLANTED = {
    "T and H": (lambda d: d.T >= 3 and d.H >= 2, {"T": 3, "H": 2}),
    "B": (lambda d: d.B >= 4, {"B": 4}),
    "a product": (lambda d: d.T * d.B >= 6 and d.B > 1, {}),
    "a regime": (lambda d: d.regime == "exploding", {"regime": "exploding"}),
    "granularity": (lambda d: d.q >= 9, {"q": 9}),
    "a seed": (lambda d: d.seed >= 1000, {"seed": 1000}),
    "everything": (lambda d: True, {}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_failing_draw_is_shrunk_to_the_smallest(name):
    fails, expected = PLANTED[name]
    found = smallest(STRATEGY, fails, 120, 0)
    assert found is not None and fails(found)
    if name == "a product":
        assert found.T * found.B == 6 and as_dict(found) | {"T": 1, "B": 1} == LEAST
    else:
        assert as_dict(found) == LEAST | expected


def test_the_smallest_is_the_same_for_the_same_seed():
    def fails(draw):
        return draw.T * draw.H + draw.seed % 7 > 12

    assert smallest(STRATEGY, fails, 120, 5) == smallest(STRATEGY, fails, 120, 5)


def test_where_nothing_fails_nothing_is_found():
    assert smallest(STRATEGY, lambda draw: False, 50, 0) is None


def test_what_the_check_itself_raises_is_not_swallowed():
    def broken(draw):
        raise ZeroDivisionError("the check itself")

    with pytest.raises(ZeroDivisionError, match="the check itself"):
        smallest(STRATEGY, broken, 10, 0)


def test_hypothesis_gets_a_home_of_its_own_but_under_pytest(monkeypatch):
    homes: list[str] = []
    monkeypatch.setattr(hypothesis.configuration, "set_hypothesis_home_dir", homes.append)
    use_own_home("cache")
    assert homes == []
    monkeypatch.delitem(sys.modules, "pytest")
    use_own_home("cache")
    assert homes == ["cache"]

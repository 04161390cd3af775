"""The implementations written by hand are what they are said to be: right ones pass, wrong ones are refused."""

import numpy as np
import pytest
from by_hand.altered import PLACES, STYLES, Wrong, source
from by_hand.every import BAD, EVERY, OBJECTS, RIGHT, WRONG

import rnnproof


def verified(target, network, *laws):
    dtype = getattr(target, "claims", {"dtypes": ["float64"]})["dtypes"][0]
    with np.errstate(all="ignore"):
        return rnnproof.verify(target, network, properties=laws, dtype=dtype, max_examples=2)


def test_every_one_has_a_name_a_place_and_a_sentence():
    names = [name for name, *_ in [*RIGHT, *EVERY, *BAD]]
    assert len(set(names)) == len(names) == len(vars(OBJECTS))
    assert {place: sum(lies == place for *_, lies in EVERY) for place in PLACES} == {
        "forward": 17,
        "gradient": 49,
        "both": 7,
        "conduct": 5,
    }
    assert {wrong.style for wrong in WRONG} == set(STYLES)
    assert all(wrong.sentence.endswith(".") and wrong.told and wrong.changes for wrong in WRONG)


def test_a_text_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"0 times in lstm_rows\.py: 'np\.tan\('"):
        source(Wrong("none", "lstm_rows", "forward", "", (), (("np.tan(", ""),)))


@pytest.mark.parametrize(("name", "network", "target"), RIGHT, ids=[name for name, *_ in RIGHT])
def test_a_right_one_passes(name, network, target):
    laws = {wrong.law for wrong in WRONG if wrong.style == name}
    assert {found.outcome.value for found in verified(target, network, *sorted(laws)).findings} == {"passed"}


@pytest.mark.parametrize("style", STYLES)
def test_a_wrong_one_of_each_style_is_refused(style):
    """All of them are in tests/benchmarks/test_every_by_hand.py."""
    wrong = next(wrong for wrong in WRONG if wrong.style == style)
    (found,) = verified(vars(OBJECTS)[wrong.name], wrong.network, wrong.law).findings
    assert found.outcome.value == "failed"

"""Sorted entries, weighted means and truth: NumPy's floats, exact numbers, ties refused."""

import numpy as np
import pytest

from rnnproof.domains.dual import unknown
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import Untraceable

SHADOW = np.array([[3.0, 1.0, -4.0], [1.5, 5.0, 9.0]])
W = np.array([1.0, 2.0, 5.0])
CALLS = {
    "sort": lambda a: np.sort(a),
    "sort all": lambda a: np.sort(a, axis=None),
    "sort axis": lambda a: np.sort(a, 0),
    "median": lambda a: np.median(a),
    "median odd": lambda a: np.median(a, axis=1),
    "average": lambda a: np.average(a, axis=0),
    "average weights": lambda a: np.average(a, axis=1, weights=W),
    "average whole": lambda a: np.average(a, weights=np.abs(SHADOW)),
}


def array(shadow=SHADOW):
    return RingArray(unknown(Ring(Residues(65521, 16)), "a", shadow, shadow + 1))


@pytest.mark.parametrize("what", CALLS)
def test_the_floats_are_numpys(what):
    found, true = CALLS[what](array()), CALLS[what](SHADOW)
    assert isinstance(found, RingArray)
    assert found.shape == np.shape(true)
    # As many roundings as there are entries, in whatever order they are added.
    assert np.all(np.abs(found.dual.f - true) <= SHADOW.size * np.finfo(float).eps * np.abs(SHADOW).sum())


def test_the_numbers_are_exact():
    a = array()
    assert np.all(np.sort(a)[0].dual.x == a[0, [2, 1, 0]].dual.x)
    assert np.median(a).dual.x == ((a[0, 0] + a[1, 0]) / 2).dual.x
    assert np.all(np.average(a, axis=1, weights=W).dual.x == ((a @ W) / 8).dual.x)


def test_truth_is_known_and_ties_are_refused():
    assert array().any() and np.all(array())
    assert not np.any(array() * 0)
    for call in (np.sort, np.median, lambda a: np.any(a[0, :1] - a[0, 1])):
        with pytest.raises(Untraceable, match="equal as floats alone"):
            call(array(np.array([[2.0, 2.0, 1.0]])))
    with pytest.raises(Untraceable, match=r"an array's \.sort"):
        array().sort()

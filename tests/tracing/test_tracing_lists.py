"""Functions of lists of exact numbers, as training loops end; and who wants an ordinary array is named."""

import numpy as np
import pytest

from rnnproof.domains.dual import unknown
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import Untraceable
from rnnproof.tracing.standin import Stage

SHADOW = np.array([[0.5, 0.25], [1.5, -1.0]])


def staged():
    where = Ring(Residues(65521, 16))
    return Stage(where).module(np), RingArray(unknown(where, "a", SHADOW, SHADOW + 1))


LISTS = {
    "mean": lambda np, a: np.mean(list(a[0])),
    "sum": lambda np, a: np.sum([a[0, 0], a[0, 1], 2.0]),
    "sum of a tuple": lambda np, a: np.sum((a[0, 0], 1)),
    "sum of arrays": lambda np, a: np.sum([a[0], a[1]], axis=0),
    "nested": lambda np, a: np.mean([[a[0, 0], 1.0], [a[1, 0], a[1, 1]]], axis=1),
    "named": lambda np, a: np.mean(a=[a[0, 0], a[0, 1]]),
    "std": lambda np, a: np.std(list(a[1])),
    "max": lambda np, a: np.max(list(a[0])),
    "argmax": lambda np, a: np.argmax(list(a[0])),
    "average": lambda np, a: np.average(list(a[0])),
    "prod": lambda np, a: np.prod(list(a[1])),
    "cumsum": lambda np, a: np.cumsum(list(a[1])),
    "dot": lambda np, a: np.dot(list(a[0]), [1.0, 2.0]),
    "reshape": lambda np, a: np.reshape(list(a[0]), (2, 1)),
    "where": lambda np, a: np.where([True, False], list(a[0]), 0.0),
    "clip": lambda np, a: np.clip(list(a[0]), -3, 3),
    "exp": lambda np, a: np.exp(list(a[0])),
    "stack": lambda np, a: np.stack([a[0], a[1]]),
    "array": lambda np, a: np.array([a[0], (a[1, 0], 3.0)]),
    "vstack": lambda np, a: np.vstack([list(a[0]), [1.0, 2.0]]),
}

EPS = np.finfo(float).eps


@pytest.mark.parametrize("what", LISTS)
def test_a_list_of_exact_numbers_is_an_array_of_them(what):
    exact, a = staged()
    found, true = LISTS[what](exact, a), LISTS[what](np, SHADOW)
    if what == "argmax":
        assert found == true
        return
    assert isinstance(found, RingArray)
    assert found.shape == np.shape(true)
    # As many roundings as there are entries, in whatever order they are added.
    assert np.all(np.abs(found.dual.f - true) <= SHADOW.size * EPS * (np.abs(SHADOW).sum() + np.abs(true)))


def test_the_mean_of_a_list_is_the_sum_and_a_division():
    exact, a = staged()
    found, true = exact.mean([a[0, 0], a[1, 1], a[0, 1]]), (a[0, 0] + a[1, 1] + a[0, 1]) / 3
    assert found.dual.x == true.dual.x and found.dual.d == true.dual.d


REFUSED = {
    "a function of C": (lambda a: np.arctan2([a[0, 0]], 1.0), r"by np\.arctan2  \(test_tracing_lists"),
    "of NumPy's Python": (lambda a: np.fft.fft(list(a[0])), r"by np\.fft\.fft  \("),
    "an array of floats": (lambda a: np.zeros(2).__setitem__(slice(2), a[0]), r"by np\.zeros\(2\)\.__setitem__  \("),
}


@pytest.mark.parametrize("what", REFUSED)
def test_who_wants_an_ordinary_array_is_named(what):
    _, a = staged()
    with pytest.raises(Untraceable, match=f"wanted as an ordinary array {REFUSED[what][1]}"):
        REFUSED[what][0](a)


def test_what_it_is_put_into_is_named():
    _, a = staged()
    counts = np.zeros(2, dtype=int)
    with pytest.raises(Untraceable, match=r"an ordinary array, put into counts\[:\]: an array of integers, of truth"):
        counts[:] = a[0]

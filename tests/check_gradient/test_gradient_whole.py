"""Integers that the code is given, makes or holds: as an index of sums in place, and multiplied with numbers."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.model.verdict import Outcome

EMBEDDING = """
def loss(E, rows, columns, y):
    return ((E[{index}] - y) ** 2).sum()


def gradient(E, rows, columns, y):
    dE = np.zeros_like(E)
    {put}
    return {{'E': dE}}
"""
RNG = np.random.default_rng(0)
ROWS, COLUMNS = np.array([[0, 2], [2, 1]]), np.array([[0, 1], [1, 2]])
INDICES = {"rows": (2, 2, 3), "rows, columns": (2, 2), "..., columns": (4, 2, 2), "rows, 1:": (2, 2, 2)}


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize(("ufunc", "sign"), [("add", ""), ("subtract", "-")])
def test_sums_at_an_index_that_is_an_argument(index, ufunc, sign, tmp_path):
    given = {"E": RNG.normal(size=(4, 3)), "rows": ROWS, "columns": COLUMNS, "y": RNG.normal(size=INDICES[index])}
    at = f"({index})" if "," in index else index
    at = at.replace("1:", "slice(1, None)")
    put = f"np.{ufunc}.at(dE, {at}, {sign}{{}} * (E[{index}] - y))"
    for factor, outcome in (("2", Outcome.PASSED), ("1", Outcome.FAILED)):
        found = written(tmp_path, EMBEDDING.format(index=index, put=put.format(factor)), given)
        assert found.outcome is outcome, found.message
    found = written(tmp_path, EMBEDDING.format(index=index, put=f"dE[{index}] += 2 * (E[{index}] - y)"), given)
    assert found.outcome is Outcome.FAILED or index == "rows, columns", found.message  # counted once


NETWORK = """
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def loss(syn0, syn1):
    return 0.5 * ((y - sigmoid(X.dot(sigmoid(np.eye(3).dot(syn0))).dot(syn1))) ** 2).sum()


def train(syn0, syn1):
    l1 = sigmoid(syn0)
    l2 = sigmoid(X.dot(l1).dot(syn1))
    l2_delta = (y - l2) * (l2 * (1 - l2))
    l1_delta = X.T.dot(l2_delta.dot(syn1.T)) * (l1 * (1 - l1))
    syn1 += X.dot(l1).T.dot(l2_delta)
    syn0 += l1_delta
"""


def test_integers_of_the_code_are_multiplied_by_their_method(tmp_path):
    given = {"syn0": RNG.normal(size=(3, 4)), "syn1": RNG.normal(size=(4, 1))}
    found = written(tmp_path, NETWORK, given, gradient="train")
    assert found.outcome is Outcome.PASSED, found.message
    found = written(tmp_path, NETWORK.replace("(l1 * (1 - l1))", "l1"), given, gradient="train")
    assert found.outcome is Outcome.FAILED, found.message


MADE = {
    "np.arange": "np.arange(3)",
    "np.array": "np.array([2, 0, 1])",
    "truth": "np.array([True, False, True])",
    "a slice": "np.arange(12).reshape(4, 3)[1]",
    "a sum": "(np.arange(3) + np.ones(3, dtype=int))",
    "zeros": "filled(np.zeros(3, dtype=int))",
    "like an argument": "filled(np.zeros_like(i))",
    "an argument again": "np.array(i)",
}


@pytest.mark.parametrize("what", MADE)
def test_integers_made_inside(what, tmp_path):
    code = """
def filled(a):
    a[1] = 2
    return a


def loss(w, i):
    assert type(MADE) is np.ndarray and isinstance(MADE, np.ndarray)
    return (MADE.dot(w) ** 2).sum()


def gradient(w, i):
    return {'w': FACTOR * np.outer(MADE, MADE.dot(w))}
""".replace("MADE", MADE[what])
    given = {"w": RNG.normal(size=(3, 2)), "i": np.array([1, 0, 2])}
    for factor, outcome in (("2", Outcome.PASSED), ("1", Outcome.FAILED)):
        found = written(tmp_path, code.replace("FACTOR", factor), given)
        assert found.outcome is outcome, found.message


ROUNDED = """
def loss(w, x, d):
    return ((x @ w) ** 2).sum() + {0}


def gradient(w, x, d):
    z = x @ w
    for n in range(2):
        d[n] = {1}
    return {{'w': {2} * x.T @ z + 0 * d.sum()}}
"""


@pytest.mark.parametrize("what", ["np.round(z[n, 0])", "np.floor(z)[n, 0]", "z[n].round()[0]", "np.rint(z[n]).sum()"])
def test_a_prediction_that_is_rounded_is_a_whole_number(what, tmp_path):
    given = {"w": RNG.normal(size=(3, 2)), "x": RNG.normal(size=(4, 3)), "d": np.array([5, 6, 7])}
    for factor, outcome in (("2", Outcome.PASSED), ("1", Outcome.FAILED)):
        found = written(tmp_path, ROUNDED.format(0, what, factor), given)
        assert found.outcome is outcome, found.message


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("np.round(x @ w, 2).sum()", "np.round to so many digits"),
        ("np.round(w - w + 0.5).sum()", None),  # exactly there, in both
        ("np.floor(w - w[0]).sum()", None),
        ("np.round(w * 0 + 0.5 + (w - w[:1]) / 2**60).sum()", "a comparison of two numbers that are equal"),
        ("np.floor(np.ones(2) + w / 2**60).sum()", "a comparison of two numbers that are equal as floats alone"),
    ],
)
def test_where_rounding_jumps_it_is_refused(made, words, tmp_path):
    given = {"w": RNG.normal(size=(3, 2)), "x": RNG.normal(size=(4, 3)), "d": np.array([5, 6, 7])}
    found = written(tmp_path, ROUNDED.format(made, "n", "2"), given)
    assert found.outcome is (Outcome.PASSED if words is None else Outcome.NOT_APPLICABLE), found.message
    assert words is None or words in found.message

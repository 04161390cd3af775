"""Numbers that are known exactly beside those of the ring: masks, one-hot arrays and integers stay what they are."""

import numpy as np
import pytest

from rnnproof.domains.dual import literal, unknown
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.ring_known import Known, known
from rnnproof.errors import Untraceable

RING = Ring(Residues(65521, 16))
A = np.array([[0.5, -1.25], [2.0, 0.75], [-0.25, 1.5]])
X = RingArray(unknown(RING, "x", A))
ONE_HOT = known(RING, np.eye(3)[[0, 2, 1, 1]])


def same(a, b):
    return (
        isinstance(a, RingArray) and bool(np.all(np.equal(a.dual.x, b.dual.x))) and np.array_equal(a.dual.f, b.dual.f)
    )


def test_a_comparison_is_a_condition_an_index_and_a_factor():
    positive = X > 0
    assert isinstance(positive, Known)
    assert positive.tolist() == (A > 0).tolist()
    assert same(X[positive], X[A > 0])
    assert same(np.where(positive, X, 0), X * positive)
    assert same(X * positive.astype(float), X * (A > 0))
    assert same(positive.astype(np.float32).dot(X.T), np.dot((A > 0) * 1, X.T))
    assert bool((X[0, 0] > 0) and not (X[0, 1] > 0))
    assert (positive & ~positive).sum() == 0
    assert positive.any() and not positive.all()


def test_a_one_hot_array_multiplies_and_stays_data():
    assert same(ONE_HOT.dot(X), X[[0, 2, 1, 1]])
    assert same(ONE_HOT @ X, X[[0, 2, 1, 1]])
    assert same(ONE_HOT.T.dot(ONE_HOT.dot(X)), np.dot(ONE_HOT.T @ ONE_HOT, X))
    assert np.argmax(ONE_HOT, axis=1).tolist() == [0, 2, 1, 1]
    assert int(ONE_HOT.sum()) == 4
    assert int(ONE_HOT[0].argmax()) == 0
    assert isinstance(ONE_HOT + 1, Known)


def test_a_copy_can_be_written_into():
    kept = ONE_HOT.copy()
    kept[0] = kept[0] - X[:, 0]
    assert same(kept[0], ONE_HOT[0] - X[:, 0])
    assert np.asarray(ONE_HOT[0]).tolist() == [1, 0, 0]


def test_arithmetic_that_floats_would_round_is_done_in_the_ring():
    third = ONE_HOT / 3
    assert isinstance(third, RingArray)
    assert same((third + third + third)[0], RingArray(unknown(RING, "one", 1.0)) * 0 + ONE_HOT[0])
    assert isinstance(np.exp(ONE_HOT), RingArray)
    assert same(np.exp(ONE_HOT) * np.exp(-1 * ONE_HOT), RingArray(unknown(RING, "one", 1.0)) * 0 + np.ones((4, 3)))


def test_a_number_of_the_ring_is_not_put_into_data():
    for put in (
        lambda a: a.__setitem__(0, X[:, 0]),
        lambda a: np.add(a, X[:, 0], out=a),
        lambda a: a.__iadd__(X[0, 0]),
    ):
        with pytest.raises(Untraceable, match="array of floats"):
            put(known(RING, np.zeros((2, 3))))


def test_integers_stay_integers():
    labels = known(RING, np.array([2, 0, 1]))
    assert same(X[labels], X[[2, 0, 1]])
    assert (labels + 1).dtype.kind == "i"
    assert labels.copy().dtype.kind == "i"
    assert same(labels.dot(X), 2 * X[0] + X[2])


def smoothed(y):
    y *= 0.9
    y += 0.05
    return y


def vanishes(y):
    y += 2.0**-70
    return y


IN_PLACE = {
    "a product": smoothed,
    "a sum that floats swallow": vanishes,
    "out": lambda y: np.multiply(y, 0.5, out=y),
    "out elsewhere": lambda y: np.multiply(y, 0.1, out=np.zeros((4, 3))),
    "at": lambda y: np.add.at(y, [0, 0], 0.1),
    "a quotient": lambda y: y.__itruediv__(3),
}


@pytest.mark.parametrize("what", IN_PLACE)
def test_what_would_be_rounded_in_place_is_refused_by_name(what):
    with pytest.raises(Untraceable, match=r"np\.\w+ in place, in an array of whole numbers that stays one"):
        IN_PLACE[what](known(Ring(Residues(65521, 16)), np.eye(3)[[0, 2, 1, 1]]))


def test_what_is_exact_in_place_is_done():
    y = known(RING, np.eye(3))
    y += 1
    y *= -2
    np.add.at(y, [0, 0], 1)
    assert y.tolist() == [[-2, 0, 0], [-2, -4, -2], [-2, -2, -4]]
    count = known(RING, np.zeros(3, dtype=int))
    np.add.at(count, known(RING, np.array([0, 2, 2])), 1)
    assert count.tolist() == [1, 0, 2]


def test_what_floats_swallow_is_kept_in_a_new_array():
    small = ONE_HOT + 2.0**-70
    assert isinstance(small, RingArray)
    assert np.all((small - ONE_HOT).dual.x == literal(RING, 2.0**-70).x)
    smooth = ONE_HOT * 0.9 + 0.05
    assert (smooth * 20).dual.x[0].tolist() == [19, 1, 1]


@pytest.mark.parametrize("data", [np.eye(3)[[0, 2, 1, 1]], np.arange(12).reshape(4, 3) ** 2])
def test_means_and_deviations_of_data_are_of_the_ring(data):
    where = Ring(Residues(65521, 16))
    x = known(where, data)
    lifted = RingArray(unknown(where, "zero", np.zeros((4, 3)))) * 0 + data
    for function in (np.mean, np.var, np.std):
        for axis in (None, 0, 1):
            found, true = function(x, axis=axis), function(lifted, axis=axis)
            assert isinstance(found, RingArray)
            assert np.all(found.dual.x == true.dual.x)
            rounded = data.size * np.finfo(float).eps * (np.abs(data).sum() ** 2 + 1)  # so often, of at most so much
            assert np.all(np.abs(found.dual.f - function(data, axis=axis)) <= rounded)
    assert np.all((x.std(0) - np.std(x, axis=0)).dual.x == 0)

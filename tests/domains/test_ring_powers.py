"""Powers: integers are multiplied out, also several in one array; a base to an unknown is an exponential."""

import warnings

import numpy as np
import pytest

from rnnproof.domains.dual import literal, unknown
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.ring_known import known
from rnnproof.errors import Untraceable

T = np.array([1, 2, 3, 4])
SHADOW = np.array([0.5, 2.0, 1.25, 3.0])


def ring():
    return Ring(Residues(65521, 16))


def kinds(where):
    return {note.kind for note in where.notes}


@pytest.mark.parametrize("base", [0.5, 0.9, 2.0, np.full(4, 2.0)])
def test_a_number_to_known_integers_is_multiplied_out(base):
    where = ring()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = base ** known(where, T)
    one = RingArray(literal(where, base if isinstance(base, float) else base[0]))
    assert np.array_equal(found.dual.f, base**T)
    product = one
    for n in range(4):
        assert found.dual.x[n] == product.dual.x
        product = product * one
    assert "log" not in kinds(where)


def test_several_integers_go_entry_by_entry_with_their_tangents():
    where = ring()
    a = RingArray(unknown(where, "a", SHADOW, np.ones(4)))
    for exponents in (np.array([0, 1, -1, 3]), np.array([[2.0], [-3.0]])):
        found = a**exponents
        true = SHADOW**exponents
        assert np.all(np.abs(found.dual.f - true) <= np.abs(exponents) * np.finfo(float).eps * np.abs(true))
        wide = np.broadcast_to(exponents, found.shape)
        for index in np.ndindex(found.shape):
            one = a[index[-1]] ** int(wide[index])
            assert one.dual.x == found.dual.x[index]
            assert one.dual.d == found.dual.d[index]
            assert one.dual.df == found.dual.df[index]
    assert not kinds(where)


def test_one_number_to_an_unknown_is_an_exponential_still():
    where = ring()
    x = RingArray(unknown(where, "x", SHADOW))
    assert np.all((2.0**x * 2.0**x - 2.0 ** (x + x)).dual.x % where.known == 0)
    assert "log" in kinds(where)


def test_one_number_to_fractions_is_an_exponential_and_counts_as_one():
    where = ring()
    found = 10000.0 ** RingArray(literal(where, T / 8))
    assert np.array_equal(found.dual.f, 10000.0 ** (T / 8))
    assert found.dual.x[1] == found.dual.x[0] ** 2 % where.residues.modulus
    assert "log" in kinds(where)


@pytest.mark.parametrize(
    "exponents", [np.array([1.0, 0.5, 2.0, 3.0]), np.array([0.25] * 4), np.array([1.0, 2e9, 1, 1])]
)
def test_what_is_no_integer_is_refused(exponents):
    with pytest.raises(Untraceable, match="a power that is no integer"):
        RingArray(unknown(ring(), "a", SHADOW)) ** exponents

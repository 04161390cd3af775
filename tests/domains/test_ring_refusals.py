"""Where floats would decide, or memory is shared, or was never set: refused by name, or as NumPy has it."""

import numpy as np
import pytest

from rnnproof.domains.dual import literal, unknown
from rnnproof.domains.execution import execute
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import Untraceable
from rnnproof.tracing.standin import Stage

SHADOW = np.array([[0.5, 0.25], [0.5, -1.0]])


def ring():
    return Ring(Residues(65521, 16))


def array(where, shadow=SHADOW, tangent=None):
    return RingArray(unknown(where, "a", shadow, tangent))


def said(where, *values):
    return RingArray(literal(where, np.array(values)))


TIES = {
    "max": lambda a: np.max(a, axis=0),
    "max of all": lambda a: a.max(),
    "argmax": lambda a: a.argmax(axis=0),
    "argsort": lambda a: np.argsort(a, axis=0),
    "maximum": lambda a: np.maximum(a[0, 0], a[1, 0]),
    "<": lambda a: a[0] < a[1],
    "==": lambda a: a[0] == a[1],
    "max of lists": lambda a: max(a[:, 0]),
    "sorted": lambda a: sorted(a[:, 0]),
    "clip": lambda a: np.clip(a, -2, a[0]),
    "abs at the kink": lambda a: np.abs(a[0] - a[1]),
    "sign at the kink": lambda a: np.sign(a[0] - a[1]),
}


@pytest.mark.parametrize("what", TIES)
def test_floats_that_tie_are_refused(what):
    with pytest.raises(Untraceable, match="equal as floats alone, or at a kink"):
        TIES[what](array(ring()))
    TIES[what](array(ring(), SHADOW + np.array([[0.0, 0.0], [0.125, 0.0]])))


@pytest.mark.parametrize("what", ["<", "=="])
def test_equal_numbers_that_rounding_tells_apart_are_refused(what):
    first = array(ring())
    second = first / 3 * 3
    second.dual.f[...] += 2.0**-50
    with pytest.raises(Untraceable, match="equal, though not as floats"):
        TIES[what](np.stack([first[0], second[0]]))
    assert np.all(np.maximum(first, second).dual.x == first.dual.x)  # either will do


def test_equal_numbers_are_equal():
    a = array(ring())
    assert np.all(a == a.copy())
    assert np.all(np.max(np.stack([a, a]), axis=0).dual.x == a.dual.x)
    assert np.all(np.sign(said(a.ring, 0.0, -2.0, 3.0)).dual.x == said(a.ring, 0, -1, 1).dual.x)


def test_the_root_of_zero_is_zero_and_of_less_is_refused():
    where = ring()
    assert np.all(np.sqrt(said(where, 0.0)).dual.x == 0)
    for a in (said(where, -1.0), array(where, np.zeros(1)), RingArray(unknown(where, "b", np.zeros(1), np.ones(1)))):
        with pytest.raises(Untraceable, match="square root of a number that is not positive"):
            np.sqrt(a)


def test_memory_that_was_never_set_is_nothing_known():
    stage = Stage(ring())
    first, second = (stage.functions["empty"]((2, 2)) for _ in range(2))
    assert np.all((first - second).dual.x != 0)
    with pytest.raises(Untraceable, match="not known"):
        first > 0  # noqa: B015


def test_a_number_of_another_execution_is_refused():
    with pytest.raises(Untraceable, match="kept from another run"):
        array(ring()) + array(ring())


@pytest.mark.parametrize("name", ["asarray", "asanyarray", "ascontiguousarray", "array", "copy"])
def test_the_same_memory_is_shared_as_numpy_shares_it(name):
    where = ring()
    plain, a = SHADOW.copy(), array(where)
    theirs, ours = getattr(np, name)(plain), Stage(where).functions[name](a)
    theirs[0], ours[0] = 7.0, 7.0
    assert np.array_equal(a.dual.f, plain)
    assert (a.dual.x[0, 0] == 7) == (plain[0, 0] == 7)


MADE = {
    "a transpose": lambda a: a.T,
    "a sum of transposes": lambda a: a.T + a.T,
    "a product": lambda a: a.T @ a.T,
    "an exp": lambda a: np.exp(a.T),
    "a tanh": lambda a: np.tanh(a.T),
    "a choice": lambda a: np.where(a.T > 0.3, a.T, 0.0),
    "a maximum": lambda a: np.maximum(a.T, 0.3),
    "a copy": lambda a: a.T.copy(),
    "a stack": lambda a: np.stack([a.T, a.T]),
    "a concatenation": lambda a: np.concatenate([a.T, a.T]),
    "a mean": lambda a: a.T.mean(axis=0, keepdims=True),
    "zeros": lambda a: np.zeros_like(a.T),
    "in place": lambda a: np.multiply(a.T, 2, out=a.T),
    "fortran order": lambda a: np.asfortranarray(a),
}


@pytest.mark.parametrize("what", MADE)
def test_what_is_a_view_for_numpy_is_one_of_every_component(what, monkeypatch):
    """9s are written into a reshaped array: they are seen in the array itself exactly where NumPy shows them."""
    where = ring()
    monkeypatch.setattr(np, "asfortranarray", Stage(where).functions["asfortranarray"])
    ours = MADE[what](array(where, SHADOW, SHADOW + 1)).T
    ours.reshape(-1)[...] = 9
    monkeypatch.undo()
    theirs = MADE[what](SHADOW.copy()).T
    theirs.reshape(-1)[...] = 9
    seen = theirs == 9
    assert np.array_equal(ours.dual.f == 9, seen)
    assert np.array_equal(ours.dual.x == 9, seen)
    assert not np.any(ours.dual.d[seen])
    assert not np.any(ours.dual.df[seen])


def test_an_einsum_that_only_turns_an_array_is_a_view_and_refused():
    with pytest.raises(Untraceable, match="gives a view"):
        np.einsum("ij->ji", array(ring()))


def test_more_logarithms_than_digits_are_run_again_with_more():
    def run(where):
        a = array(where, SHADOW + 2)
        for _ in range(60):
            a = np.log(np.exp(a))
        return bool(np.all((a.dual.x - array(where, SHADOW + 2).dual.x) % where.known == 0)), where.known

    (same, known), where = execute(run)
    assert same
    assert known >= 2**256 // where.p


OPTIONS = {
    "clip where": (lambda a: np.clip(a, -1, 1, where=np.array([True, False])), r"np\.clip with where"),
    "nan_to_num in place": (lambda a: np.nan_to_num(a, copy=False), r"np\.nan_to_num with copy=False"),
    "accumulate": (lambda a: np.add.accumulate(a), r"np\.add\.accumulate  \("),
    "add where": (lambda a: np.add(a, a, where=np.array([True, False])), r"np\.add with where  \("),
}


@pytest.mark.parametrize("what", OPTIONS)
def test_options_that_are_not_built_are_refused_by_name(what):
    with pytest.raises(Untraceable, match=OPTIONS[what][1]):
        OPTIONS[what][0](array(ring()))


def test_options_that_change_nothing_are_taken():
    a = array(ring())
    assert np.all(np.nan_to_num(a, nan=1.0, posinf=2.0).dual.x == a.dual.x)
    assert np.all(np.add(a, a, where=True).dual.x == 2 * a.dual.x % a.ring.residues.modulus)
    made = np.nan_to_num(a)
    made[...] = 0
    assert np.all(a.dual.x != 0)

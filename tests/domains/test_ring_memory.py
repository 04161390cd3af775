"""What is an array, a number or a view for NumPy is one in the ring: 9s written into each result show where it is."""

import numpy as np
import pytest

from rnnproof.domains import ring_arguments, ring_array
from rnnproof.domains.dual import unknown
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, RingNumber, of
from rnnproof.domains.ring_attributes import Flat
from rnnproof.domains.ring_functions import MOVING
from rnnproof.errors import Untraceable
from rnnproof.tracing.standin import Stage

NAMES = sorted(
    MOVING | {"array", "asanyarray", "asarray", "ascontiguousarray", "clip", "positive", "sum", "zeros_like"}
)
MORE = ((), (0,), (1,), (2,), (0, 1), ((),), ((1,),), ((-1,),), ((1, 1),))
PLACES = (
    (),
    ...,
    0,
    slice(None),
    None,
    (0, ...),
    (..., 0),
    [0],
    np.array(0),
    (0, 0),
    (0, 0, ...),
    True,
    np.array(True),
)
GIVEN = {
    "an array without axes": np.array(1.0),
    "a number": np.float64(1.0),
    "a number of float32": np.float32(1.0),
    "one": np.array([1.0]),
    "a row": np.arange(1.0, 4.0),
    "a matrix": np.arange(1.0, 7.0).reshape(2, 3),
    "of float32": np.arange(1.0, 4.0, dtype=np.float32),
}


def ways():
    """What can be made of an array, by name: each a function of the module and the array."""
    for name in NAMES:
        for more in MORE:
            yield f"np.{name}{more}", lambda module, a, name=name, more=more: getattr(module, name)(a, *more)
            yield f".{name}{more}", lambda module, a, name=name, more=more: getattr(a, name)(*more)
    for place in PLACES:
        yield f"[{place}]", lambda module, a, place=place: a[place]
    for name in ("T", "real", "flat"):
        yield f".{name}", lambda module, a, name=name: getattr(a, name)
    for form in (np.float64, np.float32):
        yield f".astype({form})", lambda module, a, form=form: a.astype(form)
        yield f".astype({form}), no copy", lambda module, a, form=form: a.astype(form, copy=False)
        yield f"np.asarray, {form}", lambda module, a, form=form: module.asarray(a, dtype=form)
    yield "ndmin", lambda module, a: module.array(a, ndmin=3, copy=None)


def written_into(result):
    """Whether it can be."""
    try:
        if isinstance(result, np.flatiter | Flat):
            result[:] = 9
        elif isinstance(result, np.ndarray) or type(result) is RingArray:
            result[...] = 9
        else:
            result += 9
    except ValueError:  # read-only
        return False
    return True


def differences(given):
    """What differs between NumPy and the ring, by name; and how much did not."""
    found, same = {}, 0
    for name, way in ways():
        where = Ring(Residues(65521, 16))
        plain = given.copy()
        ours = of(unknown(where, "a", plain), plain)
        before = ours.dual.x.copy()
        try:
            theirs = way(np, plain)
        except Exception:
            continue
        try:
            word = difference(theirs, way(Stage(where).module(np), ours))
        except Untraceable:
            continue
        if not np.array_equal(ours.dual.f, plain) or not np.array_equal(ours.dual.x != before, plain == 9):
            word = "another memory"
        found, same = (found | {name: word}, same) if word else (found, same + 1)
    return found, same


def difference(theirs, ours):
    several = isinstance(theirs, list | tuple)
    for one, other in zip(*((theirs, ours) if several else ([theirs], [ours])), strict=True):
        if isinstance(other, RingArray) and isinstance(one, np.ndarray) is isinstance(other, RingNumber):
            return "another nature"
        if isinstance(other, RingArray) and other.form is not None and other.dtype != one.dtype:
            return "another dtype"
        if written_into(one) is not written_into(other):
            return "another leave to write"
    return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", GIVEN)
def test_nature_format_and_memory_are_numpys(what):
    found, same = differences(GIVEN[what])
    assert found == {}
    assert same > 100


def numbers_become_arrays(patch):
    lift = ring_arguments.leaves_lifted

    def lifted(ring, value, always=False):
        return of(value.dual, np.zeros(())) if isinstance(value, RingNumber) else lift(ring, value, always)

    patch.setattr(ring_arguments, "leaves_lifted", lifted)


def arrays_become_numbers(patch):
    patch.setattr(
        ring_array, "like", lambda dual, model, form=None: (RingArray, RingNumber)[not dual.x.ndim](dual, form)
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("plant", "what"), [(numbers_become_arrays, "a number"), (arrays_become_numbers, "an array without axes")]
)
def test_a_planted_fault_is_seen(plant, what, monkeypatch):
    plant(monkeypatch)
    assert differences(GIVEN[what])[0]

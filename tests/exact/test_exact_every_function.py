"""Every public function of NumPy, every ufunc and every method of an array: right in the ring, or refused by name."""

from collections import Counter

import numpy as np
import pytest
from walk import GIVEN, ONE, POSITIVE, SIGNED, functions, inner_functions, judged, methods, methods_of_ufuncs

from rnnproof.domains import ring_arguments, ring_calls
from rnnproof.domains.dual import literal
from rnnproof.domains.ring_array import RingArray

MANY = ([["m", "M"], ["m", "M"]],)  # the floats of a product of so many entries are rounded, and so is their quotient


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("every", [functions, inner_functions, methods, methods_of_ufuncs])
def test_every_function_is_right_or_refused_by_name(every, record_property):
    words, wrong = Counter(), []
    for name, function, seen in every():
        for given in (each for each in GIVEN if every is not methods or each[0] in ONE):
            if (name, given) == ("np.prod", MANY):
                continue
            for values in (POSITIVE, SIGNED):
                word = judged(name, function, given, values, seen)
                words[word] += 1
                if word not in ("right", "refused", "raises"):
                    wrong.append((name, given, word))
    assert wrong == []
    assert min(words["right"], words["refused"]) > 50
    record_property("every function", (every.__name__, dict(words)))


def without_tangent(function):
    """What the floats give, said to be exact."""
    return lambda a: literal(a.ring, function(a.f))


def ufunc(name, function):
    return lambda patch: patch.setitem(ring_calls.UNARY, name, without_tangent(function))


def floats_come_out(patch):
    patch.setattr(RingArray, "cumprod", lambda self: np.cumprod(self.dual.f), raising=False)


def lists_stay_as_they_are(patch):
    patch.setattr(ring_arguments, "leaves_lifted", lambda ring, value, always=False: value)


PLANTED = {
    "a silent float": floats_come_out,
    "a float that became exact": ufunc("sin", np.sin),
    "no tangent": ufunc("square", np.square),
    "no sign of 0": ufunc("sign", lambda a: np.where(a > 0, 1, -1)),
    "a list left as it is": lists_stay_as_they_are,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fault", PLANTED)
def test_the_walk_sees_a_planted_fault(fault, monkeypatch):
    PLANTED[fault](monkeypatch)
    names = {"np.sin", "np.square", "np.sign", "np.hstack", "array.cumprod"}
    asked = [each for each in (*functions(), *methods()) if each[0] in names]
    given = (("m",), ("v",), (["v", 1],))
    words = {judged(name, function, each, SIGNED, seen) for name, function, seen in asked for each in given}
    assert words - {"right", "refused", "raises"}

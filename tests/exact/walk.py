"""Every public function of NumPy, every ufunc and every method of an array: right in the ring, or refused by name.

Arrays of small dyadics are given to each in many ways. What comes back must have NumPy's value as its shadow, the
rational that this value is as its exact number, and tangents that agree with difference quotients of NumPy's own; it
must never be an array of floats.
"""

from fractions import Fraction

import numpy as np
from flint import fmpz

from rnnproof.domains.dual import NOISE, Dual, literal
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, of
from rnnproof.domains.ring_attributes import Flat
from rnnproof.errors import Untraceable
from rnnproof.tracing.standin import Stage

POSITIVE = np.array([[3.0, 1.0, 4.0], [1.5, 5.0, 9.0], [2.0, 6.0, 5.25]])
SIGNED = np.array([[1.0, 2.0, -1.0], [3.0, -2.0, 0.5], [-4.0, 2.5, 0.0]])
TANGENT = np.array([[2.0, 7.0, 1.0], [8.0, 2.0, 8.0], [1.0, 8.0, 2.5]])
SMALL = 2.0**-20
# The error of (f(x+h) - f(x-h)) / 2h: u/h for rounding and h^2 for curvature, times numbers of these sizes.
OF_QUOTIENTS = 2.0**-16
# Names of what is given: m a matrix, v a vector and s a number of the ring; M and V arrays of floats; i of indices.
ONE = ("m", "v", "s")
TWO = [(a, b) for a in "mvsMV" for b in "mvsMV" if {a, b} & set("mvs")]
NUMBERS = [(a, b) for a in ("m", "v") for b in (0, 1, -1, 2, 0.5, None, (1, 0), (0,), float, int, "i", "C")]
THREE = [
    ("v", "V", "v"),
    ("v", 1, 2),
    ("v", "i", "V"),
    ("v", "i", 3.0),
    ("m", "v", 0),
    ("c", "v", "V"),
]
LONGER = [("v", -1.0, 2.0), ("m", 0, float), ("m", 0, None, None, True), ("m", 1, None, None, 0)]
LISTS = [
    (["m", "M"],),
    (["v", "V"],),
    (["v", [1, 2.5]],),
    ([[1, 2], "v"],),
    (["v", 1],),
    (["s", 1.5],),
    ([["m", "M"]] * 2,),
]
TEXTS = [("ij->i", "m"), ("ij,jk", "m", "M"), ("ij->ji", "m"), ("ii->i", "m"), ("i,i", "v", "v")]
GIVEN = [*((a,) for a in ONE), *TWO, *NUMBERS, *THREE, *LONGER, *LISTS, *TEXTS]
# They look at the machine or at a file, or print; one fills what was not set, which no two runs agree on.
NOT_ASKED = ("empty_like", "get_include", "info", "load", "printoptions", "save", "set", "show", "test")
IRRATIONAL = ("cosh", "exp", "hypot", "log", "norm", "rpow", "sinh", "sqrt", "std", "tanh")


class Sides:
    """The same arguments for the ring, for NumPy, and for NumPy a little further along the tangent."""

    def __init__(self, ring, values):
        self.ring = ring
        floats = {"m": values, "v": values[0], "s": values[0, 0]}
        tangents = {"m": TANGENT, "v": TANGENT[0], "s": TANGENT[0, 0]}
        self.moving = {name: (floats[name], tangents[name]) for name in ONE}
        self.still = {"M": values * 1.5 - 2, "V": np.array([1.0, 2.0, 0.25])}
        self.still |= {"i": np.array([2, 0, 1]), "c": np.array([True, False, True])}

    def of(self, value, make):
        if isinstance(value, list | tuple):
            return type(value)(self.of(each, make) for each in value)
        if isinstance(value, str) and value in self.moving:
            return make(*self.moving[value])
        return self.still[value].copy() if isinstance(value, str) and value in self.still else value

    def exact(self, given):
        return self.of(given, lambda value, tangent: exact(self.ring, value, tangent))

    def along(self, given, step):
        return self.of(given, lambda value, tangent: value + step * tangent)


def exact(ring, value, tangent):
    x, d = (literal(ring, np.asarray(each)).x for each in (value, tangent))
    floats, tangent = np.array(value, dtype=float), np.array(tangent, dtype=float)
    return of(Dual(ring, x, d, floats, tangent, np.zeros(floats.shape, dtype=np.int64)), value)


def as_residues(ring, floats):
    """The rationals of small denominator that floats are."""

    def of(value):
        ratio = Fraction(float(value)).limit_denominator(10**5)
        return fmpz(ratio.numerator) * pow(fmpz(ratio.denominator), -1, ring.residues.modulus) % ring.residues.modulus

    return np.asarray(np.frompyfunc(of, 1, 1)(floats), dtype=object)


def flat(value):
    several = isinstance(value, list | tuple | np.flatiter | Flat)
    return [inner for each in value for inner in flat(each)] if several else [value]


def tried(call):
    try:
        with np.errstate(all="ignore"):
            return call(), None
    except Exception as problem:
        return None, problem


def judged(name, function, given, values, seen=lambda ring, function: function):
    """ "right", "refused", "raises" (as NumPy does), or in words what is wrong; ``seen``: what the code is given."""
    sides = Sides(Ring(Residues(65521, 16)), values)
    theirs, ours = sides.along(given, 0.0), sides.exact(given)
    true, numpy_raises = tried(lambda: function(*theirs))
    got, raised = tried(lambda: seen(sides.ring, function)(*ours))
    if isinstance(raised, Untraceable) or sides.ring.stopped is not None:
        return "refused" if ("walk.py:" in str(sides.ring.stopped)) else "a refusal without a line"
    if raised is not None:
        return (
            "raises" if numpy_raises is not None or sides.ring.non_unit else f"raises {raised!r} where NumPy does not"
        )
    if numpy_raises is not None:
        return "raises"
    up, down = (flat(tried(lambda step=step: function(*sides.along(given, step)))[0]) for step in (SMALL, -SMALL))
    got, true = flat(got), flat(true)
    if len(got) != len(true):
        return "another number of results"
    if any(isinstance(a, RingArray) and not near(a.dual.f, b, NOISE) for a, b in zip(ours, theirs, strict=True)):
        return "another change of an argument"
    rational = 0.5 not in given and not any(word in name for word in IRRATIONAL)
    wrong = (difference(sides.ring, rational, *each) for each in zip(got, true, up, down, strict=True))
    return next((each for each in wrong if each), "right")


def difference(ring, rational, got, true, up, down):
    """What is wrong with one result; None if nothing is."""
    if not isinstance(got, RingArray):
        still = np.array_equal(up, true) and np.array_equal(down, true)  # it holds none of the numbers that move
        if not still and np.asarray(got).dtype.kind not in "biu":
            return f"a {type(got).__name__} came out"
        return None if still or np.array_equal(got, true) else f"{got} for {true}"
    dual, kind, true = got.dual, true, np.asarray(true, dtype=float)
    if got.shape != true.shape or not near(dual.f, true, NOISE):
        return "another value"
    if got.form is not None and type(got.model()) is not type(kind):
        return f"{type(got.model()).__name__} for {type(kind).__name__}"
    if got.form is not None and got.form is not float and got.dtype != kind.dtype:
        return "another dtype"
    quotient = (np.asarray(up, dtype=float) - np.asarray(down, dtype=float)) / (2 * SMALL)
    if not near(dual.df, quotient, OF_QUOTIENTS):
        return "another derivative"
    pairs = ((dual.x, dual.f), (dual.d, dual.df))
    if rational and any(np.any((n - as_residues(ring, floats)) % ring.residues.modulus) for n, floats in pairs):
        return "another exact number"
    return None


def near(got, true, noise):
    """Apart by less than noise in numbers of this size; NaN where NaN is."""
    size = np.nan_to_num(np.abs(true), posinf=0).max(initial=1)
    with np.errstate(all="ignore"):
        return not np.any(np.abs(got - true) > noise * size) and np.array_equal(np.isnan(got), np.isnan(true))


def functions():
    """np.name, as the stand-in for NumPy has it."""
    for name, function in _public(np):
        yield (
            f"np.{name}",
            function,
            lambda ring, function: getattr(Stage(ring).module(np), function.__name__, function),
        )


def inner_functions():
    """np.linalg.name and np.fft.name."""
    for module in (np.linalg, np.fft):
        for name, function in _public(module):
            yield f"{module.__name__}.{name}", function, same


def as_stood_in(ring, function):
    return getattr(Stage(ring).module(np), function.__name__, function)


def same(ring, function):
    del ring
    return function


def _public(module):
    for name in sorted(vars(module)):
        function = getattr(module, name)
        if callable(function) and not isinstance(function, type) and not name.startswith(("_", *NOT_ASKED)):
            yield name, function


def methods():
    """array.name, and the operators."""
    for name in sorted(dir(np.ndarray)):
        if not name.startswith("_") and name not in ("tofile", "dump", "dumps", "flags", "setflags"):
            yield f"array.{name}", lambda a, *rest, name=name: _called(getattr(a, name), rest), same
    arithmetic = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "lshift", "divmod")
    for name in (*arithmetic, *(f"r{name}" for name in arithmetic), "eq", "ne", "lt", "le", "gt", "ge"):
        yield f"array.__{name}__", lambda a, b, name=name: getattr(a, f"__{name}__")(b), same
    for name in ("iadd", "isub", "imul", "itruediv", "ipow", "imatmul"):
        yield f"array.__{name}__", lambda a, b, name=name: getattr(a.copy(), f"__{name}__")(b), same


def _called(attribute, rest):
    return attribute(*rest) if callable(attribute) else attribute


def methods_of_ufuncs():
    """np.add.reduce and the like."""
    for method in ("reduce", "accumulate", "outer", "reduceat", "at"):
        for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.subtract, np.logaddexp, np.hypot):
            yield f"{ufunc.__name__}.{method}", getattr(ufunc, method), same

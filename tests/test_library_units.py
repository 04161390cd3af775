"""What docs/bounds.md assumes of libraries' tanh, exp and sigmoid, measured where the tests run."""

import mpmath
import numpy as np
import pytest

from rnnproof.domains.formats import FORMATS, LIBRARY_UNITS

MEASURED = ("float64", "float32")  # those of 16 bits are measured number by number, through the layers


def by_exp(z, exp=np.exp):
    return 1 / (1 + exp(-z))


def by_tanh(z):
    return z.dtype.type(0.5) * (1 + np.tanh(z.dtype.type(0.5) * z))


def piecewise(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small)).astype(z.dtype)


def of_torch(name):
    def computed(z):
        torch = pytest.importorskip("torch")
        return getattr(torch, name)(torch.from_numpy(z)).numpy()

    return computed


def approximate_tanh(z):
    """Right to three digits: what must be refused."""
    return np.clip(z * (27 + z * z) / (27 + 9 * z * z), -1, 1)


def true_sigmoid(z):
    return 1 / (1 + mpmath.exp(-z))


ABSOLUTE = {
    "tanh of NumPy": (np.tanh, mpmath.tanh),
    "tanh of PyTorch": (of_torch("tanh"), mpmath.tanh),
    "sigmoid by exp": (by_exp, true_sigmoid),
    "sigmoid by tanh": (by_tanh, true_sigmoid),
    "sigmoid piecewise": (piecewise, true_sigmoid),
    "sigmoid of PyTorch": (of_torch("sigmoid"), true_sigmoid),
}
RELATIVE = {"exp of NumPy": np.exp, "exp of PyTorch": of_torch("exp")}


def points(dtype):
    """Both signs, dense where the functions bend, out to where sigmoid is 0 or 1; and zero."""
    rng = np.random.default_rng(0)
    drawn = [rng.uniform(-scale, scale, 1000) for scale in (0.5, 2, 8, 40)]
    return np.concatenate([*drawn, [0.0]]).astype(dtype)


def units(function, true, dtype, relative):
    """The largest error at these points, in units roundoff."""
    z = points(dtype)
    got = function(z)
    assert got.dtype == np.dtype(dtype)
    with mpmath.workdps(40):
        exact = [true(mpmath.mpf(float(value))) for value in z]
        errors = [abs(mpmath.mpf(float(g)) - e) / (e if relative else 1) for g, e in zip(got, exact, strict=True)]
        return float(max(errors)) / FORMATS[dtype].roundoff


@pytest.mark.parametrize("dtype", MEASURED)
@pytest.mark.parametrize("name", ABSOLUTE)
def test_sigmoid_and_tanh_are_within_the_units_assumed(name, dtype):
    function, true = ABSOLUTE[name]
    assert units(function, true, dtype, relative=False) <= LIBRARY_UNITS


@pytest.mark.parametrize("dtype", MEASURED)
@pytest.mark.parametrize("name", RELATIVE)
def test_exp_is_within_the_units_assumed(name, dtype):
    assert units(RELATIVE[name], mpmath.exp, dtype, relative=True) <= LIBRARY_UNITS


@pytest.mark.parametrize("dtype", MEASURED)
def test_an_approximation_is_outside(dtype):
    assert units(approximate_tanh, mpmath.tanh, dtype, relative=False) > LIBRARY_UNITS

"""Functions of NumPy that from-scratch code uses beside exp and tanh: right code passes, one change of it does not."""

import os

import numpy as np
import pytest
from gradient_files import written

from rnnproof.domains.place import between
from rnnproof.model.verdict import Outcome

GIVEN = {
    "w": np.array([0.5, -0.25, 0.75, 1.5]),
    "x": np.array([1.5, 0.75, -0.3, 0.6]),
    "i": np.array([0, 2, 2, 1]),
}
# A function of z = w x elementwise, its derivative, the derivative with an error; how an error with log is judged.
FUNCTIONS = {
    "np.e ** z": ("np.e ** z", "np.e ** z", "np.e ** (z - 0.5)"),
    "2.0 ** z": ("2.0 ** z", "2.0 ** z * np.log(2.0)", "2.0 ** z * np.log(3.0)"),
    "np.exp2": ("np.exp2(z)", "np.exp2(z) * np.log(2)", "np.exp2(z)"),
    "np.log2": ("np.log2(2 + z)", "1 / (2 + z) / np.log(2)", "1 / (2 + z)"),
    "np.log10": ("np.log10(2 + z)", "1 / (2 + z) / np.log(10)", "1 / (2 + z) / np.log(2)"),
    "np.sinh": ("np.sinh(z)", "np.cosh(z)", "np.sinh(z)"),
    "np.cosh": ("np.cosh(z)", "np.sinh(z)", "-np.sinh(z)"),
    "np.pad": ("np.pad(z * z, (1, 2))[:-1]", "np.pad(2 * z, 1)[1:-1]", "np.pad(2 * z, 1)[:-2]"),
    "np.pad with a value": (
        "np.pad(z * z, 1, constant_values=3.0)",
        "np.pad(2 * z, 1)[1:-1]",
        "np.pad(2 * z, 1, constant_values=1)[2:]",
    ),
    "np.pad with the edge": (
        "np.pad(z, 1, mode='edge') ** 2",
        "2 * z * np.array([2, 1, 1, 2])",
        "2 * z",
    ),
    "np.select": (
        "np.select([z < 0, z > 0.5], [z * z, 3 * z], 5.0)",
        "np.select([z < 0, z > 0.5], [2 * z, 3.0])",
        "np.select([z < 0, z > 0.5], [z, 3.0])",
    ),
    "np.piecewise": (
        "np.piecewise(z, [z < 0, z >= 0], [lambda v: v * v, lambda v: 3 * v])",
        "np.piecewise(z, [z < 0], [lambda v: 2 * v, 3])",
        "np.piecewise(z, [z < 0], [lambda v: 2 * v, 2])",
    ),
    "np.add.at": ("np.zeros(4) + z ** 2", "at(np.add, 2 * z)", "at(np.add, z)"),
    "np.subtract.at": ("np.zeros(4) + z ** 2", "-at(np.subtract, 2 * z)", "at(np.subtract, 2 * z)"),
    ".tolist()": ("np.array([v * v for v in z.tolist()])", "2 * np.array(z.tolist())", "np.array(z.tolist())"),
    "np.bincount": (
        "np.bincount(i, weights=z) ** 2",
        "2 * np.bincount(i, weights=z)[i]",
        "np.bincount(i, weights=z)[i]",
    ),
    "np.hypot": ("np.hypot(z, 2)", "z / np.hypot(z, 2)", "2 / np.hypot(z, 2)"),
    "np.c_": ("np.c_[z, np.ones(4), [z, z][0]] ** 2", "4 * np.c_[z, z][:, 1]", "2 * np.c_[z, z][:, 0]"),
    "np.r_": ("np.r_[z, 1, z[:1]] ** 2", "np.r_[4 * z[0], 2 * z[1:]]", "np.r_[2 * z[0], 2 * z[1:]]"),
    "np.vectorize": ("np.vectorize(lambda v: v * v)(z)", "np.vectorize(lambda v: 2 * v)(z)", "np.vectorize(abs)(z)"),
    "a vectorized choice": (
        "np.vectorize(lambda v: 0.0 if v < 0 else v ** 2)(z)",
        "np.vectorize(lambda v: 2 * v if v > 0 else 0)(z)",
        "np.vectorize(lambda v: 2 * v)(z)",
    ),
    "math.sqrt": ("np.array([math.sqrt(2 + v * v) for v in z])", "z / np.sqrt(2 + z ** 2)", "z / np.sqrt(2 + z)"),
    "math.pow": ("np.array([math.pow(v, 2) for v in z])", "np.array([2 * math.pow(v, 1) for v in z])", "3 * z"),
    "math.fabs": ("np.array([math.fabs(v) for v in z])", "np.sign(z)", "np.ones(4)"),
    "math.cosh": ("np.array([math.cosh(v) for v in z])", "np.sinh(z)", "np.array([-math.sinh(v) for v in z])"),
    "math.log": ("np.array([math.log(2 + v, 3) for v in z])", "1 / (2 + z) / math.log(3)", "1 / (2 + z) / math.log(2)"),
    "np.float64": ("np.float64((z * z).sum())", "np.float64(2) * z", "np.float64(z)"),
    "np.float32": ("np.float32(z[0]) * np.float32(z)", "np.r_[z[0] + z.sum(), z[0] * np.ones(3)]", "z"),
    "np.allclose": (
        "z * z",
        "2 * z if np.allclose(z / 3 * 3, z) and np.isclose(z, w * x).all() else z",
        "2 * z if np.allclose(z / 3, z) else z",
    ),
    "np.array_equal": ("z * z", "2 * z if np.array_equal(z, w * x) else z", "z if np.array_equal(z, w * x) else z"),
    "a text": ("say(z * z)", "say(2 * z)", "say(z)"),
}
SOURCE = """
import math


def at(ufunc, value):
    made = np.zeros(4)
    ufunc.at(made, np.array([0, 1, 2, 3, 3]), np.append(value, 0.0))
    return made


def say(value):
    text = "%.3f, %5.1f" % (value[0], value.sum()) + f"{{value[0]:.3f}}, {{value}}" + "{{:.2f}}".format(value[1])
    print(text)
    return value


def loss(w, x, i):
    z = w * x
    return ({function}).sum()


def gradient(w, x, i):
    z = w * x
    return {{'w': x * ({derivative})}}
"""


@pytest.mark.parametrize("what", FUNCTIONS)
def test_a_function_and_its_derivative(what, tmp_path):
    function, right, wrong = FUNCTIONS[what]
    for name, derivative, outcome in (("right", right, Outcome.PASSED), ("wrong", wrong, Outcome.FAILED)):
        (tmp_path / name).mkdir()
        text = SOURCE.format(function=function, derivative=derivative)
        found = written(tmp_path / name, text, GIVEN)
        assert found.outcome is outcome, found.message


REFUSED = {
    "a power of an unknown": ("abs(w) ** x", "a power that is no integer"),
    "np.pad by another mode": ("np.pad(z, 1, mode='mean')", "np.pad with mode mean"),
    "a condition of numbers": ("np.where(z, z, 0.0)", "np.where by the numbers themselves"),
    "integers first": ("np.vectorize(lambda v: 0 if v > 0.7 else v)(z)", "whose first value is no float"),
    "another function of math": ("np.array([math.gamma(v) for v in z])", "taken out as a float by math.gamma"),
    "near the tolerance": ("z * (1 + np.isclose(w + 1e-5, w, rtol=0, atol=1e-5))", "as large as the tolerance"),
    "into integers": ("put(np.zeros(4, dtype=int), z)", "put into a[:]: an array of integers"),
    "into labels": ("put(i, z)", "put into an array of int64"),
    "out in integers": ("np.multiply(w, x, out=i, casting='unsafe')", "put into an array of int64"),
    "text into a number": ("z * float('%.2f' % z[0])", "a number that is not finite"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_says_what_happened_and_where(what, tmp_path):
    function, words = REFUSED[what]
    put = "def put(a, z):\n    a[:] = z\n    return a\n"
    found = written(tmp_path, put + SOURCE.format(function=function, derivative="2 * z"), GIVEN)
    assert found.outcome is Outcome.NOT_APPLICABLE, found.message
    assert words in found.message
    assert "(code.py:" in found.message


def test_the_line_shown_is_the_users_and_none_of_a_librarys():
    folder = f"{os.sep}lib{os.sep}site-packages{os.sep}"
    assert between(f"{folder}scipy{os.sep}special{os.sep}_logsumexp.py")
    assert between(np.__file__)
    assert not between(f"{folder}my_scipy{os.sep}code.py")

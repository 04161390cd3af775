"""What cannot be checked is said in a sentence with its line, and is never a verdict."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.errors import UsageError
from rnnproof.model.verdict import Outcome

LOSS = "def loss(w, x):\n    return ((w * x).sum()) ** 2\n"
GRADIENT = "\ndef gradient(w, x):\n    return {'w': 2 * (w * x).sum() * x}\n"
GIVEN = {"w": np.array([0.5, -0.25, 2.0]), "x": np.array([1.5, 0.75, -0.3])}
SEVERAL = """
def loss(w, x, v):
    return (w * x * v).sum()


def gradient(w, x, v):
    dw, dx, dv, dvee, hidden = x * v, w * v, w * x, w * x, w * x
    return {}
"""
INDEXED = "def loss(w, i):\n    return (w[i + 1] ** 2).sum()\ndef gradient(w, i):\n    return {'w': w}\n"


def test_the_code_that_all_of_these_change_passes(tmp_path):
    assert written(tmp_path, LOSS + GRADIENT, GIVEN).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def loss(w, x):\n    return (w * x).sum() ** 2 + np.random.randn()\n" + GRADIENT, "(randn)  (code.py:3"),
        ("def loss(w, x):\n    np.random.seed(0)\n    return np.random.rand()\n" + GRADIENT, "(rand)  (code.py:4"),
        (LOSS + "def gradient(w, x):\n    return x * np.random.default_rng(0).normal()\n", "(normal)  (code.py:5"),
        ("from numpy.random import randn\n" + LOSS + "def gradient(w, x):\n    return x * randn()\n", "random numbers"),
        ("rng = np.random.default_rng(0)\ndef loss(w, x):\n    return w.sum() * rng.normal()\n" + GRADIENT, "differ"),
        ("def loss(w, x):\n    open('x.txt', 'a').close()\n    return w.sum()\n" + GRADIENT, "open reads or writes"),
        ("def loss(w, x):\n    np.savetxt('x.txt', w)\n    return w.sum()\n" + GRADIENT, "np.savetxt reads or writes"),
        ("def loss(w, x):\n    return w.sum() * (type(w.sum()) is np.float64)\n" + GRADIENT, "(type)"),
        ("def loss(w, x):\n    return float((w * x).sum()) ** 2\n" + GRADIENT, "as a float  (code.py:3"),
        ("def loss(w, x):\n    return (np.partition(w, 1) * x).sum()\n" + GRADIENT, "np.partition  (code.py:3"),
        ("def loss(w, x):\n    return np.linalg.det(np.outer(w, x))\n" + GRADIENT, "det  (code.py:3"),
        (
            "def loss(w, x):\n    try:\n        return float((w * x).sum()) ** 2\n"
            "    except Exception:\n        return (w * x).sum() ** 2\n" + GRADIENT,
            "as a float  (code.py:4",
        ),
        ("def loss(w, x):\n    return sum(v.imag for v in w)\n" + GRADIENT, "code.py:3"),
    ],
)
def test_what_cannot_be_executed_exactly_is_not_applicable(source, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = written(tmp_path, source, GIVEN)
    assert found.outcome is Outcome.NOT_APPLICABLE, found.message
    assert found.message.startswith("it cannot be executed exactly: ")
    assert words in found.message
    assert len(found.message.splitlines()) == 1


def test_a_comparison_that_ties_is_no_verdict(tmp_path):
    relu = "def loss(w, x):\n    return np.maximum(w * x, 0).sum()\n"
    relu += "def gradient(w, x):\n    return {'w': x * (w * x > 0)}\n"
    assert written(tmp_path, relu, GIVEN).outcome is Outcome.PASSED
    found = written(tmp_path, relu, {**GIVEN, "w": np.array([0.0, 1.0, -1.5])})
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert "equal as floats alone, or at a kink  (code.py:" in found.message


@pytest.mark.parametrize(
    ("source", "given", "words"),
    [
        ("def loss(w, x):\n    return loss(w, x) + 1\n" + GRADIENT, GIVEN, "loss raised RecursionError"),
        (INDEXED, {"w": GIVEN["w"], "i": 7}, "loss raised IndexError: index 8 is out of bounds"),
        (INDEXED, {"w": GIVEN["w"], "i": np.int8(127)}, "loss raised IndexError: index -128 is out of bounds"),
        (INDEXED, {"w": GIVEN["w"], "i": np.array([2**63 - 1])}, "loss raised IndexError"),
        ("def loss(w, x):\n    return w.foo()\n" + GRADIENT, GIVEN, "loss raised AttributeError"),
        ("def loss(w, x):\n    raise SystemExit(3)\n" + GRADIENT, GIVEN, "loss called sys.exit(3)"),
        (LOSS + "def gradient(w, x):\n    return {'w': w[5]}\n", GIVEN, "gradient raised IndexError"),
        (LOSS + "def gradient(w, x):\n    return {'w': x[:2]}\n", GIVEN, "by w has shape (2,), but w has (3,)"),
        (LOSS + "def gradient(w, x):\n    return {'w': x[:, None]}\n", GIVEN, "by w has shape (3, 1), but w has (3,)"),
        (LOSS + "def gradient(w, x):\n    return {'w': 'x'}\n", GIVEN, "the gradient by w is str, no array"),
        ("def loss(w, x):\n    (w * x).sum()\n" + GRADIENT, GIVEN, "loss returned None"),
        ("def loss(w, x):\n    return 'a'\n" + GRADIENT, GIVEN, "loss returned str"),
        ("def loss(w, x):\n    return np.log(-(w * x).sum() ** 2)\n" + GRADIENT, GIVEN, "the loss is nan"),
        (LOSS + "def gradient(w, x):\n    2 * (w * x).sum() * x\n", GIVEN, "returned None, and changed none of w, x"),
        (LOSS + "gradient = loss\n", GIVEN, "returned only the loss, and changed none of w, x"),
    ],
)
def test_what_the_code_does_wrong_is_an_error(source, given, words, tmp_path):
    found = written(tmp_path, source, given)
    assert found.outcome is Outcome.ERROR, found.message
    assert words in found.message.splitlines()[0]
    assert "rnnproof" not in found.message.replace(str(tmp_path), "")  # no frame of ours


@pytest.mark.parametrize(
    ("source", "given", "options", "words"),
    [
        (LOSS + GRADIENT, {"w": GIVEN["w"]}, {}, "loss takes x, which is none of the arguments w"),
        (LOSS + GRADIENT, {**GIVEN, "wx": 1.5}, {}, "wx is no parameter of loss, and no global or attribute"),
        (LOSS + GRADIENT, {"w": np.arange(3), "x": np.arange(3)}, {}, "w is integers, x is integers"),
        (LOSS + GRADIENT, {**GIVEN, "w": np.array([1, np.nan, 2])}, {}, "w has entries that are not finite"),
        (LOSS + GRADIENT, {**GIVEN, "w": GIVEN["w"] * 1j}, {}, "w is complex"),
        (LOSS + GRADIENT, GIVEN, {"wrt": ["W"]}, "wrt: there is no argument W; did you mean w?"),
        (LOSS + GRADIENT, {**GIVEN, "x": np.arange(3)}, {"wrt": ["x"]}, "x is integers: nothing to differentiate by"),
        (LOSS + GRADIENT, GIVEN, {"returns": ["a"]}, "returns names a, none of which is an argument"),
        (LOSS + GRADIENT, GIVEN, {"returns": ["w", "x"]}, "returns names w, x, but 1 value was returned"),
        (LOSS + GRADIENT, (1.5, 2.5, 3.5), {}, "3 arguments are given, but loss takes w, x"),
        (LOSS + GRADIENT, {3: 1.5}, {}, "the keys must be names"),
        (LOSS + GRADIENT, 1.5, {}, "arguments is float; expected a dict by name, or a tuple"),
        (LOSS + "gradient = 3\n", GIVEN, {}, "cannot be called: it is int"),
        (
            LOSS + "def gradient(w, x, q):\n    return x\n",
            GIVEN,
            {},
            "gradient takes q, which is none of the arguments",
        ),
        (
            LOSS + "def gradient(w, x):\n    return x, x, x\n",
            GIVEN,
            {},
            "which of them is the gradient by which of w (3,)",
        ),
        (LOSS + "def gradient(w, x):\n    return x\n", GIVEN, {}, "which of them is the gradient by which"),
        (LOSS + "def gradient(w, x):\n    return {'foo': x}\n", GIVEN, {}, "gradient returned foo (3,); which"),
        (LOSS + "def gradient(w, x):\n    return {'w': x, 'dw': x}\n", GIVEN, {}, "two gradients by w were returned"),
        (
            "def loss(w, x):\n    return w * x\n" + GRADIENT,
            GIVEN,
            {},
            "loss returned an array of shape (3,), no scalar",
        ),
    ],
)
def test_what_cannot_be_asked_is_said(source, given, options, words, tmp_path):
    with pytest.raises(UsageError) as problem:
        written(tmp_path, source, given, **options)
    assert words in str(problem.value)
    assert len(str(problem.value).splitlines()) == 1


@pytest.mark.parametrize("values", ["dw, dx, dv", "0.5, dw, dx, dv, hidden", "hidden, dw, dx", "dw, dx, hidden"])
def test_what_stands_before_and_behind_the_gradients_is_told_and_not_looked_at(values, tmp_path):
    found = written(tmp_path, SEVERAL.format(values), {**GIVEN, "v": GIVEN["x"].copy()})
    assert found.outcome is Outcome.PASSED, found.message
    assert ("not looked at: hidden" in found.message) is (
        values.startswith("hidden") or values == "dw, dx, hidden"
    ) or ("not looked at: 0.5, hidden" in found.message)


def test_a_gradient_in_another_order_is_told(tmp_path):
    source = (
        "def loss(v, w, x):\n    return (w * x).sum() * v.sum() ** 2\n"
        "def gradient(v, w, x):\n    s = v.sum()\n"
        "    return x * s ** 2, 2 * s * (w * x).sum() + 0 * v, w * s ** 2\n"
    )
    found = written(tmp_path, source, {"v": np.array([0.3, 0.2, 0.9]), **GIVEN})
    assert found.outcome is Outcome.FAILED
    assert "what is returned for v is exactly the derivative by w" in found.message
    assert "right: dx" in found.message
    named = written(tmp_path, source, {"v": np.array([0.3, 0.2, 0.9]), **GIVEN}, returns=["w", "v", "x"])
    assert named.outcome is Outcome.PASSED


def test_a_function_that_changes_its_arguments_is_told_and_judged(tmp_path):
    found = written(tmp_path, "def loss(w, x):\n    w *= x\n    return w.sum() ** 2\n" + GRADIENT, GIVEN)
    assert found.outcome is Outcome.PASSED
    assert "loss changes its arguments: w; each call was given fresh ones" in found.message

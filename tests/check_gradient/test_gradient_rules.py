"""An update in place that follows a rule by its form, and takes another gradient than the derivative."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.model.verdict import Outcome

SOURCE = """
def loss(w, u, x, y):
    return 0.5 * ((x @ w + x @ x.T @ u - y) ** 2).sum(){penalty}


def gradient(w, u, x, y, {more}):
    d = x @ w + x @ x.T @ u - y
    dw, du = x.T @ d, x @ x.T @ d
{update}
"""
ADAGRAD = "    w -= 0.1 * dw / np.sqrt(mw + 1e-8)\n    u -= 0.1 * du / np.sqrt(mu + 1e-8)"
PENALTY = " + 0.05 * (w * w).sum()"
PLAIN = "    w -= lr * {}\n    u -= lr * du"


def judged(folder, update, penalty="", **constants):
    rng = np.random.default_rng(0)
    shapes = {"w": (4, 2), "u": (4, 2), "x": (4, 4), "y": (4, 2), "v": (4, 2), "mw": (4, 2), "mu": (4, 2)}
    arrays = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    arrays |= {name: arrays[name] ** 2 for name in ("mw", "mu")}
    given = {**arrays, "lr": 0.01, **constants}
    more = [name for name in given if name not in "wuxy" and f"{name} " in f"{update} "]
    used = {name: value for name, value in given.items() if name in "wuxy" or name in more}
    return written(folder, SOURCE.format(penalty=penalty, more=", ".join(more), update=update), used)


@pytest.mark.parametrize(
    ("update", "penalty", "outcome"),
    [
        (PLAIN.format("(dw + 0.1 * w)"), PENALTY, Outcome.PASSED),
        (PLAIN.format("dw"), PENALTY, Outcome.FAILED),
        (PLAIN.format("(dw - 0.1 * w)"), "", Outcome.FAILED),
        (PLAIN.format("(dw + 0.1 * w)"), "", Outcome.PASSED),
        (PLAIN.format("(dw + 0.2 * w)"), PENALTY, Outcome.PASSED),
    ],
)
def test_a_decay_makes_smaller(update, penalty, outcome, tmp_path):
    found = judged(tmp_path, update, penalty)
    assert found.outcome is outcome, found.message
    first = found.message.splitlines()[0]
    if outcome is Outcome.FAILED:
        assert "1/10 lr times w, so that it grows: a penalty that is in the loss is missing" in first
    else:
        decayed = ("0.1" in update) is (penalty == "")
        assert ("; besides, a decay or a penalty's term of w" in first) is decayed


@pytest.mark.parametrize(
    ("update", "outcome"),
    [
        ("    v[...] = 0.9 * v + dw\n    w -= lr * v\n    u -= lr * du", Outcome.PASSED),
        ("    v[...] = 0.9 * v - lr * (dw + 0.1 * w)\n    w += v\n    u -= lr * du", Outcome.PASSED),
        ("    dw += 0.3 * u\n    w -= lr * dw\n    u -= lr * du", Outcome.FAILED),
        ("    v *= 0.5\n    w -= lr * (dw + 0.3 * v)\n    u -= lr * du", Outcome.FAILED),
        ("    w -= lr * (dw + 0.3 * v)\n    v += 2 * dw\n    u -= lr * du", Outcome.FAILED),
    ],
)
def test_a_velocity_is_what_takes_the_gradient_itself(update, outcome, tmp_path):
    found = judged(tmp_path, update)
    assert found.outcome is outcome, found.message


@pytest.mark.parametrize(
    ("before", "how", "outcome", "words"),
    [
        ("", " += ", Outcome.PASSED, "Adagrad by exactly 1/10"),
        ("", "[...] = 0.9 * M + 0.1 * ", Outcome.PASSED, "Adagrad by exactly 1/10"),
        ("    dw, du = 2 * dw, 2 * du\n", " += ", Outcome.FAILED, "is 2 times what it should be"),
        ("    dw, du = 2 * dw, 2 * du\n", "[...] = 0.9 * M + 0.1 * ", Outcome.FAILED, "is 2 times what it should be"),
        ("    dw = 2 * dw\n", " += ", Outcome.FAILED, "dw is 2 times what it should be"),
        ("", " += 2 * ", Outcome.UNDECIDED, "by no multiple of the derivative"),
    ],
)
def test_a_memory_holds_the_squares_of_the_gradient_itself(before, how, outcome, words, tmp_path):
    squares = "".join(f"    {m}{how.replace('M', m)}{d} * {d}\n" for m, d in (("mw", "dw"), ("mu", "du")))
    found = judged(tmp_path, before + squares + ADAGRAD)
    assert found.outcome is outcome, found.message
    assert words in found.message

"""A gradient that is visible only through an update in place is recovered, and judged, exactly."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.model.verdict import Outcome

LINEAR = """
def loss(w, b, x, y):
    return 0.5 * ((x @ w + b - y) ** 2).sum()


def gradient(w, b, x, y, {more}):
    d = x @ w + b - y
    dw, db = x.T @ d, d.sum(0)
"""
SQUARES = "    mw += dw ** 2\n    mb += db ** 2\n"
DECAYING = "    mw[...] = 0.9 * mw + 0.1 * dw ** 2\n    mb[...] = 0.9 * mb + 0.1 * db ** 2\n"
VELOCITY = "    vw[...] = 0.9 * vw - lr * dw\n    vb[...] = 0.9 * vb - lr * db\n    w += vw\n    b += vb\n"


def judged(folder, update, **constants):
    rng = np.random.default_rng(0)
    shapes = {"w": (3, 2), "b": (2,), "x": (4, 3), "y": (4, 2), "vw": (3, 2), "vb": (2,), "mw": (3, 2), "mb": (2,)}
    arrays = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    arrays |= {name: arrays[name] ** 2 for name in ("mw", "mb")}
    given = {**arrays, "lr": 0.01, **constants}
    more = [name for name in given if name not in "wbxy" and name in update]
    used = {name: value for name, value in given.items() if name in "wbxy" or name in more}
    return written(folder, LINEAR.format(more=", ".join(more)) + update, used)


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ("    w -= lr * dw\n    b -= lr * db\n", "descent by exactly lr times the derivative: w, b"),
        ("    w -= lr * dw / 4\n    b -= lr * db / 4\n", "descent by exactly 1/4 lr times the derivative: w, b"),
        ("    w -= 0.3 * dw\n    b -= 0.3 * db\n", "descent by exactly 3/10 times the derivative: w, b"),
        ("    w -= lr * (dw + 0.001 * w)\n    b -= lr * db\n", "the derivative and 1/1000 lr times w: w"),
        (VELOCITY, "descent by exactly lr times the derivative and -9/10 times vw: w"),
        (
            SQUARES + "    w -= lr * dw / np.sqrt(mw + 1e-8)\n    b -= lr * db / np.sqrt(mb + 1e-8)\n",
            "Adagrad by exactly lr times the derivative: w, b",
        ),
        (
            SQUARES + "    w -= lr * dw / (np.sqrt(mw) + 1e-8)\n    b -= lr * db / (np.sqrt(mb) + 1e-8)\n",
            "Adagrad by exactly lr times the derivative: w, b",
        ),
        (
            DECAYING + "    w -= lr * dw / np.sqrt(mw + 1e-8)\n    b -= lr * db / np.sqrt(mb + 1e-8)\n",
            "RMSprop by exactly lr times the derivative: w, b",
        ),
    ],
)
def test_right_updates_pass_with_their_factor(update, words, tmp_path):
    found = judged(tmp_path, update)
    assert found.outcome is Outcome.PASSED, found.message
    assert words in found.message


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ("    w -= lr * dw[::-1]\n    b -= lr * db\n", "dw[0,0]: got"),
        ("    w[0] -= lr * dw[1]\n    w[1:] -= lr * dw[1:]\n", "2 of 6 entries differ: dw"),
        ("    w -= lr * dw / 4\n    b -= lr * db\n", "by different factors"),
        ("    w += lr * dw\n    b += lr * db\n", "goes up the loss"),
        ("    w -= lr * (dw + 0.001 * w)\n    b -= lr * db[::-1]\n", "db[0]: got"),
        (
            "    db = db[::-1]\n" + SQUARES
            + "    w -= lr * dw / np.sqrt(mw + 1e-8)\n    b -= lr * db / np.sqrt(mb + 1e-8)\n",
            "db[0]: got",
        ),
    ],
)  # fmt: skip
def test_wrong_updates_are_refused(update, words, tmp_path):
    found = judged(tmp_path, update)
    assert found.outcome is Outcome.FAILED, found.message
    assert words in found.message


DECAYS = [
    "    w -= 0.1 * dw\n    b -= 0.1 * db\n    w *= 1 - 0.1 * 0.01\n",
    "    w -= lr * dw\n    b -= lr * db\n    w *= 1 - lr * wd\n",
    "    w -= lr * dw\n    b -= lr * db\n    w *= 1 - lr * wd\n    b *= 1 - lr * wd\n",
    "    w -= lr * (dw + wd * w)\n    b -= lr * db\n",
    "    w -= 0.1 * (dw + 0.1 * w)\n    b -= 0.1 * db\n    w *= 1 - 0.1 * 0.1\n",
    "    vw[...] = 0.9 * vw - lr * (dw + wd * w)\n    vb[...] = 0.9 * vb - lr * db\n    w += vw\n    b += vb\n",
    "    vw[...] = mu * vw + dw\n    vb[...] = mu * vb + db\n    w -= lr * vw\n    b -= lr * vb\n",
]
WRONG = ["dw = dw[::-1]", "dw = 2 * dw", "dw = dw + 3 * w * x.sum()", "db = 2 * db", "db = db + b[::-1]"]


@pytest.mark.parametrize("update", DECAYS)
def test_a_decay_is_told_from_a_fault_by_one_rate_of_all(update, tmp_path):
    found = judged(tmp_path, update, wd=0.002, mu=0.9)
    assert found.outcome is Outcome.PASSED, found.message
    assert "times w" in found.message or "times vw" in found.message
    for wrong in WRONG:
        found = judged(tmp_path, f"    {wrong}\n{update}", wd=0.002, mu=0.9)
        assert found.outcome is Outcome.FAILED, (wrong, found.message)


def test_the_factors_of_a_decay_are_told(tmp_path):
    found = judged(tmp_path, DECAYS[0])
    assert "descent by exactly 999/10000 times the derivative and 1/1000 times w: w" in found.message
    assert "descent by exactly 1/10 times the derivative: b" in found.message
    told = "descent by exactly lr times the derivative and lr * wd times w and a decay after the step: w"
    assert told in judged(tmp_path, DECAYS[1], wd=0.002).message


@pytest.mark.parametrize(
    "update",
    [
        "    w -= lr * dw * w\n",  # no multiple of anything: a wrong gradient, or a rule that is not known
        DECAYING + "    vw += dw\n    vb += db\n    w -= lr * vw / np.sqrt(mw + 1e-8)\n    b -= lr * vb / mb\n",
        "    w[0] -= lr * dw[1]\n    b -= lr * db * w.sum()\n",  # a factor of the wrong kind for b says nothing of w
        "    y += 1\n",
    ],
)
def test_an_update_that_tells_nothing_is_undecided(update, tmp_path):
    found = judged(tmp_path, update)
    assert found.outcome is Outcome.UNDECIDED, (found.outcome, found.message)


def test_a_memory_of_another_array_of_the_same_shape_is_not_taken_for_its_own(tmp_path):
    """b and c have one shape, and so have their memories."""
    source = """
def loss(b, c, x):
    return ((b * x).sum() + (c * c * x).sum()) ** 2


def gradient(b, c, x, mb, mc):
    s = 2 * ((b * x).sum() + (c * c * x).sum())
    db, dc = s * x, s * 2 * c * x{wrong}
    mb += db * db
    mc += dc * dc
    b -= 0.1 * db / np.sqrt(mb + 1e-8)
    c -= 0.1 * dc / np.sqrt(mc + 1e-8)
"""
    rng = np.random.default_rng(1)
    given = {name: rng.uniform(0.5, 1.5, size=4) for name in ("b", "c", "x", "mb", "mc")}
    right = written(tmp_path, source.format(wrong=""), given)
    assert right.outcome is Outcome.PASSED, right.message
    wrong = written(tmp_path, source.format(wrong=" + 1"), given)
    assert wrong.outcome is Outcome.FAILED, wrong.message
    assert wrong.message.startswith("dc[0]: got")

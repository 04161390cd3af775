"""What a verdict says first, what it says once, and what it says of a factor that nobody chose."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.model.verdict import Outcome

GIVEN = {"w": np.array([0.5, -0.25, 2.0]), "x": np.array([1.5, 0.75, -0.3])}
LOSS = "def loss(w, x):\n    return (w * x).sum() ** 2\n\n\n"
CLIPPED = LOSS + "def gradient(w, x):\n    d = 2 * (w * x).sum() * x\n    return {{'w': np.clip(d, {low}, {high})}}\n"


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (-0.1, 0.1, Outcome.SUSPICIOUS),
        (-0.1, None, Outcome.SUSPICIOUS),
        (0, 0, Outcome.FAILED),
        (0, 0.9, Outcome.FAILED),
        (0, None, Outcome.FAILED),
        (-0.9, 0, Outcome.FAILED),
        (0.1, 0.9, Outcome.FAILED),
    ],
)
def test_a_clip_leaves_zero_room_on_both_sides(low, high, outcome, tmp_path):
    found = written(tmp_path, CLIPPED.format(low=low, high=high), GIVEN)
    assert found.outcome is outcome, found.message
    assert ("leaves zero no room on both sides" in found.message) is (outcome is Outcome.FAILED)


TINY = """
def loss(w, y):
    p = 1 / (1 + np.exp(-w))
    return -(y * np.log(p + {eps}) + (1 - y) * np.log(1 - p + {eps})).sum()


def gradient(w, y):
    p = 1 / (1 + np.exp(-w))
    return {{"w": {times}(p - y)}}
"""


@pytest.mark.parametrize("eps", ["1e-15", "np.finfo(float).eps", "2.0 ** -50", "1e-8"])
def test_every_tiny_number_is_read_alike_and_named_in_the_first_line(eps, tmp_path):
    given = {"w": GIVEN["w"], "y": np.array([0, 1, 1])}
    found = written(tmp_path, TINY.format(eps=eps, times=""), given)
    assert found.outcome is (Outcome.FAILED if eps == "1e-8" else Outcome.SUSPICIOUS), found.message
    first = found.message.splitlines()[0]
    assert "equal where tiny literals are read as zero" in first
    assert "dw" in first
    wrong = written(tmp_path, TINY.format(eps=eps, times="3 * "), given)
    assert (wrong.outcome, "equal where" in wrong.message) == (Outcome.FAILED, False)


BRANCH = """
def loss(w, x):
    h = np.maximum(w * x, 0)
    if x[0] > 1:
        h = h * 2
    return h.sum()


def gradient(w, x):
    return {"w": np.where(w * x > 0, x, 0) * (2 if x[0] > 1 else 1)}
"""


def test_the_lines_that_compared_are_named(tmp_path):
    found = written(tmp_path, BRANCH, GIVEN)
    assert found.outcome is Outcome.PASSED, found.message
    assert "compared, and so on this branch alone: code.py:4, code.py:5, code.py:11" in found.message
    none = written(tmp_path, CLIPPED.format(low=-9, high=9), GIVEN)
    assert (none.outcome, "compared" in none.message) == (Outcome.PASSED, False)


@pytest.mark.parametrize(("times", "said"), [("3", True), ("(1 + 2.0 ** -52)", False), ("(1 + 1e-9)", False)])
def test_a_factor_is_told_if_somebody_may_have_chosen_it(times, said, tmp_path):
    source = "def loss(w, v, x):\n    return (w * v * x).sum() ** 2\n\n\ndef gradient(w, v, x):\n"
    source += f"    s = 2 * {times} * (w * v * x).sum()\n    return {{'w': s * v * x, 'v': s * w * x}}\n"
    found = written(tmp_path, source, {**GIVEN, "v": np.array([0.7, 1.2, -0.8])})
    assert found.outcome is not Outcome.PASSED, found.message
    assert ("times what it should be" in found.message) is said
    assert "about 1" not in found.message


def test_a_line_that_took_part_is_named_once(tmp_path):
    source = "def loss(w, x):\n    return (w * x).sum() * 0.1 / np.sqrt(x[0] + 3.7)\n\n\ndef gradient(w, x):\n"
    source += "    return {'w': x * 0.1 / np.sqrt(x[0] + 3.7)}\n"
    found = written(tmp_path, source, GIVEN)
    assert found.outcome is Outcome.PASSED, found.message
    assert "on the way: literal, sqrt (code.py:3, code.py:7)" in found.message
    root = "def loss(w, x):\n    s = (w * w).sum() + 1\n    return (x * x).sum() * np.sqrt(s) ** 2 / s\n"
    (tmp_path / "root").mkdir()
    found = written(tmp_path / "root", root + "def gradient(w, x):\n    return {'w': 0 * w}\n", GIVEN)
    assert found.outcome is Outcome.UNDECIDED, found.message
    told = "dw: a difference in the exact run, but none in floats; on the way: sqrt (code.py:4)"
    assert found.message.splitlines()[0] == told


def test_a_weight_of_zeros_and_ones_that_is_updated_is_to_be_named(tmp_path):
    source = LOSS + "def step(w, x):\n    w -= 0.1 * 2 * (w * x).sum() * x\n"
    given = {**GIVEN, "w": np.array([1.0, 0.0, 0.0])}
    found = written(tmp_path, source, given, gradient="step")
    assert found.outcome is Outcome.NOT_APPLICABLE, found.message
    assert "taken as it is (whole numbers): name an argument that is updated in wrt  (code.py:7" in found.message
    assert written(tmp_path, source, given, gradient="step", wrt=["w"]).outcome is Outcome.PASSED


def test_a_memory_that_is_no_argument_is_asked_for(tmp_path):
    source = "m = np.ones(3) / 3\n" + LOSS + "def step(w, x):\n    d = 2 * (w * x).sum() * x\n"
    source += "    global m\n    m = m + d * d\n    w -= 0.1 * d / np.sqrt(m + 1e-8)\n"
    found = written(tmp_path, source, GIVEN, gradient="step")
    assert found.outcome is Outcome.UNDECIDED, found.message
    assert "Adagrad and RMSprop, whose velocities and memories must be among the arguments" in found.message

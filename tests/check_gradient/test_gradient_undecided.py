"""What can only be suspected, or cannot be decided; and what the floats hide at the arguments given."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.model.verdict import Outcome

LOSS = "def loss(w, x):\n    return ((w * x).sum()) ** 2\n"
GRADIENT = "\ndef gradient(w, x):\n    return {'w': 2 * (w * x).sum() * x}\n"
GIVEN = {"w": np.array([0.5, -0.25, 2.0]), "x": np.array([1.5, 0.75, -0.3])}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def loss(w, x):\n    return 3.0\n" + GRADIENT.replace("2", "0"), "the loss does not depend on w: nothing"),
        (
            "def loss(w, x):\n    for _ in range(10**7):\n        w = w * 1.5\n    return w.sum()\n" + GRADIENT,
            "more time",
        ),
    ],
)
def test_what_cannot_be_decided_is_undecided(source, words, tmp_path, monkeypatch):
    import rnnproof.usecases.gradients.verdict as judge

    monkeypatch.setattr(judge, "ways", lambda plan: ([False], ()))  # a run in floats of the slow one takes too long
    found = written(tmp_path, source, GIVEN, timeout=1)
    assert found.outcome is Outcome.UNDECIDED, found.message
    assert words in found.message


@pytest.mark.parametrize("loss", ["3.0", "(x ** 2).sum()", "(w * 0 * x).sum()", "(w - w).sum() + x.sum()"])
@pytest.mark.parametrize("wrong", ["2 * (w * x).sum() * x", "1e-30 * x", "x * 0 + 2.0 ** -60"])
def test_a_gradient_where_the_only_derivative_is_zero_is_wrong(loss, wrong, tmp_path):
    source = f"def loss(w, x):\n    return {loss}\ndef gradient(w, x):\n    return {{'w': {wrong}}}\n"
    found = written(tmp_path, source, GIVEN)
    large = "2 * (w" in wrong or "w * 0" in loss  # beside a loss that is 0
    assert found.outcome is (Outcome.FAILED if large else Outcome.SUSPICIOUS), found.message
    assert "dw: the true value is exactly zero where it differs" in found.message
    assert "the loss does not depend on w at all" in found.message


def test_too_much_memory_is_undecided(tmp_path, monkeypatch):
    from rnnproof.domains import execution
    from rnnproof.usecases.gradients import executed

    monkeypatch.setattr(executed, "Budget", lambda seconds: execution.Budget(seconds, entries=3))
    found = written(tmp_path, LOSS + GRADIENT, GIVEN)
    assert (found.outcome, found.message) == (Outcome.UNDECIDED, "exact execution needs more memory than it was given")


@pytest.mark.parametrize(
    ("epsilon", "outcome"), [("1e-8", Outcome.FAILED), ("1e-13", Outcome.SUSPICIOUS), ("0", Outcome.PASSED)]
)
def test_a_tiny_literal_that_explains_a_difference_is_named(epsilon, outcome, tmp_path):
    source = f"def loss(w, x):\n    return np.log((w * x).sum() ** 2 + {epsilon})\n"
    source += "def gradient(w, x):\n    return {'w': 2 * x / (w * x).sum()}\n"
    found = written(tmp_path, source, GIVEN)
    assert found.outcome is outcome, found.message
    assert ("equal where tiny literals are read as zero" in found.message) is (epsilon != "0")


def test_one_less_a_literal_is_read_as_the_rest_of_it_and_the_other_reading_is_named(tmp_path):
    """0.09999999999999998 = 1 - 0.9 in floats, a fraction of these two in the simplest reading."""
    source = "c = 0.9\ndef loss(w, x):\n    return (1 - c) * ((w * x).sum()) ** 2\n"
    source += "def gradient(w, x):\n    return {'w': 2 * (w * x).sum() * x * FACTOR}\n"
    for factor, outcome in (("0.1", Outcome.PASSED), ("(1 - c)", Outcome.PASSED), ("0.101", Outcome.FAILED)):
        found = written(tmp_path, source.replace("FACTOR", factor), GIVEN)
        assert found.outcome is outcome, found.message
    found = written(tmp_path, source.replace("FACTOR", "343131400180610 / (x / x * 3431314001806101)"), GIVEN)
    assert found.outcome is Outcome.UNDECIDED, found.message
    assert "equal where 1 - c of a literal c is read as the simplest fraction that rounds to it" in found.message


SUM = "def loss(w, x):\n    return {} * (w * x).sum()\ndef gradient(w, x):\n    return {{'w': {} * x / 2}}\n"


@pytest.mark.parametrize(
    ("once", "twice", "outcome"),
    [
        ("0.1", "0.2", Outcome.PASSED),
        ("0.30000000000000004", "0.6000000000000001", Outcome.UNDECIDED),  # 0.1 + 0.2, and twice that
        ("0.30000000000000004", "0.6000001", Outcome.FAILED),
    ],
)
def test_literals_that_are_right_as_the_floats_they_are_are_named(once, twice, outcome, tmp_path):
    found = written(tmp_path, SUM.format(once, twice), GIVEN)
    assert found.outcome is outcome, found.message
    explained = found.message.startswith("equal where literals are read as the floats they are, not where")
    assert explained is (outcome is Outcome.UNDECIDED)


def test_a_zero_state_that_hides_a_difference_from_the_floats_is_looked_past(tmp_path):
    """At h = 0 the floats of both agree; log took part, so that a difference in the ring alone does not count."""
    source = (
        "def loss(w, h):\n    return np.log(np.exp(np.tanh(w * h + 1)).sum())\n"
        "def gradient(w, h):\n    t = np.tanh(w * h + 1)\n    e = np.exp(t)\n"
        "    return {'w': e / e.sum() * (1 - t ** 2) * h%s}\n"
    )
    given = {"w": np.array([0.5, 0.7]), "h": np.zeros(2)}
    assert written(tmp_path, source % "", given).outcome is Outcome.PASSED
    found = written(tmp_path, source % " * 2", given)
    assert found.outcome is Outcome.FAILED
    assert "at arguments near those given, which hide it" in found.message


def test_what_is_zero_by_an_identity_that_the_ring_does_not_know_is_undecided(tmp_path):
    """sqrt(s)^2 = s is not known of the tag: the derivative, 0 in truth, is float noise on one side."""
    source = (
        "def loss(w, x):\n    s = (w * w).sum() + 1\n    return (x * x).sum() * np.sqrt(s) ** 2 / s\n"
        "def gradient(w, x):\n    return {'w': 0 * w}\n"
    )
    found = written(tmp_path, source, GIVEN)
    assert found.outcome is Outcome.UNDECIDED, (found.outcome, found.message)
    assert "sqrt (code.py:4)" in found.message


ROOT = """
def loss(w, x):
    s = (w * w).sum() + 1
    return (w * x).sum() + (x * x).sum() * np.sqrt(s) ** 2 / s


def gradient(w, x):
    return {{"w": np.clip({what}, -{most}, {most})}}
"""


@pytest.mark.parametrize(
    ("what", "most", "outcome"),
    [
        ("x", 1.6, Outcome.UNDECIDED),  # 1.5 is not clipped, but what is near to it is
        ("x", 1.2, Outcome.UNDECIDED),
        ("x", 100, Outcome.UNDECIDED),
        ("2 * x", 100, Outcome.FAILED),
        ("2 * x", 1.2, Outcome.FAILED),
    ],
)
def test_a_clip_here_or_near_by_makes_no_failure_of_what_is_undecided(what, most, outcome, tmp_path):
    found = written(tmp_path, ROOT.format(what=what, most=most), GIVEN)
    assert found.outcome is outcome, found.message

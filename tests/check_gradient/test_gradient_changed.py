"""Arguments that are changed in place beside gradients that are returned: neither hides what the other says."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.errors import UsageError
from rnnproof.model.verdict import Outcome

SOURCE = """
def loss(W, x, y):
    {first}
    return 0.5 * ((x @ W - y) ** 2).sum()


def gradient(W, x, y):
    {first}
    e = x @ W - y
    d = x.T @ e
    {last}
"""
SCALED = ["x *= 2", "x -= x.mean(0)", "x += 0.5"]


def judged(folder, first="pass", last="return d"):
    rng = np.random.default_rng(0)
    given = {name: rng.normal(size=shape) for name, shape in {"W": (3, 2), "x": (4, 3), "y": (4, 2)}.items()}
    return written(folder, SOURCE.format(first=first, last=last), given)


@pytest.mark.parametrize("first", SCALED)
@pytest.mark.parametrize("name", ["d", "grad"])
def test_what_is_changed_does_not_hide_what_is_returned(first, name, tmp_path):
    right = judged(tmp_path, first, f"{name} = d; return {name}")
    assert right.outcome is Outcome.PASSED, right.message
    assert right.message.startswith("equal to the derivative, exactly: dW\n")
    assert "changed, not looked at: x" in right.message
    wrong = judged(tmp_path, first, f"{name} = 3 * d; return {name}")
    # after the function the mean is taken of what has none: rounding alone, which is never judged
    assert wrong.outcome is (Outcome.UNDECIDED if "mean" in first else Outcome.FAILED), wrong.message


@pytest.mark.parametrize("first", [*SCALED, "W -= 0"])
def test_an_expression_beside_a_change_is_judged_if_it_is_right_and_asked_for_if_not(first, tmp_path):
    last = "return {}x.T @ e" if first != "W -= 0" else "W -= 0.1 * d; return {}d * 1"
    assert judged(tmp_path, first, last.format("")).outcome is Outcome.PASSED
    with pytest.raises(UsageError, match="returns an expression that is not the derivative by W: is it one"):
        judged(tmp_path, first, last.format("3 * "))


@pytest.mark.parametrize(
    ("last", "outcome", "words"),
    [
        ("W -= 0.1 * d; return d", Outcome.PASSED, "descent by exactly 1/10 times the derivative: W"),
        ("W -= 0.1 * d; d = 3 * d; return d", Outcome.FAILED, "dW is exactly 3 times"),
        ("W -= 0.1 * d; return {'dW': d}", Outcome.PASSED, "descent by exactly 1/10 times the derivative: W"),
        ("W += 0.1 * d; return {'dW': d}", Outcome.FAILED, "goes up the loss, not down: W"),
        ("W -= 0.1 * d; return {'dW': 3 * d}", Outcome.FAILED, "dW is exactly 3 times"),
        ("W -= 0.1 * d[::-1]; return {'dW': d}", Outcome.PASSED, "changed, not looked at: W"),
        ("W -= 0.1 * d; return x @ W", Outcome.PASSED, "descent by exactly 1/10"),  # what it predicts now
        ("W -= 0.1 * d; return 0.5 * (e * e).sum()", Outcome.PASSED, "descent by exactly 1/10"),
    ],
)
def test_an_update_and_what_is_returned_are_both_judged(last, outcome, words, tmp_path):
    found = judged(tmp_path, "pass", last)
    assert found.outcome is outcome, found.message
    assert words in found.message

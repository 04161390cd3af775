"""What takes too long, and what is a network whose arrays no dialect says."""

import time

import numpy as np
import pytest

import rnnproof
from rnnproof.conventions.clock import Clock
from rnnproof.usecases.infer import infer


class Slow:
    """Each run takes 0.2 s."""

    def __init__(self):
        self.runs = 0

    def run(self, params, x, state):
        self.runs += 1
        time.sleep(0.2)
        raise RuntimeError("slow")


def test_a_slow_target_ends_in_time_and_what_was_tried_is_said():
    slow = Slow()
    found = infer(slow, "elman", clock=Clock(seconds=0.7))
    assert slow.runs in (1, 2, 3)
    assert found.code == 2
    assert found.why.startswith("no arrays were found with which it runs (each ended so: RuntimeError: slow), and in")
    assert f"the 0.7 s that there are ({slow.runs} run" in found.why
    assert "it did not show itself as elman; to spare it the search for arrays, say their shapes" in found.why


def elman(products):
    """A cell whose state before tanh is ``products``."""

    def run(params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            h = np.tanh(products(params, x_t, h))
            outputs.append(h)
        return np.stack(outputs), {"h": h}

    return run


three = elman(lambda p, x, h: x @ p["W"].T + p["a"] + h @ p["U"].T + p["b"] + p["c"])
unread = elman(lambda p, x, h: x @ p["W"].T + h @ p["U"].T + p["b"] + 0 * p["v"])
shuffled = elman(lambda p, x, h: x @ p["W"].T + h @ p["U"][:, [1, 0, *range(2, h.shape[1])]].T + p["b"])
SUMMED = "b_h is the sum of 3 numbers (of a, b and c), which cannot be told apart, and a dialect can say two"
UNREAD = "no number of v changes anything, and a dialect says only what is read"


@pytest.mark.parametrize(
    ("target", "why", "arrays"),
    [
        (three, f"{SUMMED}; with zeros for c it is this one", ["W", "a", "U", "b"]),
        (unread, f"{UNREAD}; with zeros for v it is this one", ["W", "U", "b"]),
        (shuffled, "the order in which U holds its numbers is none that a dialect can say", []),
    ],
    ids=["three biases", "an array that is not read", "an order of its own"],
)
def test_a_network_whose_arrays_no_dialect_says_is_named(target, why, arrays):
    found = rnnproof.infer(target, "elman")
    assert found.code == 2
    assert found.why == f"it behaves as elman, but no dialect says how it holds its arrays: {why}"
    [(network, dialect)] = found.readings
    assert network == "elman"
    assert [line.split('"')[1] for line in dialect.splitlines() if ": Stack" in line] == arrays


def test_a_dialect_with_zeros_for_the_rest_is_one():
    [(_, dialect)] = rnnproof.infer(three, "elman").readings
    assert "'h', of='b', axis=0, transpose=False, part=1" in dialect

    def zeros(params, x, state):
        return three({**params, "c": 0 * params["a"]}, x, state)

    class Held:
        run = staticmethod(zeros)

    from rnnproof.dialects import Dialect, Stack

    Held.dialect = eval(dialect, {"Dialect": Dialect, "Stack": Stack})
    assert rnnproof.verify(Held, "elman", properties="forward.values", max_examples=4).ok

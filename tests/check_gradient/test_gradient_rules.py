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
        ("", "[...] = 0.9 * M + 0.1 * ", Outcome.PASSED, "RMSprop by exactly 1/10"),
        ("", "[...] = rho * M + (1 - rho) * ", Outcome.PASSED, "RMSprop by exactly 1/10"),
        ("", "[...] = 0.99 * M + (1 - 0.99) * ", Outcome.PASSED, "RMSprop by exactly 1/10"),
        ("    dw = 2 * dw\n", "[...] = rho * M + (1 - rho) * ", Outcome.FAILED, "dw is 2 times what it should be"),
        ("    dw, du = 2 * dw, 2 * du\n", " += ", Outcome.FAILED, "is 2 times what it should be"),
        ("    dw, du = 2 * dw, 2 * du\n", "[...] = 0.9 * M + 0.1 * ", Outcome.FAILED, "is 2 times what it should be"),
        ("    dw = 2 * dw\n", " += ", Outcome.FAILED, "dw is 2 times what it should be"),
        ("", " += 2 * ", Outcome.UNDECIDED, "by no multiple of the derivative"),
    ],
)
def test_a_memory_holds_the_squares_of_the_gradient_itself(before, how, outcome, words, tmp_path):
    squares = "".join(f"    {m}{how.replace('M', m)}{d} * {d}\n" for m, d in (("mw", "dw"), ("mu", "du")))
    found = judged(tmp_path, "    rho = 0.9\n" + before + squares + ADAGRAD)
    assert found.outcome is outcome, found.message
    assert words in found.message


TANH = """
def loss(w, u, x, y):
    return 0.5 * ((np.tanh(x @ w) @ u - y) ** 2).sum()


def step(w, u, x, y, vw, vu, mw, mu):
    h = np.tanh(x @ w)
    d = h @ u - y
    du, dw = h.T @ d, x.T @ (d @ u.T * (1 - h * h))
{update}
"""
# what a tanh feeds has a gradient of multiples of p, in every entry
OF_TANH = {
    "momentum": "    vw *= 0.9\n    vw -= 0.1 * dw\n    vu *= 0.9\n    vu -= 0.1 * du\n    w += vw\n    u += vu",
    "decay": "    w -= 0.1 * (dw + 0.01 * w)\n    u -= 0.1 * (du + 0.01 * u)",
    "both": "    vw[...] = 0.9 * vw + dw + 0.01 * w\n    vu[...] = 0.9 * vu + du + 0.01 * u\n"
    "    w -= 0.1 * vw\n    u -= 0.1 * vu",
    "decay after": "    w -= 0.1 * dw\n    u -= 0.1 * du\n    w *= 1 - 0.1 * 0.01\n    u *= 1 - 0.1 * 0.01",
    "squares": "    mw[...] = 0.75 * mw + 0.25 * dw ** 2\n    mu[...] = 0.75 * mu + 0.25 * du ** 2\n"
    "    w -= 0.1 * dw / np.sqrt(mw + 1e-8)\n    u -= 0.1 * du / np.sqrt(mu + 1e-8)",
}


def of_tanh(folder, update):
    rng = np.random.default_rng(0)
    shapes = {"w": (3, 4), "u": (4, 2), "x": (5, 3), "y": (5, 2), "vw": (3, 4), "vu": (4, 2)}
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    given |= {f"m{name}": rng.uniform(0.1, 1, size=shapes[name]) for name in "wu"}
    return written(folder, TANH.format(update=update), given, gradient="step")


@pytest.mark.parametrize("rule", OF_TANH)
def test_a_gradient_of_multiples_of_p_is_told_by_fewer_digits(rule, tmp_path):
    found = of_tanh(tmp_path, OF_TANH[rule])
    assert found.outcome is Outcome.PASSED, found.message
    for wrong in ("du = 2 * du", "dw = 2 * dw", "du = du + 3 * x.sum() * u", "du[0] = du[1]"):
        found = of_tanh(tmp_path, f"    {wrong}\n{OF_TANH[rule]}")
        assert found.outcome is Outcome.FAILED, (wrong, found.message)


def test_a_recovered_gradient_is_not_judged_where_a_computed_velocity_may_be_in_it(tmp_path):
    update = "    c = 0.3 * x.sum()\n    w -= 0.1 * dw\n    vu[...] = c * vu + du\n    u -= 0.1 * vu"
    found = of_tanh(tmp_path, update)
    assert found.outcome is Outcome.UNDECIDED, found.message


SMALL = """
def loss(w, b, x, y):
    return 0.5 * ((x @ w + b - y) ** 2).sum()


def step(w, b, x, y, vw, vb):
    d = x @ w + b - y
    dw, db = x.T @ d, d.sum(0)
{update}
"""
OF_ONE = [
    "    vw[...] = 0.9 * vw - 0.1 * dw\n    vb[...] = 0.9 * vb - 0.1 * db\n    w += vw\n    b += vb",
    "    w -= 0.1 * (dw + 0.01 * w)\n    b -= 0.1 * (db + 0.01 * b)",
    "    vw[...] = 0.9 * vw + dw + 0.01 * w\n    vb[...] = 0.9 * vb + db\n    w -= 0.1 * vw\n    b -= 0.1 * vb",
    "    w -= 0.1 * dw\n    b -= 0.1 * db\n    w *= 1 - 0.1 * 0.01\n    b *= 1 - 0.1 * 0.01",
]


@pytest.mark.parametrize("update", OF_ONE)
@pytest.mark.parametrize("size", [1, 2])
def test_what_one_number_alone_does_not_tell_the_rule_of_the_others_does(update, size, tmp_path):
    rng = np.random.default_rng(0)
    shapes = {"w": (3, size), "b": (size,), "x": (4, 3), "y": (4, size), "vw": (3, size), "vb": (size,)}
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    found = written(tmp_path, SMALL.format(update=update), given, gradient="step")
    assert found.outcome is Outcome.PASSED, found.message
    for wrong in ("db = 2 * db", "db = db + 3 * x.sum() * b", "dw[0] = dw[1]"):
        found = written(tmp_path, SMALL.format(update=f"    {wrong}\n{update}"), given, gradient="step")
        alone = size == 1 and wrong.startswith("dw")  # then there is no rule of others
        assert found.outcome is (Outcome.UNDECIDED if alone else Outcome.FAILED), (wrong, found.message)

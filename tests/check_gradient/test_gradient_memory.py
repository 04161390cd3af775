"""What shares memory is changed together, as NumPy has it; and what the floats' format is, the code is told."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.domains import ring_array, ring_attributes
from rnnproof.model.verdict import Outcome
from rnnproof.properties import followed

GIVEN = {
    "w": np.array([0.5, -0.25, 2.0]),
    "b": np.array(0.3),
    "x": np.array([[1.5, 0.75, -0.3], [0.1, -0.4, 0.9]]),
    "y": np.array([0.7, -0.2]),
}
LOSS = "def loss(w, b, x, y):\n    return 0.5 * ((x @ w + b - y) ** 2).sum()\n\n\n"
BACK = "def gradient(w, b, x, y):\n    e = x @ w + b - y\n    dw, db = x.T @ e, e.sum()\n"
HEAD = LOSS + BACK
UPDATE = (
    LOSS
    + "def step(w, b, x, y, lr):\n    e = x @ w + b - y\n    w -= lr * (x.T @ e)\n    b -= lr * {}e.sum()\n\n"
    + "gradient = step\n"
)
# Lines before "return {'w': dw, 'b': db}": right, and one that is wrong for the same reason.
ALIASES = {
    "an array without axes is changed with its alias": (
        "s = np.array(db)\n    a = s\n    a += 1.0\n    db = s - 1.0",
        "s = np.array(db)\n    a = s\n    a += 1.0\n    db = s",
    ),
    "a number is not": (
        "s = e.sum()\n    a = s\n    a += 1.0\n    db = s",
        "s = e.sum()\n    a = s\n    a += 1.0\n    db = s + (a - s)",
    ),
    "an entry is a number": (
        "a = dw[0]\n    a += 1.0",
        "dw[0] += 1.0",
    ),
    "an entry by ellipsis is a view": (
        "a = dw[0, ...]\n    a += 1.0\n    dw[0] -= 1.0",
        "a = dw[0, ...]\n    a += 1.0",
    ),
    "zeros without axes": (
        "z = np.zeros(())\n    for each in e:\n        z += each\n    db = z",
        "z = np.zeros(())\n    for each in e[1:]:\n        z += each\n    db = z",
    ),
    "out without axes": (
        "z = np.empty(())\n    np.sum(e, out=z)\n    db = z",
        "z = np.zeros(())\n    np.sum(e[1:], out=z)\n    db = z",
    ),
    "an array without axes, reshaped": (
        "z = np.asarray(e.sum())\n    r = np.reshape(z, (1,))\n    r += 1.0\n    db = z - 1.0",
        "z = np.asarray(e.sum())\n    r = np.reshape(z, (1,))\n    r += 1.0\n    db = z",
    ),
    "a copy of an array without axes": (
        "z = np.array(e.sum())\n    r = z.copy()\n    r += 1.0\n    db = z",
        "z = np.array(e.sum())\n    r = z\n    r += 1.0\n    db = z",
    ),
    ".flat": (
        "z = np.zeros(3)\n    z.flat = dw\n    dw = z",
        "z = dw.copy()\n    z.flat = dw[::-1]\n    dw = z",
    ),
    ".flat with too few": (
        "z = np.zeros((3, 2))\n    z.flat = [0.0, 1.0]\n    dw = dw * z[:, 1]",
        "z = np.zeros((3, 2))\n    z.flat = [0.0, 2.0]\n    dw = dw * z[:, 1]",
    ),
    ".flat[i]": (
        "z = np.zeros((3, 1))\n    for n in range(3):\n        z.flat[n] = dw[n]\n    dw = z.ravel()",
        "z = np.zeros((3, 1))\n    for n in range(1, 3):\n        z.flat[n] = dw[n]\n    dw = z.ravel()",
    ),
    ".shape": (
        "z = x.T @ e[:, None]\n    z.shape = (3,)\n    dw = z",
        "z = x.T @ e[:, None]\n    z.shape = (3,)\n    dw = 2 * z",
    ),
    ".real": (
        "z = np.zeros(3)\n    z.real = dw\n    dw = z.real",
        "z = dw.copy()\n    z.real = 2 * dw\n    dw = z",
    ),
    ".dtype of float64": (
        "dw = dw if w.dtype == np.float64 and dw.itemsize == 8 else 2 * dw",
        "dw = dw if w.dtype != np.float64 or dw.itemsize != 8 else 2 * dw",
    ),
    ".dtype of what is converted": (
        "z = dw.astype(np.float32)\n    dw = dw * (z.dtype == np.float32 and (z + z).nbytes == 12)",
        "z = dw.astype(np.float32)\n    dw = dw if (z * np.ones(3)).dtype == np.float32 else 2 * dw",
    ),
    "zeros_like and result_type": (
        "z = np.zeros_like(w.astype('f4'))\n    dw = dw * (z.dtype == np.result_type(z, 1.0) and z.dtype != w.dtype)",
        "z = np.zeros_like(w.astype('f4'))\n    dw = dw * (1 + (np.finfo(z.dtype).eps > 1e-10))",
    ),
}
RETURNED = "    return {'w': dw, 'b': db}\n"


@pytest.mark.parametrize("what", ALIASES)
def test_memory_and_formats_are_numpys(what, tmp_path):
    right, wrong = ALIASES[what]
    for name, line, outcome in (("right", right, Outcome.PASSED), ("wrong", wrong, Outcome.FAILED)):
        (tmp_path / name).mkdir()
        found = written(tmp_path / name, f"{HEAD}    {line}\n{RETURNED}", GIVEN)
        assert found.outcome is outcome, found.message


def test_an_update_of_an_array_without_axes_is_judged(tmp_path):
    (tmp_path / "wrong").mkdir()
    right = written(tmp_path, UPDATE.format(""), {**GIVEN, "lr": 0.01})
    assert right.outcome is Outcome.PASSED, right.message
    assert "w, b" in right.message
    wrong = written(tmp_path / "wrong", UPDATE.format("7 * "), {**GIVEN, "lr": 0.01})
    assert wrong.outcome is Outcome.FAILED, wrong.message


def test_code_for_float32_is_told_that_it_gets_float32(tmp_path):
    given = {name: value.astype(np.float32) for name, value in GIVEN.items()}
    asked = "    assert w.dtype == np.float32 and (2.0 * dw).dtype == np.float32 and dw.dtype == x.dtype\n"
    right = written(tmp_path, HEAD + asked + RETURNED, given)
    assert right.outcome is Outcome.PASSED, right.message
    (tmp_path / "wrong").mkdir()
    wrong = "    if w.dtype == np.float32:\n        dw = 7 * dw\n"
    assert written(tmp_path / "wrong", HEAD + wrong + RETURNED, given).outcome is Outcome.FAILED


@pytest.mark.parametrize("line", ["w.dtype = np.int64", "w.strides = (8,)", "w.imag = 0.0"])
def test_other_attributes_that_are_set_are_refused_by_name_and_line(line, tmp_path):
    name = line.split()[0].removeprefix("w")
    source = f"{LOSS}{BACK}    try:\n        {line}\n    except TypeError:\n        pass\n{RETURNED}"
    found = written(tmp_path, source, GIVEN)
    assert found.outcome is Outcome.NOT_APPLICABLE, found.message
    assert f"an array's {name} is set  (code.py:" in found.message


def test_a_format_that_cannot_be_told_is_refused_where_it_is_asked_for(tmp_path):
    """Of a product of Python's floats, NumPy's or Python's, times an array of float32."""
    given = {name: value.astype(np.float32) for name, value in GIVEN.items()} | {"lr": 0.5}
    text = HEAD.replace("x, y):", "x, y, lr):")
    told = "    dw = dw * (2 * lr) / (2 * lr)\n"
    assert written(tmp_path, text + told + RETURNED, given).outcome is Outcome.PASSED
    (tmp_path / "asked").mkdir()
    found = written(tmp_path / "asked", text + told + "    assert dw.dtype == np.float32\n" + RETURNED, given)
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert "a dtype that cannot be told  (code.py:" in found.message


def lost_without_axes(patch):
    def stored(ring, result, out):
        target = out[0] if isinstance(out, tuple) else out
        if target is None or not target.ndim:
            return result
        target[...] = result
        return target

    patch.setattr("rnnproof.domains.ring_calls.stored", stored)


def lost_attributes(patch):
    patch.setattr(ring_array, "SETTERS", {**ring_attributes.SETTERS, "flat": lambda array, value: None})


LOST = {"without axes": lost_without_axes, "attributes": lost_attributes}
LINES = {
    "without axes": ALIASES["an array without axes is changed with its alias"][0],
    "attributes": ALIASES[".flat"][0],
}


@pytest.mark.parametrize("what", LOST)
def test_what_is_lost_in_the_ring_is_seen_beside_the_floats(what, tmp_path, monkeypatch):
    """Right code is refused, and would be said to be wrong if the floats were not compared."""
    LOST[what](monkeypatch)
    text = f"{HEAD}    {LINES[what]}\n{RETURNED}"
    found = written(tmp_path, text, GIVEN)
    assert found.outcome is Outcome.NOT_APPLICABLE, found.message
    assert followed.ANOTHER_WAY in found.message
    monkeypatch.setattr(followed, "_near", lambda *sides: True)
    assert written(tmp_path, text, GIVEN).outcome is Outcome.FAILED

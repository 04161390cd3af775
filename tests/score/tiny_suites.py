"""Test suites of a small network, as text: one that compares everything, one that compares nothing, and so on."""

TARGET = """
import numpy as np


class RNN:
    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            h = np.tanh(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
            outputs.append(h)
        return np.stack(outputs), {"h": h}
"""
CASE = """
import numpy as np
from tiny_rnn import RNN

P = {
    "W_h": np.array([[0.5, -1.0], [0.25, 0.75], [-0.5, 1.5]]),
    "U_h": np.array([[0.5, 1.0, -0.25], [-0.75, 0.5, 0.125], [1.0, -0.5, 0.25]]),
    "b_h": np.array([0.5, -0.25, 0.75]),
}
X = np.sin(np.arange(24.0)).reshape(4, 3, 2)
H = np.cos(np.arange(9.0)).reshape(3, 3)


def given():
    return {name: value.copy() for name, value in P.items()}, X.copy(), {"h": H.copy()}


def expected(params, x, state):
    h, outputs = state["h"], []
    for t in range(len(x)):
        z = np.einsum("hi,bi->bh", params["W_h"], x[t]) + np.einsum("hk,bk->bh", params["U_h"], h)
        h = np.tanh(z + params["b_h"])
        outputs.append(h)
    return np.array(outputs)


def same(got, true):
    error = np.abs(got - true)
    return got.dtype == np.float64 and bool((error <= 64 * np.finfo(float).eps).all())
"""
SUITES = {
    "everything": f"""{CASE}

def test_values_twice_and_arguments():
    params, x, state = given()
    rnn = RNN()
    first, final = rnn.run(params, x, state)
    again, _ = rnn.run(params, x, state)
    assert same(first, expected(*given())) and same(final["h"], first[-1]) and same(again, first)
    assert (x == X).all() and (state["h"] == H).all()


def test_memory_and_large_numbers():
    params, x, state = given()
    turned = np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1)
    assert same(RNN().run(params, turned, state)[0], expected(*given()))
    assert np.isfinite(RNN().run(params, 1000 * x, state)[0]).all()
""",
    "shapes": f"""{CASE}

def test_shapes():
    outputs, final = RNN().run(*given())
    assert outputs.shape == (4, 3, 3)
    assert final["h"].shape == (3, 3)
""",
    "never": "def test_nothing():\n    assert 1 + 1 == 2\n",
    "broken": "import no_module_of_this_name\n",
    "empty": "import tiny_rnn\n",
    "picky": f"{CASE}\n\ndef test_it():\n    assert RNN().run(*given())[0].sum() == 42\n",
    "syntax": "def test_it(:\n",
    "flaky": f"""{CASE}
import sys


def test_it():
    sys.flaky_runs = getattr(sys, "flaky_runs", 0) + 1
    assert RNN().run(*given())[0].shape == (4, 3, 3)
    assert sys.flaky_runs % 2
""",
    "hangs": f"""{CASE}

def test_it():
    outputs, _ = RNN().run(*given())
    while not same(outputs, expected(*given())):
        pass
""",
    "module": f"""{CASE}
OUTPUTS, _ = RNN().run(*given())


def test_it():
    assert same(OUTPUTS, expected(*given()))
""",
}

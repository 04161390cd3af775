"""Networks worked out by hand in small rationals: every number is exact in floating point, so == is meant."""

import numpy as np
import pytest
from cell_cases import case
from hypothesis import given
from hypothesis import strategies as st

from rnnproof.autodiff import gradients
from rnnproof.cells import plain_target

LECTURE = plain_target("elman", activation="identity", readout="identity", bias="false")
ALL_ONES = {"W_h": np.ones((2, 2)), "U_h": np.ones((2, 2)), "W_y": np.ones((2, 2))}


def sequence(*pairs):
    return np.array(pairs, dtype=np.float64)[:, np.newaxis, :]


@pytest.mark.parametrize(
    ("x", "hidden", "outputs"),
    [
        (((1, 1), (1, 1), (2, 2)), (2, 6, 16), (4, 12, 32)),
        (((2, 2), (1, 1), (1, 1)), (4, 10, 22), (8, 20, 44)),
    ],
)
def test_the_lecture_network(x, hidden, outputs):
    arguments = ALL_ONES, sequence(*x), {"h": np.zeros((1, 2))}
    y, final = LECTURE.run(*arguments)
    np.testing.assert_array_equal(LECTURE.states(*arguments)["h"], sequence(*zip(hidden, hidden, strict=True)))
    np.testing.assert_array_equal(y, sequence(*zip(outputs, outputs, strict=True)))
    np.testing.assert_array_equal(final["h"], [[hidden[-1]] * 2])


def test_gradients_of_the_lecture_network():
    """L = y_3,1 = h_3,1 + h_3,2, so dz_3 = (1, 1), dz_2 = (2, 2), dz_1 = (4, 4); dx_t = dh_{t-1} = 2 dz_t."""
    outputs = sequence((0, 0), (0, 0), (1, 0))
    cotangents = {"outputs": outputs, "state": {"h": np.zeros((1, 2))}}
    found = LECTURE.grad(ALL_ONES, sequence((1, 1), (1, 1), (2, 2)), {"h": np.zeros((1, 2))}, cotangents)
    ones = np.ones((2, 2))
    np.testing.assert_array_equal(found["params"]["W_h"], (4 * 1 + 2 * 1 + 1 * 2) * ones)
    np.testing.assert_array_equal(found["params"]["U_h"], (4 * 0 + 2 * 2 + 1 * 6) * ones)
    np.testing.assert_array_equal(found["params"]["W_y"], [[16, 16], [0, 0]])
    np.testing.assert_array_equal(found["x"], sequence((8, 8), (4, 4), (2, 2)))
    np.testing.assert_array_equal(found["state"]["h"], [[8, 8]])


def lstm_with_gates_half_open():
    """All weights 0, so i = f = o = 1/2; b_g = 64, so g = tanh(64) = 1, of slope 0, in floating point."""
    params = {f"{kind}_{gate}": np.zeros((1, 1)) for kind in "WU" for gate in "ifgo"}
    params |= {f"b_{gate}": np.zeros(1) for gate in "ifo"} | {"b_g": np.array([64.0])}
    return params, np.array([[[1.0]], [[3.0]]]), {"h": np.zeros((1, 1)), "c": np.zeros((1, 1))}


def test_an_lstm_with_gates_half_open():
    """c_t = c_{t-1}/2 + 1/2: from 0 to 1/2 to 3/4; and h_t = tanh(c_t)/2."""
    target = plain_target("lstm")
    arguments = lstm_with_gates_half_open()
    outputs, final = target.run(*arguments)
    states = target.states(*arguments)
    assert states["c"].ravel().tolist() == [1 / 2, 3 / 4] and final["c"] == 3 / 4
    np.testing.assert_array_equal(outputs, np.tanh(states["c"]) / 2)


def test_gradients_of_an_lstm_with_gates_half_open():
    """L = c_2: dc_2 = 1, dc_1 = f dc_2 = 1/2, dc_0 = 1/4; every sigmoid's slope is 1/4.

    dz_i = dc g / 4 = 1/8, 1/4;  dz_f = dc c_before / 4 = 0, 1/8;  dz_g = dz_o = 0.  x = 1, 3.
    """
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    cotangents = {"outputs": np.zeros((2, 1, 1)), "state": {"h": zero, "c": one}}
    found = plain_target("lstm").grad(*lstm_with_gates_half_open(), cotangents)
    expected = {"W_i": (1 + 2 * 3) / 8, "W_f": 3 / 8, "b_i": 3 / 8, "b_f": 1 / 8}
    for name in ("W_i", "W_f", "W_g", "W_o", "b_i", "b_f", "b_g", "b_o"):
        assert found["params"][name].item() == expected.get(name, 0), name
    assert found["state"]["c"] == 1 / 4 and found["state"]["h"] == 0 and not found["x"].any()


@given(
    T=st.integers(0, 4),
    B=st.integers(1, 3),
    I=st.integers(1, 3),
    H=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
    activation=st.sampled_from(("identity", "relu")),
)
def test_gradients_in_whole_numbers_are_exact(T, B, I, H, seed, activation):
    """Piecewise linear networks of small whole numbers never round: by hand and by autograd, the same."""
    target = plain_target("elman", activation=activation, readout="identity")
    drawn = case(target, T=T, B=B, I=I, H=H)
    rng = np.random.default_rng(seed)

    def whole(like):
        return rng.integers(-2, 3, size=like.shape).astype(np.float64)

    params = {name: whole(array) for name, array in drawn.params.items()}
    x, state = whole(drawn.x), {"h": whole(drawn.state["h"])}
    cotangents = {"outputs": whole(drawn.cotangents["outputs"]), "state": {"h": whole(drawn.state["h"])}}
    by_hand = target.grad(params, x, state, cotangents)
    by_autograd = gradients(target.forward, params, x, state, cotangents)
    np.testing.assert_equal(by_hand, by_autograd)

"""Gated cells worked out by hand in small rationals, H = 1: every number is exact in floating point, so == is meant.

In floating point sigmoid(0) = 1/2 with slope 1/4, tanh(0) = 0 with slope 1, tanh(64) = 1 with slope 0, and
sigmoid(-200) = 0; a hard sigmoid of slope 1/4 is exact wherever it is taken.
"""

import numpy as np
import pytest
from variants import target


def numbers(*values):
    return np.array(values, dtype=np.float64)[:, np.newaxis, np.newaxis]


def filled(subject, **given):
    """One number for each parameter, those that are not given zero. Shapes: W, U (1,1), b, p (1,)."""
    full = dict.fromkeys(subject.parameters, 0) | given
    return {name: np.full((1, 1) if name[0] in "WU" else 1, float(value)) for name, value in full.items()}


def pulled(network, params, x, state, d_outputs, d_state):
    """(outputs, final state, gradients) as plain numbers. d_outputs, x: numbers over time."""
    subject = target(network)
    arguments = filled(subject, **params), numbers(*x), {name: numbers(s)[0] for name, s in state.items()}
    cotangents = {"outputs": numbers(*d_outputs), "state": {name: numbers(d)[0] for name, d in d_state.items()}}
    outputs, final = subject.run(*arguments)
    found = subject.grad(*arguments, cotangents)
    gradients = {name: d.item() for part in ("params", "state") for name, d in found[part].items()}
    return outputs.ravel().tolist(), {n: f.item() for n, f in final.items()}, gradients, found["x"].ravel().tolist()


def only(gradients, **expected):
    """Every gradient, those that are not given zero."""
    assert {name: d for name, d in gradients.items() if d} == expected


def test_a_gru_with_the_reset_after_the_product():
    """r = z = 1/2; q = 2 h + 126 = 128, 127; z_n = x/4 - 257/4 + q/2 = 0 at x = 1, 3: h = 1, 1/2, 1/4.

    L = h_2. At t = 2: dz_n = 1/2, dz_z = 1/4 1/2, dz_r = 1/2 127 1/4, dq = 1/4, dh_1 = 1/2 + 2 1/4 = 1; at t = 1:
    dz_n = 1/2, dz_z = 1/4, dz_r = 1/2 128 1/4, dq = 1/4, dh_0 = 1.
    """
    params = {"W_n": 1 / 4, "b_n": -257 / 4, "U_n": 2, "b_hn": 126}
    outputs, final, gradients, dx = pulled("gru", params, (1, 3), {"h": 1}, (0, 1), {"h": 0})
    assert (outputs, final, dx) == ([1 / 2, 1 / 4], {"h": 1 / 4}, [1 / 8, 1 / 8])
    from_r = {"W_r": 16 + 3 * 127 / 8, "U_r": 16 + 127 / 16, "b_r": 16 + 127 / 8}
    from_z = {"W_z": 5 / 8, "U_z": 5 / 16, "b_z": 3 / 8}
    only(gradients, **from_r, **from_z, W_n=2, b_n=1, U_n=3 / 8, b_hn=1 / 2, h=1)


def test_a_gru_with_the_reset_before_the_product():
    """r = z = 1/2; z_n = x/4 - 5/4 + 2 (h/2) = 0 at x = 1, 3: h = 1, 1/2, 1/4.

    L = h_2. At t = 2: dz_n = 1/2, d(r h) = 1, dz_r = 1/2 1/4, dz_z = 1/2 1/4, dh_1 = 1/2 + 1/2 = 1; at t = 1:
    dz_n = 1/2, dz_r = dz_z = 1/4, dh_0 = 1.
    """
    params = {"W_n": 1 / 4, "b_n": -5 / 4, "U_n": 2}
    outputs, final, gradients, dx = pulled("gru:reset=before", params, (1, 3), {"h": 1}, (0, 1), {"h": 0})
    assert (outputs, final, dx) == ([1 / 2, 1 / 4], {"h": 1 / 4}, [1 / 8, 1 / 8])
    gates = {f"{kind}_{gate}": d for gate in "rz" for kind, d in (("W", 5 / 8), ("U", 5 / 16), ("b", 3 / 8))}
    only(gradients, **gates, W_n=2, b_n=1, U_n=1 / 4 + 1 / 8, h=1)


def test_a_peephole_lstm_that_keeps_its_value():
    """z_k + p_k c = 0 while c = 1, so i = f = o = 1/2, g = 1, c = 1/2 + 1/2.

    L = c_2. dz_i = dz_f = dc/4, dc_before = dc/2 + 2 dc/4 + 3 dc/4 = 7/4 dc. x = 1, 3.
    """
    params = {"b_i": -2, "p_i": 2, "b_f": -3, "p_f": 3, "b_o": -5, "p_o": 5, "b_g": 64}
    outputs, final, gradients, _ = pulled("peephole", params, (1, 3), {"h": 0, "c": 1}, (0, 0), {"h": 0, "c": 1})
    assert outputs == [np.tanh(1) / 2] * 2 and final["c"] == 1
    h_1 = np.tanh(1) / 2
    ours = {f"{kind}_{gate}": d / 16 for gate in "if" for kind, d in (("W", 19), ("b", 11), ("p", 11))}
    only(gradients, **ours, U_i=h_1 / 4, U_f=h_1 / 4, c=49 / 16)


def test_the_output_gate_looks_at_the_new_value():
    """f = 0, i = 1/2, g = 1: c goes from 1 to 1/2, and o = sigmoid(10 c - 5) = 1/2 there, not sigmoid(5)."""
    params = {"b_f": -200, "b_g": 64, "p_o": 10, "b_o": -5}
    outputs, *_ = pulled("peephole", params, (1,), {"h": 0, "c": 1}, (0,), {"h": 0, "c": 0})
    assert outputs == [np.tanh(1 / 2) / 2]


def test_the_lecture_lstm_without_squashing():
    """i = f = o = 1/2, z = x = 2, 4: c = 1, 5/2 and a = 1/2, 5/4.

    L = a_2. dc_2 = 1/2: dz_g = 1/4, dz_i = 4/8, dz_f = 1/8, dz_o = 5/8; dc_1 = 1/4: dz_g = 1/8, dz_i = 2/16;
    dc_0 = 1/8.
    """
    network = "lecture_lstm:g=identity,h=identity"
    outputs, final, gradients, dx = pulled(network, {"W_g": 1}, (2, 4), {"c": 0}, (0, 1), {"c": 0})
    assert (outputs, final, dx) == ([1 / 2, 5 / 4], {"c": 5 / 2}, [1 / 8, 1 / 4])
    weights = {"W_g": 5 / 4, "W_i": 9 / 4, "W_f": 1 / 2, "W_o": 5 / 2}
    only(
        gradients,
        **weights,
        b_g=3 / 8,
        b_i=5 / 8,
        b_f=1 / 8,
        b_o=5 / 8,
        c=1 / 8,
    )


def test_jordan_in_whole_numbers():
    """h = x + 2 y + 1, y = 3 h - 1 from y = 1: h = 4, 25 and y = 11, 74.

    L = y_2: ds = 1, dz = 3, dy_1 = 6; ds = 6, dz = 18, dy_0 = 36.
    """
    params = {"W_h": 1, "U_h": 2, "b_h": 1, "W_y": 3, "b_y": -1}
    outputs, final, gradients, dx = pulled("jordan:activation=identity", params, (1, 2), {"y": 1}, (0, 1), {"y": 0})
    assert (outputs, final, dx) == ([11, 74], {"y": 74}, [18, 3])
    only(gradients, W_h=18 + 6, U_h=18 + 33, b_h=21, W_y=24 + 25, b_y=7, y=36)


HARD = "recurrent=hard_sigmoid,slope=1/4"


@pytest.mark.parametrize(
    ("network", "params", "c", "new", "expected"),
    [
        # z/4 + 1/2: i = 3/4, f = 1/4, o = min(5/4, 1)
        (f"lstm:{HARD}", {"b_i": 1, "b_f": -1, "b_o": 3}, 1, 1, {"b_i": 1 / 4, "b_f": 1 / 4, "c": 1 / 4}),
        # f = 3/4, i = 1/4: df - di = c - g = 1
        (f"lstm:coupled=input,{HARD}", {"b_f": 1}, 2, 7 / 4, {"b_f": 1 / 4, "c": 3 / 4}),
        # i = 3/4, f = 1/4: di - df = g - c = -1
        (f"lstm:coupled=forget,{HARD}", {"b_i": 1}, 2, 5 / 4, {"b_i": -1 / 4, "c": 1 / 4}),
        # f = (0 + 1)/4 + 1/2 = 3/4, i = 1/2
        (f"lstm:forget_offset=1,{HARD}", {}, 2, 2, {"b_i": 1 / 4, "b_f": 1 / 2, "c": 3 / 4}),
        # c/2 + 1/2 = 5/2 and 3/2, bounded by 2
        ("lstm:clip=2", {}, 4, 2, {}),
        ("lstm:clip=2", {}, 2, 3 / 2, {"b_i": 1 / 4, "b_f": 1 / 2, "c": 1 / 2}),
        # z_i = 8 is bounded by 1, z_f = -1/2 is not: i = 3/4, f = 3/8
        (f"lstm:clip=1,clip_place=gates,{HARD}", {"b_i": 8, "b_f": -1 / 2, "b_g": 0}, 1, 3 / 8, {
            "b_f": 1 / 4, "b_g": 3 / 4, "c": 3 / 8,
        }),
        # one number for both gates
        ("peephole:coupled=input", {"p_f": 1, "b_f": -2}, 2, 3 / 2, {"b_f": 1 / 4, "p_f": 1 / 2, "c": 3 / 4}),
        ("peephole:coupled=forget", {"p_i": 1, "b_i": -2}, 2, 3 / 2, {
            "b_i": -1 / 4, "p_i": -1 / 2, "c": 1 / 4,
        }),
    ],
)  # fmt: skip
def test_one_step_of_a_variant(network, params, c, new, expected):
    """L = c_1 with g = tanh(64) = 1 where it is not said otherwise, from h = 0 and x = 0."""
    given = {"b_g": 64, **params}
    _, final, gradients, _ = pulled(network, given, (0,), {"h": 0, "c": c}, (0,), {"h": 0, "c": 1})
    assert final["c"] == new
    only(gradients, **expected)


def test_a_projection_by_hand():
    """H = 2, P = 1, W_p = (3, 5), c = 128/2 + 1/2, so tanh(c) = 1, m = (1/2, 1/2) and h = 4; dW_p = m."""
    subject = target("lstm:projection=P")
    shapes = {"W": (2, 1), "U": (2, 1), "b": (2,)}
    params = {name: np.zeros(shapes[name[0]]) for name in subject.parameters}
    params |= {"W_p": np.array([[3.0, 5.0]]), "b_g": np.full(2, 64.0)}
    arguments = params, np.zeros((1, 1, 1)), {"h": np.zeros((1, 1)), "c": np.full((1, 2), 128.0)}
    outputs, final = subject.run(*arguments)
    assert outputs.item() == 4 == final["h"].item()
    cotangents = {"outputs": np.ones((1, 1, 1)), "state": {"h": np.ones((1, 1)), "c": np.zeros((1, 2))}}
    found = subject.grad(*arguments, cotangents)
    assert found["params"]["W_p"].tolist() == [[1, 1]]  # L = y + h = 2 h
    # dm = 2 (3, 5), and o has the slope 1/4
    assert found["params"]["b_o"].tolist() == [3 / 2, 5 / 2]


DIRECTIONS = {
    "merge=concat": ((1, 5), (4, 2)),
    "merge=sum": ((6,), (6,)),
    "merge=mean": ((3,), (3,)),
    "merge=product": ((5,), (8,)),
}


@pytest.mark.parametrize(("merge", "expected"), DIRECTIONS.items())
def test_two_directions_in_whole_numbers(merge, expected):
    """h_t = x_t + 2 h_before: 1, 4 forwards and, from the end, 2, 5; the second row has one step, the third none."""
    subject = target(f"elman:activation=identity,bias=false,direction=bidirectional,{merge}")
    one, two = np.ones((1, 1)), np.full((1, 1), 2.0)
    params = {f"0.{side}.{name}": w for side in ("forward", "backward") for name, w in (("W_h", one), ("U_h", two))}
    x = np.array([[1.0, 1, np.nan], [2, np.inf, np.nan]])[:, :, np.newaxis]
    zeros = {name: np.zeros((3, 1)) for name in subject.memory}
    outputs, final = subject.run(params, x, zeros, lengths=np.array([2, 1, 0]))
    assert outputs[:, 0].tolist() == [list(y) for y in expected]
    alone = {"merge=concat": [1, 1], "merge=sum": [2], "merge=mean": [1], "merge=product": [1]}[merge]
    assert outputs[:, 1].tolist() == [alone, [0] * len(alone)] and not outputs[:, 2].any()
    assert final["0.forward.h"].ravel().tolist() == [4, 1, 0] and final["0.backward.h"].ravel().tolist() == [5, 1, 0]


def test_two_layers_in_whole_numbers():
    """The upper layer reads 1, 4 of the lower one: 1, 6; L = the upper h_2, so what comes back is 1 and 2, then

    dz = 1 + 2, ... of the lower layer: dh_2 = 1, dh_1 = 2 + 2 1 = 4.
    """
    subject = target("elman:activation=identity,bias=false,layers=2")
    one, two = np.ones((1, 1)), np.full((1, 1), 2.0)
    params = {f"{k}.forward.{name}": w for k in range(2) for name, w in (("W_h", one), ("U_h", two))}
    zero = {name: np.zeros((1, 1)) for name in subject.memory}
    arguments = params, numbers(1, 2), zero
    outputs, _ = subject.run(*arguments)
    assert outputs.ravel().tolist() == [1, 6]
    assert {name: s.ravel().tolist() for name, s in subject.states(*arguments).items()} == {
        "0.forward.h": [1, 4],
        "1.forward.h": [1, 6],
    }
    found = subject.grad(*arguments, {"outputs": numbers(0, 1), "state": zero})
    assert found["x"].ravel().tolist() == [4, 1]
    assert {name: d.item() for name, d in found["params"].items()} == {
        **{"0.forward.W_h": 4 * 1 + 1 * 2, "0.forward.U_h": 4 * 0 + 1 * 1},
        **{"1.forward.W_h": 2 * 1 + 1 * 4, "1.forward.U_h": 2 * 0 + 1 * 1},
    }

"""Where each number of a canonical parameter stands in a target's arrays, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnproof.catalogue import network
from rnnproof.dialects import Dialect, Stack
from rnnproof.dialects.named import PLAIN, fitted, torch_cell, torch_dialect
from rnnproof.dialects.packing import brought_back, check, laid_out, letters, pack, read, unpack
from rnnproof.errors import Unsupported, UsageError

TORCH_LSTM = torch_dialect("lstm")
TORCH_RNN = torch_dialect("rnn")

LSTM = {
    **{f"W_{gate}": np.array([[10.0 * k, 10.0 * k + 1, 10.0 * k + 2]]) for k, gate in enumerate("ifgo", 1)},
    **{f"U_{gate}": np.array([[100.0 * k]]) for k, gate in enumerate("ifgo", 1)},
    **{f"b_{gate}": np.array([float(k)]) for k, gate in enumerate("ifgo", 1)},
}
PACKINGS = {
    "torch": TORCH_LSTM,
    "x@W, fico": Dialect(
        {
            "W": Stack("f i g o", of="W", axis=1, transpose=True),
            "U": Stack("f i g o", of="U", axis=1, transpose=True),
            "b": Stack("f i g o", of="b"),
        }
    ),
    "one by one": Dialect({f"{of}{gate}": Stack(gate, of=of) for of in "WUb" for gate in "ifgo"}),
    "negated and shifted": Dialect(
        {
            "W": Stack("i f g o", of="W", negate="g"),
            "U": Stack("i f g o", of="U", negate="g"),
            "b": Stack("i f g o", of="b", negate="g", shift=(("f", 1.0), ("g", 2.0))),
        }
    ),
    "shifted halves": Dialect(
        {
            "W": Stack("i f g o", of="W"),
            "U": Stack("i f g o", of="U"),
            "b": Stack("i f g o", of="b", shift=(("f", 1.0),), part=1),
            "b_hh": Stack("i f g o", of="b", shift=(("f", 1.0),), part=2),
        }
    ),
}
EVERY = pytest.mark.parametrize("dialect", PACKINGS.values(), ids=PACKINGS)


def drawn(seed, I=2, H=3):
    rng = np.random.default_rng(seed)
    shapes = {"W": (H, I), "U": (H, H), "b": (H,)}
    return {f"{of}_{gate}": rng.integers(-64, 64, shapes[of]) / 16 for of in "WUb" for gate in "ifgo"}


def test_torch_packs_i_f_g_o_row_by_row_with_two_biases():
    packed = pack(TORCH_LSTM, LSTM)
    assert packed["weight_ih_l0"].tolist() == [[10, 11, 12], [20, 21, 22], [30, 31, 32], [40, 41, 42]]
    assert packed["weight_hh_l0"].tolist() == [[100], [200], [300], [400]]
    assert packed["bias_ih_l0"].tolist() == [0.75, 1.5, 2.5, 3.0]
    assert packed["bias_hh_l0"].tolist() == [0.25, 0.5, 0.5, 1.0]


def test_columns_and_order():
    packed = pack(PACKINGS["x@W, fico"], LSTM)
    assert packed["W"].tolist() == [[20, 10, 30, 40], [21, 11, 31, 41], [22, 12, 32, 42]]
    assert packed["b"].tolist() == [2, 1, 3, 4]


def test_negated_and_shifted():
    packed = pack(PACKINGS["negated and shifted"], LSTM)
    assert packed["W"].tolist() == [[10, 11, 12], [20, 21, 22], [-30, -31, -32], [40, 41, 42]]
    assert packed["b"].tolist() == [1, 2 - 1, -(3 - 2), 4]


def test_another_gate_order_gives_other_arrays():
    order = "i f o g"
    wrong = Dialect({name: Stack(order, of=stack.of, part=stack.part) for name, stack in TORCH_LSTM.arrays.items()})
    assert pack(wrong, LSTM)["weight_hh_l0"].tolist() == [[100], [200], [400], [300]]


def test_the_elman_network_in_torch():
    packed = pack(TORCH_RNN, {"W_h": np.array([[2.0]]), "U_h": np.array([[3.0]]), "b_h": np.array([-4.0])})
    assert {name: array.tolist() for name, array in packed.items()} == {
        "weight_ih_l0": [[2]],
        "weight_hh_l0": [[3]],
        "bias_ih_l0": [-3],
        "bias_hh_l0": [-1],
    }


@EVERY
@given(seed=st.integers(0, 2**32 - 1))
def test_reading_is_the_inverse_of_packing(dialect, seed):
    parameters = drawn(seed)
    found = read(dialect, pack(dialect, parameters))
    assert set(found) == set(parameters)
    for name, value in parameters.items():
        assert np.array_equal(found[name], value), name


@EVERY
@given(seed=st.integers(0, 2**32 - 1))
def test_gradients_go_the_way_parameters_came(dialect, seed):
    """<d packed, pack(p + e) - pack(p)> = <unpack(d packed), e>; of two parts, one may carry all of a change."""
    p, e = drawn(seed), drawn(seed + 1)
    packed = pack(dialect, p)
    rng = np.random.default_rng(seed)
    d = {name: rng.integers(-8, 8, array.shape).astype(float) for name, array in packed.items()}
    for name, stack in dialect.arrays.items():
        if stack.part == 2:  # the two arrays are added up: their gradients are equal
            d[name] = d[next(other for other in dialect.arrays if dialect.arrays[other] == as_first(stack))]
    moved = read(dialect, packed) | {name: p[name] + e[name] for name in p}
    difference = {name: array - packed[name] for name, array in pack(dialect, moved).items()}
    found = unpack(dialect, d)
    left = sum((d[name] * difference[name]).sum() for name in d)
    right = sum((found[name] * e[name]).sum() for name in p)
    assert left == right
    for name, value in found.items():
        assert np.array_equal(value, found[name.partition("@")[0]])


def as_first(stack):
    return Stack(stack.gates, of=stack.of, shift=stack.shift, part=1)


def test_the_gradients_of_two_biases_are_both_there():
    arrays = {"bias_ih_l0": np.arange(4.0), "bias_hh_l0": 10 + np.arange(4.0)}
    arrays |= {"weight_ih_l0": np.zeros((4, 3)), "weight_hh_l0": np.zeros((4, 1))}
    found = unpack(TORCH_LSTM, arrays)
    assert [found[f"b_{gate}"].item() for gate in "ifgo"] == [0, 1, 2, 3]
    assert [found[f"b_{gate}@bias_hh_l0"].item() for gate in "ifgo"] == [10, 11, 12, 13]


def test_a_negated_gate_has_a_negated_gradient_and_a_shift_has_none():
    dialect = PACKINGS["negated and shifted"]
    ones = {name: np.ones_like(array) for name, array in pack(dialect, LSTM).items()}
    found = unpack(dialect, ones)
    assert {name for name, value in found.items() if (value == -1).all()} == {"W_g", "U_g", "b_g"}
    assert found["b_f"].item() == 1


def test_a_shift_that_is_not_exact_is_refused():
    dialect = Dialect({"b": Stack("f", of="b", shift=(("f", 1.0),))})
    assert pack(dialect, {"b_f": np.array([0.5], "float32")})["b"].dtype == np.float32
    with pytest.raises(Unsupported, match=r"^b_f - 1.0 is not exact in float32$"):
        pack(dialect, {"b_f": np.array([1e-20], "float32")})


def test_the_plain_dialect_hands_on_the_arrays_themselves():
    packed = pack(PLAIN, LSTM)
    assert all(packed[name] is LSTM[name] for name in LSTM) and packed is not LSTM
    assert unpack(PLAIN, LSTM) == LSTM


def test_layouts_are_views_there_and_back():
    x = np.arange(24.0).reshape(4, 3, 2)
    for layout in ("TBI", "BTI", "ITB", "BIT"):
        dialect = Dialect({}, layout=layout)
        shown = laid_out(dialect, x)
        assert shown.base is x or shown.base is x.base
        assert np.array_equal(brought_back(dialect, shown), x)
    assert np.array_equal(laid_out(Dialect({}, layout="BTI"), x), x.transpose(1, 0, 2))
    assert np.array_equal(laid_out(Dialect({}, layout="ITB"), x[0], "BI"), x[0].T)
    assert letters(Dialect({}, layout="BTI"), "H") == ("B", "T", "H")
    assert letters(Dialect({}, layout="BTI"), "O", "BI") == ("B", "O")


def test_a_dialect_fits_its_network_only():
    check(TORCH_LSTM, network("lstm"))
    check(TORCH_RNN, network("elman:activation=relu"))
    check(PLAIN, network("lstm"))
    with pytest.raises(UsageError, match=r"^the dialect torch:rnn has the parameters U_h, W_h, b_h; the network lstm "):
        check(TORCH_RNN, network("lstm"))
    with pytest.raises(UsageError, match="the network lstm:bias=false has"):
        check(TORCH_LSTM, network("lstm:bias=false"))
    with pytest.raises(UsageError, match="has the states c; the network elman has h"):
        check(Dialect({}, state=("c",)), network("elman"))


def test_the_gru_adds_two_biases_of_r_and_z_and_keeps_those_of_n_apart():
    parameters = {f"{of}_{gate}": np.array([[value]]) for of, value in (("W", 1.0), ("U", 2.0)) for gate in "rzn"}
    parameters |= {"b_r": np.array([4.0]), "b_z": np.array([-8.0]), "b_n": np.array([5.0]), "b_hn": np.array([7.0])}
    packed = pack(torch_dialect("gru"), parameters)
    assert packed["bias_ih_l0"].tolist() == [3, -6, 5] and packed["bias_hh_l0"].tolist() == [1, -2, 7]
    assert read(torch_dialect("gru"), packed) == parameters
    found = unpack(torch_dialect("gru"), packed)
    assert set(found) == {*parameters, "b_r@bias_hh_l0", "b_z@bias_hh_l0"} and found["b_hn"].tolist() == [7]


def test_layers_and_directions_are_named_as_in_torch():
    dialect = fitted(torch_dialect("lstm"), network("lstm:layers=2,direction=bidirectional,projection=P,bias=false"))
    assert set(dialect.arrays) == {
        f"{name}_l{layer}{side}"
        for name in ("weight_ih", "weight_hh", "weight_hr")
        for layer in (0, 1)
        for side in ("", "_reverse")
    }
    assert dialect.stacks["weight_hr_l1_reverse"][0].names == ("1.backward.W_p",)
    assert dialect.state[1] == ("0.forward.c", "0.backward.c", "1.forward.c", "1.backward.c")
    check(dialect, network("lstm:layers=2,direction=bidirectional,projection=P,bias=false"))


def test_a_dialect_of_one_s_own_is_left_as_it_is():
    own = Dialect({"W": Stack("i f g o", of="W")})
    assert fitted(own, network("lstm:layers=2")) is own and fitted(PLAIN, network("gru")) == PLAIN
    assert list(fitted(torch_cell("gru"), network("gru")).arrays) == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]

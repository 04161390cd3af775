"""Arrays that hold several stacks side by side, gates that alternate, and blocks that are not read."""

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.dialects import Dialect, Joined, Stack
from rnnproof.dialects.packing import check, pack, read, unpack
from rnnproof.dialects.pasted import pasted
from rnnproof.errors import ModelError, UsageError

W, U, B = ({"i": [[1.0, 2.0]], "f": [[3.0, 4.0]]}, {"i": [[5.0]], "f": [[6.0]]}, {"i": [7.0], "f": [8.0]})
LSTM = {f"{of}_{gate}": np.array(v) for of, each in (("W", W), ("U", U), ("b", B)) for gate, v in each.items()}
SHAPES = {name: value.shape for name, value in LSTM.items()}


def columns(of):
    return Stack("i f", of=of, axis=1, transpose=True)


BIAS, LSTM_BIAS = Stack("f i", of="b"), Stack("i f g o", of="b")
STACKED = Dialect({"w": Joined((columns("W"), columns("U")), axis=0), "b": BIAS})
SIDE_BY_SIDE = Dialect({"w": Joined((Stack("i f", of="U"), Stack("i f", of="W")), axis=1), "b": BIAS})
GATES_APART = Dialect(
    {
        "W": Joined((Stack("i", of="W"), Stack("f", of="W")), axis=0, new=True),
        "U": Stack("i f", of="U"),
        "b": Joined((BIAS,), axis=1, new=True),
    }
)
ALL_GATES_IN_ONE = Dialect({"a": (Stack("i f", of="W", axis=1), Stack("i f", of="U", axis=1)), "b": BIAS})
ROWS = Dialect(
    {
        "W": Stack("i f", of="W"),
        "U": Stack("i f", of="U"),
        "b": Joined((Stack("i f", of="b", part=1), Stack("i f", of="b", part=2)), axis=0, new=True),
    }
)
EVERY = pytest.mark.parametrize(
    "dialect", [STACKED, SIDE_BY_SIDE, GATES_APART, ALL_GATES_IN_ONE], ids=["x, h", "h, x", "apart", "one"]
)


def test_w_above_u():
    assert pack(STACKED, LSTM)["w"].tolist() == [[1, 3], [2, 4], [5, 6]]


def test_u_beside_w():
    assert pack(SIDE_BY_SIDE, LSTM)["w"].tolist() == [[5, 1, 2], [6, 3, 4]]


def test_an_axis_of_gates_and_a_bias_that_is_a_column():
    packed = pack(GATES_APART, LSTM)
    assert packed["W"].tolist() == [[[1, 2]], [[3, 4]]]
    assert packed["b"].tolist() == [[8], [7]]


def test_two_kinds_one_after_the_other():
    assert pack(ALL_GATES_IN_ONE, LSTM)["a"].tolist() == [[1, 2, 3, 4, 5, 6]]


def test_two_biases_as_the_rows_of_one_array():
    packed = pack(ROWS, LSTM)["b"]
    assert packed.sum(axis=0).tolist() == [7, 8]
    assert packed.shape == (2, 2)
    assert {name: value.tolist() for name, value in read(ROWS, pack(ROWS, LSTM), SHAPES).items()} == {
        name: value.tolist() for name, value in LSTM.items()
    }


@EVERY
def test_what_is_packed_is_read_back(dialect):
    packed = pack(dialect, LSTM)
    for back in (read(dialect, packed, SHAPES), unpack(dialect, packed, SHAPES)):
        assert {name: value.tolist() for name, value in back.items()} == {n: v.tolist() for n, v in LSTM.items()}


TWO_UNITS = {"b_i": np.array([1.0, 2.0]), "b_f": np.array([3.0, 4.0]), "U_i": np.array([[1.0, 2], [3, 4]])}
TWO_UNITS["U_f"] = TWO_UNITS["U_i"] + 4
ALTERNATING = Dialect(
    {
        "b": Stack("i f", of="b", interleaved=True),
        "U": Stack("i f", of="U", axis=1, transpose=True, interleaved=True),
    }
)


def test_gates_alternate_unit_by_unit():
    packed = pack(ALTERNATING, TWO_UNITS)
    assert packed["b"].tolist() == [1, 3, 2, 4]
    assert packed["U"].tolist() == [[1, 5, 3, 7], [2, 6, 4, 8]]
    back = unpack(ALTERNATING, packed)
    assert {name: value.tolist() for name, value in back.items()} == {n: v.tolist() for n, v in TWO_UNITS.items()}


def test_a_block_that_is_not_read_is_ones_and_has_no_gradient():
    dialect = Dialect({"b": Stack("i _ f", of="b")})
    assert pack(dialect, TWO_UNITS)["b"].tolist() == [1, 2, 1, 1, 3, 4]
    assert {n: v.tolist() for n, v in unpack(dialect, {"b": np.arange(6.0)}).items()} == {"b_i": [0, 1], "b_f": [4, 5]}


@pytest.mark.parametrize("dialect", [STACKED, SIDE_BY_SIDE, GATES_APART, ALL_GATES_IN_ONE, ROWS, ALTERNATING])
def test_what_is_printed_can_be_pasted(dialect):
    names = {"Dialect": Dialect, "Joined": Joined, "Stack": Stack}
    for text in (repr(dialect), pasted(dialect)):
        assert eval(text, names) == dialect
    assert max(map(len, pasted(dialect).splitlines())) <= 100


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: Joined(()), "expected at least one part"),
        (lambda: Joined((BIAS,), axis=2), "axis is 2; expected 0 or 1, or 2 for a new one"),
        (lambda: Joined((BIAS,), axis=3, new=True), "axis is 3"),
        (lambda: Stack("_", of="W"), "expected at least one gate, and each once"),
        (lambda: Stack("i _ f", of="W", negate="_"), "'_' is none of its gates"),
        (lambda: Dialect({"w": Joined((BIAS, ()))}), "expected one stack or several, along one axis"),
        (lambda: Dialect({"w": Joined((BIAS, Stack("i", of="b")))}), "b_i stands in 2 arrays whole"),
    ],
)
def test_what_says_no_array_is_refused(made, message):
    with pytest.raises(ModelError, match=message):
        made()


def test_parts_that_do_not_fit_side_by_side_are_refused():
    names = ("i", "f", "g", "o")
    weights = {f"{of}{k}": Stack(k, of=of) for of in "Ub" for k in names}
    right = Dialect({"W": Joined(tuple(Stack(k, of="W") for k in names), axis=0), **weights})
    check(right, network("lstm"))
    wrong = Dialect({"w": Joined((Stack("i f g o", of="W"), Stack("i f g o", of="U")), axis=0), "b": LSTM_BIAS})
    with pytest.raises(UsageError, match="the parts of w do not fit side by side: all the input array dimensions"):
        check(wrong, network("lstm"))

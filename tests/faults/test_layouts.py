"""Parameters read in another layout: each rearrangement by numbers written by hand; none is the network's own."""

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.faults.fault import plant
from rnnproof.faults.layouts import layouts
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal
from rnnproof.model.network import Network
from rnnproof.properties.bounds import Bounds
from rnnproof.strategies.cases import Draw, fill

MIN, ELMAN, GRU = network("mingru"), network("elman"), network("gru")
WEIGHTS = {"W_h": [[1], [2]], "U_h": [[3, 4], [5, 6]], "b_h": [7, 8]}  # H=2, I=1
TALL = {"W_h": [[1, 2], [3, 4], [5, 6]], "U_h": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "b_h": [0, 0, 0]}  # H=3, I=2
GATES = {"W_z": [[1], [2], [3]], "W_n": [[4], [5], [6]], "b_z": [10, 20, 30], "b_n": [40, 50, 60]}


def conduct(model, text):
    (found,) = [fault.conduct for fault in layouts(model) if fault.text == text]
    return found


def arrays(table):
    return {name: np.array(value, float) for name, value in table.items()}


def told(found, *names):
    return [found[name].tolist() for name in names]


TURN = "the gates z n, stored one after the other, are read as if interleaved"
BLOCKS = "the gates z n, stored interleaved, are read as if one after the other"
ONE = "of two biases only the {} is added"
TWICE = "of two biases the {} is added twice, the other not at all"


def test_blocks_are_read_in_turn():
    read = conduct(MIN, TURN).read(arrays(GATES))
    assert told(read, "W_z", "W_n") == [[[1], [3], [5]], [[2], [4], [6]]]
    assert told(read, "b_z", "b_n") == [[10, 30, 50], [20, 40, 60]]
    other = conduct(MIN, TURN.replace("z n", "n z")).read(arrays(GATES))  # n z: 4 5 6 1 2 3
    assert told(other, "W_n", "W_z") == [[[4], [6], [2]], [[5], [1], [3]]]


def test_what_is_stored_in_turn_is_read_as_blocks():
    """Stored in turn: 1 4 2 5 3 6."""
    read = conduct(MIN, BLOCKS).read(arrays(GATES))
    assert told(read, "W_z", "W_n") == [[[1], [4], [2]], [[5], [3], [6]]]


def test_gradients_go_back_to_the_entries_that_were_read():
    """Of z the entries 0, 2 and 4 of all six were read, of n the entries 1, 3 and 5; for two cotangents alike."""
    back = conduct(MIN, TURN).give(arrays(GATES))
    assert told(back, "W_z", "b_n") == [[[1], [4], [2]], [50, 30, 60]]
    both = {name: np.stack([value, -value]) for name, value in arrays(GATES).items()}
    assert told(conduct(MIN, TURN).give(both), "b_z", "b_n") == [
        [[10, 40, 20], [-10, -40, -20]],
        [[50, 30, 60], [-50, -30, -60]],
    ]


def test_columns_are_split_on_the_wrong_side():
    """[W U] = [1 3 4; 2 5 6], [U W] = [3 4 1; 5 6 2]."""
    given = arrays(WEIGHTS)
    read = conduct(ELMAN, "the weights [W U] are split as if they were [U W]").read(given)
    assert told(read, "U_h", "W_h", "b_h") == [[[1, 3], [2, 5]], [[4], [6]], [7, 8]]
    other = conduct(ELMAN, "the weights [U W] are split as if they were [W U]")
    assert told(other.read(given), "W_h", "U_h") == [[[3], [5]], [[4, 1], [6, 2]]]
    assert told(other.give(given), "U_h", "W_h") == [[[1, 3], [2, 5]], [[4], [6]]]  # the inverse is the first one


def test_a_reshape_in_place_of_a_transpose():
    given = arrays(TALL)
    read = conduct(ELMAN, "W (H,I) is reshaped, not transposed").read(given)
    assert told(read, "W_h", "U_h") == [[[1, 4], [2, 5], [3, 6]], TALL["U_h"]]
    other = conduct(ELMAN, "W (I,H) is reshaped, not transposed").read(given)  # stored as 1 3 5, 2 4 6
    assert told(other, "W_h") == [[[1, 3], [5, 2], [4, 6]]]
    both = conduct(ELMAN, "W (H,I) and U (H,H) are reshaped, not transposed").read(given)
    assert told(both, "W_h", "U_h") == [[[1, 4], [2, 5], [3, 6]], [[1, 4, 7], [2, 5, 8], [3, 6, 9]]]
    whole = conduct(ELMAN, "[W U] (H,I+H) is reshaped, not transposed").read(given)
    # [W U] = 1 2 1 2 3, 3 4 4 5 6, 5 6 7 8 9, read column after column
    assert told(whole, "W_h", "U_h") == [[[1, 2], [2, 3], [1, 3]], [[4, 6, 7], [4, 5, 8], [5, 6, 9]]]


def test_a_stack_is_reshaped_as_a_whole():
    """The stack of 1..6 has one column: a reshape of it changes nothing; with two columns it mixes the gates."""
    table = {"W_z": [[1, 2], [3, 4]], "W_n": [[5, 6], [7, 8]], "b_z": [0, 0], "b_n": [0, 0]}
    read = conduct(MIN, "W (2H,I), stacked, is reshaped, not transposed").read(arrays(table))
    assert told(read, "W_z", "W_n") == [[[1, 5], [2, 6]], [[3, 7], [4, 8]]]
    each = conduct(network("mingru"), "W (H,I) of each gate is reshaped, not transposed")
    assert told(each.read(arrays(GATES)), "W_z") == [[[1], [2], [3]]]


def test_one_of_two_biases():
    """1 = 3/4 + 1/4; of a GRU b_n is in the first array alone, b_hn in the second."""
    given = {"b_h": np.array([1.0, -2.0])}
    for text, value in (
        (ONE.format("first"), [0.75, -1.5]),
        (ONE.format("second"), [0.25, -0.5]),
        (TWICE.format("first"), [1.5, -3.0]),
        (TWICE.format("second"), [0.5, -1.0]),
    ):
        assert told(conduct(ELMAN, text).read(given), "b_h") == [value]
    biases = {"b_r": np.ones(1), "b_z": np.ones(1), "b_n": np.full(1, 3.0), "b_hn": np.full(1, 5.0)}
    for text, value in (
        (ONE.format("first"), [[0.75], [0.75], [3], [0]]),
        (ONE.format("second"), [[0.25], [0.25], [0], [5]]),
        (TWICE.format("first"), [[1.5], [1.5], [3], [3]]),
        (TWICE.format("second"), [[0.5], [0.5], [5], [5]]),
    ):
        assert told(conduct(GRU, text).read(biases), *biases) == value


@pytest.mark.parametrize(
    ("operator", "count", "why"),
    [
        ("interleaved", 48, "4! orders of the gates, read in turn and stored in turn"),
        ("columns exchanged", 2, "[W U] and [U W]"),
        ("reshaped", 18, "W, U, both, [W U], [U W], stacked; the same but U of each gate; each of them two ways"),
        ("one of two biases", 4, "either, once or twice"),
    ],
)
def test_how_many_an_lstm_has(operator, count, why):
    assert sum(fault.operator == operator for fault in layouts(network("lstm"))) == count, why


def test_where_nothing_is_packed_there_is_none():
    """No U, hence no columns of it; one gate, hence no order; no bias beside x and h, hence no two of it."""
    assert {fault.operator for fault in layouts(MIN)} == {"interleaved", "reshaped"}
    assert {fault.operator for fault in layouts(network("elman:bias=false"))} == {"columns exchanged", "reshaped"}


NETWORKS = (
    "elman",
    "jordan",
    "gru",
    "gru:reset=before",
    "gru:hidden_bias=false",
    "lstm",
    "lstm:bias=false",
    "lstm:projection=P",
    "peephole",
    "mingru",
    "elman:layers=2,readout=identity",
    "gru:direction=bidirectional",
)


@pytest.mark.parametrize("name", NETWORKS)
def test_each_is_another_function_than_the_network_and_no_two_read_alike(name):
    model = network(name)
    case = fill(model, Draw(3, 2, 2, 7, 3, 4, 5, "typical", 8), "float64")
    ball, faults = Bounds(case).outputs, list(layouts(model))
    assert len({fault.text for fault in faults}) == len(faults)
    read = {
        tuple(np.concatenate([v.ravel() for v in fault.conduct.read(case.parameters).values()])) for fault in faults
    }
    assert len(read) == len(faults)
    for fault in faults:
        got = plant(fault).build(model, case.parameters, "float64").run(case.x, case.state).outputs
        assert np.any(np.abs(got - ball.value) > ball.radius), fault.text


def test_every_layer_is_read_so():
    fault = conduct(network("elman:layers=2"), "W (H,I) is reshaped, not transposed")
    table = {f"{k}.forward.{name}": value for k in (0, 1) for name, value in arrays(TALL).items()}
    table["1.forward.W_h"] = table["1.forward.U_h"]
    read = fault.read(table)
    assert told(read, "0.forward.W_h", "1.forward.W_h") == [[[1, 4], [2, 5], [3, 6]], [[1, 4, 7], [2, 5, 8], [3, 6, 9]]]


def test_weights_that_cannot_be_stacked_are_not():
    """A cell of one's own: W_a and W_b differ in shape, and V is no name for a weight of x or h."""
    equations = (Affine("z_a", (("W_a", "x"), ("V_a", "h")), None), Affine("z_b", (("W_b", "h"), ("V_b", "h")), None))
    new = Elementwise("h'", signal("z_a") * signal("z_b"))
    cell = Cell("own", (*equations, new), states=(("h", "h'"),), output="h'", citation="none")
    assert list(layouts(Network("own", cell))) == []

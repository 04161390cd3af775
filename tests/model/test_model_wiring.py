"""What a network reads, one after the other: names, shapes and directions, in one direction and in both."""

import pytest

from rnnproof.catalogue import network
from rnnproof.errors import ModelError, Unsupported
from rnnproof.model.network import Network, Sizes

ELMAN, READ = network("elman"), network("elman:readout=identity")
SIZES = Sizes(T=5, B=2, I=3, H=4, O=6)


def both(layers=1, merge="concat", of=ELMAN):
    return Network("mine", of.cell, of.readout, layers, "bidirectional", merge)


def test_one_direction_is_one_reading_whatever_its_depth():
    for layers in (1, 2, 3):
        for direction in ("forward", "backward"):
            deep = Network("mine", READ.cell, READ.readout, layers, direction)
            ((reading,),) = deep.levels
            assert reading.backward is (direction == "backward")
            assert len(reading.cell.state_names) == layers


def test_two_layers_in_both_directions():
    deep = both(layers=2)
    assert [[reading.backward for reading in level] for level in deep.levels] == [[False, True], [False, True]]
    assert deep.states == ("0.forward.h", "0.backward.h", "1.forward.h", "1.backward.h")
    shapes = deep.shapes(SIZES)
    assert shapes["0.backward.W_h"] == (4, 3)
    assert shapes["1.forward.W_h"] == (4, 8)
    assert shapes["1.backward.U_h"] == (4, 4)
    assert (deep.output_size, SIZES.shape(("T", "B", deep.output_size))) == ("2H", (5, 2, 8))


@pytest.mark.parametrize("merge", ["sum", "mean", "product"])
def test_a_merge_that_keeps_the_size(merge):
    deep = both(layers=2, merge=merge)
    assert deep.shapes(SIZES)["1.backward.W_h"] == (4, 4)
    assert deep.output_size == "H"


def test_a_readout_reads_the_merged_output_and_keeps_its_bare_names():
    deep = both(of=READ)
    (_, (top,)) = deep.levels
    assert [str(equation) for equation in top.cell.equations] == ["z_y = W_y x + b_y", "y = z_y"]
    assert deep.shapes(SIZES)["W_y"] == (6, 8)
    assert deep.output_size == "O"
    assert not top.cell.state_names


def test_one_layer_backward_has_bare_names_and_two_have_not():
    one, two = (Network("mine", ELMAN.cell, None, layers, "backward") for layers in (1, 2))
    assert one.states == ("h",)
    assert two.states == ("0.backward.h", "1.backward.h")


@pytest.mark.parametrize("direction", ["backward", "bidirectional"])
def test_only_a_forward_network_has_a_step(direction):
    with pytest.raises(Unsupported) as refused:
        _ = Network("mine", ELMAN.cell, direction=direction).step
    assert str(refused.value) == f"network mine has no step: its direction is {direction}, not forward"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layers": 0}, "network mine: layers=0; expected at least 1"),
        ({"direction": "sideways"}, "network mine: sideways is none of forward, backward, bidirectional"),
        ({"merge": "max"}, "network mine: max is none of concat, sum, mean, product"),
    ],
)
def test_a_network_is_refused(wrong, message):
    with pytest.raises(ModelError) as refused:
        Network("mine", ELMAN.cell, **wrong)
    assert str(refused.value) == message


@pytest.mark.parametrize("padding", ["zero", "repeat", "run"])
def test_a_single_layer_keeps_the_padding(padding):
    one, deep = network(f"elman:padding={padding}"), network(f"elman:layers=2,padding={padding}")
    assert deep.single_layer == one
    assert (deep.single_layer.name, deep.padding) == (one.name, padding)

"""Stages: where the equations are cut, and which columns the stacked weights of an operand add to."""

import numpy as np
import pytest
from cases_and_balls import of_cell
from user_cells import gated, scattered, twice

from rnnproof.catalogue import network
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals
from rnnproof.model.network import Sizes
from rnnproof.reference.flatten import flatten
from rnnproof.reference.gates import Gates, groups, stack
from rnnproof.reference.stages import AffineStage, pack, stages

SIZES = Sizes(T=1, B=1, I=2, H=3, O=4)


def counting(cell):
    """Parameters whose entries are all different: 0, 1, 2, ... through all of them."""
    found, first = {}, 0
    for name, shape in of_cell(cell).shapes(SIZES).items():
        size = int(np.prod(shape))
        found[name] = np.arange(first, first + size, dtype=float).reshape(shape)
        first += size
    return found


def words(stage):
    return ("affine " if isinstance(stage, AffineStage) else "") + " ".join(e.target for e in stage.equations)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (network("lstm").step, ["affine z_i z_f z_g z_o", "i f g o c' tanh(c') h'"]),
        (network("elman:readout=tanh").step, ["affine z_h", "h'", "affine z_y", "y"]),
        (network("elman:readout=softmax").step, ["affine z_h", "h'", "affine z_y", "y"]),
        (gated(), ["affine z_z z_r", "z r s", "affine z_n", "n h'"]),
        (twice(), ["affine z_h z_y", "tanh(z_h) h'"]),
    ],
    ids=["lstm", "elman", "softmax", "gated", "twice"],
)
def test_equations_of_one_kind_stand_together(cell, expected):
    assert [words(stage) for stage in stages(flatten(cell))] == expected


def test_an_affine_equation_of_its_neighbour_starts_a_stage():
    cell = Cell(
        "deep",
        (
            Affine("a", (("A", "x"),)),
            Affine("b", (("B", "h"),)),
            Affine("c", (("C", "a"), ("D", "x"))),
            Affine("h'", (("E", "c"),)),
        ),
        (("h", "h'"),),
        "h'",
    )
    assert [words(stage) for stage in stages(flatten(cell))] == ["affine a b", "affine c", "affine h'"]


def test_weights_are_stacked_with_the_columns_they_add_to():
    """h adds to the first and third target, m to the second and third, x to the first and second."""
    (stage, _) = stages(flatten(scattered()))
    parameters = counting(scattered())
    packed = pack(stage, parameters)
    assert packed.columns == {"z_a": slice(0, 3), "z_b": slice(3, 6), "z_c": slice(6, 9)}
    blocks = {block.operand: block for block in packed.blocks}
    assert blocks["x"].columns == slice(0, 6)
    assert np.arange(9)[blocks["h"].columns].tolist() == [0, 1, 2, 6, 7, 8]
    assert blocks["m"].columns == slice(3, 9)
    assert np.array_equal(blocks["h"].weight, np.concatenate([parameters["U_a"], parameters["U_c"]]))
    assert np.array_equal(blocks["h"].transposed, blocks["h"].weight.T) and blocks["h"].transposed.flags.c_contiguous
    assert np.array_equal(packed.bias, [*parameters["b_a"], 0, 0, 0, *parameters["b_c"]])


def test_an_operand_that_an_equation_uses_twice_has_two_blocks():
    (stage, _) = stages(flatten(twice()))
    parameters = counting(twice())
    packed = pack(stage, parameters)
    of_h = [block for block in packed.blocks if block.operand == "h"]
    assert [np.arange(6)[block.columns].tolist() for block in of_h] == [[0, 1, 2], [0, 1, 2]]
    assert np.array_equal(of_h[0].weight, parameters["A"]) and np.array_equal(of_h[1].weight, parameters["B"])
    assert all(len(np.unique(np.arange(6)[block.columns])) == len(block.weight) for block in packed.blocks)


def test_balls_group_equations_of_the_same_operands():
    found = [g.equations if isinstance(g, Gates) else g for g in groups(flatten(scattered()))]
    gates, elementwise = [[e.target for e in g] for g in found[:3]], [e.target for e in found[3:]]
    assert (gates, elementwise) == (
        [["z_a"], ["z_b"], ["z_c"]],
        ["sigmoid(z_b)", "tanh(z_a)", "h'", "relu(z_c)", "m'"],
    )
    (gates, *_) = groups(flatten(network("lstm").step))
    assert [e.target for e in gates.equations] == ["z_i", "z_f", "z_g", "z_o"]
    assert gates.operands == ("x", "h")


def test_every_activation_has_a_signal_of_its_own_but_those_of_vectors_alone():
    h, p, z = signals("h p z")
    cell = Cell(
        "nested",
        (
            Affine("z", (("W", "x"),)),
            Elementwise("h'", tanh(z * sigmoid(z)) * sigmoid(p) + sigmoid(z) * h),
            Elementwise("y", tanh(h)),
        ),
        (("h", "h'"),),
        "y",
        vectors=("p",),
    )
    flat = flatten(cell)
    inner, outer = signals("sigmoid(z) tanh(z*sigmoid(z))")
    assert [e.target for e in flat.equations] == ["z", inner.name, outer.name, "h'", "y"]
    expressions = {e.target: e.expression for e in flat.equations if isinstance(e, Elementwise)}
    assert expressions == {
        inner.name: sigmoid(z),
        outer.name: tanh(z * inner),
        "h'": outer * sigmoid(p) + inner * h,
        "y": tanh(h),
    }
    assert flatten(network("elman").step) == network("elman").step


@pytest.mark.parametrize(("name", "terms"), [("lstm", 2 + 3 + 2), ("lstm:bias=false", 2 + 3)])
def test_a_bias_counts_as_two_terms_of_its_sum(name, terms):
    """A target may hold it as two arrays that it adds up: W x and U h have I + H products, and b two halves."""
    cell = network(name).step
    gates = groups(cell)[0]
    weights = stack(gates, counting(cell))
    assert (weights.terms, weights.products) == (terms, 5)

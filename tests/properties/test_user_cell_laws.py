"""A cell of the user's own, its signals named as the user likes, through a law that looks at its equations."""

import numpy as np

from rnnproof.model.activation import tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals
from rnnproof.model.network import Network
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.forward import largest_pre_activation
from rnnproof.strategies.cases import Draw, fill

(a,) = signals("a")
CELL = Cell(
    "mine",
    (Affine("a", (("W_h", "x"), ("U_h", "h")), "b_h"), Elementwise("h'", tanh(a))),
    states=(("h", "h'"),),
    output="h'",
)


def test_a_pre_activation_is_what_an_affine_equation_gives_whatever_its_name():
    case = fill(Network("mine", CELL), Draw(1, 2, 2, 3, 2, 2, 3, "huge", 4), "float64")
    p = case.parameters
    true = case.x[0] @ p["W_h"].T + case.state["h"] @ p["U_h"].T + p["b_h"]
    # Small dyadic numbers: nothing is rounded.
    assert largest_pre_activation(Bounds(case)) == np.abs(true).max()

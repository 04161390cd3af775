"""The lecture's LSTM: a memory with four inputs and one output, each input a transform of x alone.

Reference: Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network: c' = g(z) f(z_i) + c f(z_f) and
a = h(c') f(z_o), where f is the sigmoid. The transform z is named z_g here, after its function g.
"""

from rnnproof.catalogue.options import BOOLEANS, Page, yes
from rnnproof.model.activation import ACTIVATIONS, sigmoid
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals

CITATION = "Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, the LSTM cell with four inputs"


def cell(g: str, h: str, bias: bool) -> Cell:
    """c' = g(z_g) sigmoid(z_i) + c sigmoid(z_f) and a = h(c') sigmoid(z_o), the transforms seeing x alone."""
    z_i, z_f, z_g, z_o, i, f, c, c_new, z, o = signals("z_i z_f z_g z_o i f c c' g o")
    return Cell(
        name="lecture_lstm",
        equations=(
            Affine("z_i", (("W_i", "x"),), "b_i" if bias else None),
            Affine("z_f", (("W_f", "x"),), "b_f" if bias else None),
            Affine("z_g", (("W_g", "x"),), "b_g" if bias else None),
            Affine("z_o", (("W_o", "x"),), "b_o" if bias else None),
            Elementwise("i", sigmoid(z_i)),
            Elementwise("f", sigmoid(z_f)),
            Elementwise("g", ACTIVATIONS[g](z_g)),
            Elementwise("o", sigmoid(z_o)),
            Elementwise("c'", z * i + c * f),
            Elementwise("a", ACTIVATIONS[h](c_new) * o),
        ),
        states=(("c", "c'"),),
        output="a",
        citation=CITATION,
    )


PAGE = Page(
    summary="c' = g(z_g) sigmoid(z_i) + c sigmoid(z_f), a = h(c') sigmoid(z_o), each z seeing x alone",
    citation=CITATION,
    options={"g": ("tanh", "identity"), "h": ("tanh", "identity"), "bias": BOOLEANS},
    cell=lambda options: cell(options["g"], options["h"], yes(options["bias"])),
)

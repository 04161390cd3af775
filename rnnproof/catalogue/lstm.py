"""Long short-term memory with a forget gate, no peepholes.

Reference: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780;
F. A. Gers, J. Schmidhuber and F. Cummins, Learning to forget, Neural Computation 12 (2000) 2451-2471;
A. Graves, Generating sequences with recurrent neural networks, arXiv:1308.0850 (2013), equations (7) to (11),
which have peepholes besides: here W_ci, W_cf and W_co are zero. The documentation of torch.nn.LSTM writes the
same without peepholes, with two biases for each gate whose sum is one here.
"""

from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals

CITATION = (
    "Hochreiter & Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780; "
    "forget gate: Gers, Schmidhuber & Cummins, Neural Computation 12 (2000) 2451-2471; "
    "equations: Graves, arXiv:1308.0850 (2013), (7) to (11) without peepholes"
)


def cell(bias: bool) -> Cell:
    """c' = f c + i g and h' = o tanh(c'), the gates seeing x and h.

    Reference: Graves (2013): i (7), f (8), c' with g its tanh (9), o (10), h' (11).
    """
    z_i, z_f, z_g, z_o, i, f, g, o, c, c_new = signals("z_i z_f z_g z_o i f g o c c'")
    return Cell(
        name="lstm",
        equations=(
            Affine("z_i", (("W_i", "x"), ("U_i", "h")), "b_i" if bias else None),
            Affine("z_f", (("W_f", "x"), ("U_f", "h")), "b_f" if bias else None),
            Affine("z_g", (("W_g", "x"), ("U_g", "h")), "b_g" if bias else None),
            Affine("z_o", (("W_o", "x"), ("U_o", "h")), "b_o" if bias else None),
            Elementwise("i", sigmoid(z_i)),
            Elementwise("f", sigmoid(z_f)),
            Elementwise("g", tanh(z_g)),
            Elementwise("o", sigmoid(z_o)),
            Elementwise("c'", f * c + i * g),
            Elementwise("h'", o * tanh(c_new)),
        ),
        states=(("h", "h'"), ("c", "c'")),
        output="h'",
        citation=CITATION,
    )

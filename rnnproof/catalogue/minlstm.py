"""The minimal LSTM: two gates that see x alone and are made to add up to one; its only state is h.

Reference: L. Feng, F. Tung, M. O. Ahmed, Y. Bengio and H. Hajimirsadeghi, Were RNNs all we needed?, arXiv:2410.01201
(2024), section 3.2. What the paper computes in the space of logarithms has another candidate, and is not this network.
"""

from rnnproof.catalogue.options import BOOLEANS, Page, yes
from rnnproof.model.activation import reciprocal, sigmoid
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals

CITATION = "Feng, Tung, Ahmed, Bengio & Hajimirsadeghi, Were RNNs all we needed?, arXiv:2410.01201 (2024), section 3.2"


def cell(bias: bool) -> Cell:
    """f = sigmoid(W_f x + b_f), i = sigmoid(W_i x + b_i), n = W_n x + b_n, h' = (f h + i n) / (f + i)."""
    z_f, z_i, f, i, n, h = signals("z_f z_i f i n h")
    return Cell(
        name="minlstm",
        equations=(
            Affine("z_f", (("W_f", "x"),), "b_f" if bias else None),
            Affine("z_i", (("W_i", "x"),), "b_i" if bias else None),
            Affine("n", (("W_n", "x"),), "b_n" if bias else None),
            Elementwise("f", sigmoid(z_f)),
            Elementwise("i", sigmoid(z_i)),
            Elementwise("h'", (f * h + i * n) * reciprocal(f + i)),
        ),
        states=(("h", "h'"),),
        output="h'",
        citation=CITATION,
    )


PAGE = Page(
    summary="n = W_n x + b_n, h' = (f h + i n) / (f + i), f and i seeing x alone",
    citation=CITATION,
    options={"bias": BOOLEANS},
    cell=lambda options: cell(yes(options["bias"])),
)

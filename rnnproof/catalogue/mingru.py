"""The minimal GRU: neither its gate nor its candidate sees the state, so that all steps can be computed at once.

Reference: L. Feng, F. Tung, M. O. Ahmed, Y. Bengio and H. Hajimirsadeghi, Were RNNs all we needed?, arXiv:2410.01201
(2024), section 3.1. What the paper computes in the space of logarithms has another candidate, and is not this network.
"""

from rnnproof.catalogue.options import BOOLEANS, Page, yes
from rnnproof.model.activation import sigmoid
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals

CITATION = "Feng, Tung, Ahmed, Bengio & Hajimirsadeghi, Were RNNs all we needed?, arXiv:2410.01201 (2024), section 3.1"


def cell(bias: bool) -> Cell:
    """z = sigmoid(W_z x + b_z), n = W_n x + b_n, h' = (1-z) h + z n."""
    z_z, z, n, h = signals("z_z z n h")
    return Cell(
        name="mingru",
        equations=(
            Affine("z_z", (("W_z", "x"),), "b_z" if bias else None),
            Elementwise("z", sigmoid(z_z)),
            Affine("n", (("W_n", "x"),), "b_n" if bias else None),
            Elementwise("h'", (1 - z) * h + z * n),
        ),
        states=(("h", "h'"),),
        output="h'",
        citation=CITATION,
    )


PAGE = Page(
    summary="n = W_n x + b_n, h' = (1-z) h + z n, z seeing x alone",
    citation=CITATION,
    options={"bias": BOOLEANS},
    cell=lambda options: cell(yes(options["bias"])),
)

"""The minimal gated unit: the GRU with one gate, which both forgets and resets.

Reference: G.-B. Zhou, J. Wu, C.-L. Zhang and Z.-H. Zhou, Minimal gated unit for recurrent neural networks,
International Journal of Automation and Computing 13 (2016) 226-234, arXiv:1603.09420, section 3.
"""

from rnnproof.catalogue.options import BOOLEANS, Page, yes
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals

CITATION = (
    "Zhou, Wu, Zhang & Zhou, Minimal gated unit for recurrent neural networks, "
    "International Journal of Automation and Computing 13 (2016) 226-234, section 3"
)


def cell(bias: bool) -> Cell:
    """f = sigmoid(W_f x + U_f h + b_f), n = tanh(W_n x + U_n (f h) + b_n), h' = (1-f) h + f n."""
    z_f, z_n, f, n, h = signals("z_f z_n f n h")
    return Cell(
        name="mgu",
        equations=(
            Affine("z_f", (("W_f", "x"), ("U_f", "h")), "b_f" if bias else None),
            Elementwise("f", sigmoid(z_f)),
            Elementwise("s", f * h),
            Affine("z_n", (("W_n", "x"), ("U_n", "s")), "b_n" if bias else None),
            Elementwise("n", tanh(z_n)),
            Elementwise("h'", (1 - f) * h + f * n),
        ),
        states=(("h", "h'"),),
        output="h'",
        citation=CITATION,
    )


PAGE = Page(
    summary="n = tanh(W_n x + U_n (f h) + b_n), h' = (1-f) h + f n",
    citation=CITATION,
    options={"bias": BOOLEANS},
    cell=lambda options: cell(yes(options["bias"])),
)

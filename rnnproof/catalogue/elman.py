"""The simple recurrent network: what the hidden layer put out is stored, and read at the next step.

Reference: J. L. Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211, figure 2: what the
hidden layer puts out is copied, one for one and with the fixed weight 1.0, to the context layer, from which
trainable connections lead back to the hidden layer. Written as in the PyTorch documentation of torch.nn.RNN,
its two biases b_ih + b_hh being one here; torch.nn.RNN has tanh or relu, and no readout.
"""

from rnnproof.catalogue.options import BOOLEANS, Options, Page, yes
from rnnproof.catalogue.readouts import READOUTS, applied
from rnnproof.model.activation import ACTIVATIONS
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal
from rnnproof.model.network import Readout

CITATION = "Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211, figure 2"


def cell(activation: str, bias: bool) -> Cell:
    """h' = f(W_h x + U_h h + b_h)."""
    f = ACTIVATIONS[activation]
    return Cell(
        name="elman",
        equations=(
            Affine("z_h", (("W_h", "x"), ("U_h", "h")), "b_h" if bias else None),
            Elementwise("h'", f(signal("z_h"))),
        ),
        states=(("h", "h'"),),
        output="h'",
        citation=CITATION,
    )


def readout(activation: str, bias: bool) -> Readout:
    """y = g(W_y h' + b_y)."""
    z_y = Affine("z_y", (("W_y", "h'"),), "b_y" if bias else None, rows="O")
    return Readout((z_y, applied(activation, "y", "z_y")), "y")


def _read(options: Options) -> Readout | None:
    return None if options["readout"] == "none" else readout(options["readout"], yes(options["bias"]))


PAGE = Page(
    summary="h' = f(W_h x + U_h h + b_h), y = g(W_y h' + b_y)",
    citation=CITATION,
    options={
        "activation": tuple(ACTIVATIONS),
        "readout": ("none", *READOUTS),
        "bias": BOOLEANS,
    },
    cell=lambda options: cell(options["activation"], yes(options["bias"])),
    readout=_read,
)

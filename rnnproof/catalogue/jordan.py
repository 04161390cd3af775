"""The network that stores what it put out, not what its hidden layer did, and reads that at the next step.

Reference: M. I. Jordan, Serial order: a parallel distributed processing approach, ICS Report 8604, University of
California, San Diego (1986): the output units are connected to the state units, from which the hidden units receive
at the next step. There a state unit also keeps a part of its own last value; here that part is zero, as in what is
commonly called a Jordan network, so that the state is the output itself.
"""

from rnnproof.catalogue.options import BOOLEANS, Page, yes
from rnnproof.catalogue.readouts import READOUTS, applied
from rnnproof.model.activation import ACTIVATIONS
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal

CITATION = (
    "Jordan, Serial order: a parallel distributed processing approach, ICS Report 8604, UC San Diego (1986), "
    "the state units without connections to themselves"
)


def cell(activation: str, readout: str, bias: bool) -> Cell:
    """h = f(W_h x + U_h y + b_h) and y' = g(W_y h + b_y), y' being what is stored."""
    f = ACTIVATIONS[activation]
    return Cell(
        name="jordan",
        equations=(
            Affine("z_h", (("W_h", "x"), ("U_h", "y")), "b_h" if bias else None),
            Elementwise("h", f(signal("z_h"))),
            Affine("z_y", (("W_y", "h"),), "b_y" if bias else None, rows="O"),
            applied(readout, "y'", "z_y"),
        ),
        states=(("y", "y'"),),
        output="y'",
        citation=CITATION,
    )


PAGE = Page(
    summary="h = f(W_h x + U_h y + b_h), y' = g(W_y h + b_y)",
    citation=CITATION,
    options={"activation": tuple(ACTIVATIONS), "readout": READOUTS, "bias": BOOLEANS},
    cell=lambda options: cell(options["activation"], options["readout"], yes(options["bias"])),
)

"""Long short-term memory whose gates also see the memory, each unit its own: i and f the old, o the new.

Reference: F. A. Gers and J. Schmidhuber, Recurrent nets that time and count, IJCNN (2000), vol. 3, 189-194;
A. Graves, Generating sequences with recurrent neural networks, arXiv:1308.0850 (2013), equations (7) to (11), where
the weight matrices W_ci, W_cf and W_co from the memory to the gates are diagonal: p_i, p_f and p_o here.
coupled=input and coupled=forget as in the page of the LSTM; the gate that is one less the other has no peephole.
"""

from rnnproof.catalogue.lstm import COUPLED, transform
from rnnproof.catalogue.options import BOOLEANS, Page, yes
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Elementwise, signals

CITATION = (
    "Gers & Schmidhuber, Recurrent nets that time and count, IJCNN (2000), vol. 3, 189-194; "
    "equations: Graves, arXiv:1308.0850 (2013), (7) to (11)"
)


def cell(bias: bool, coupled: str = "none") -> Cell:
    """i = sigmoid(z_i + p_i c), f = sigmoid(z_f + p_f c), o = sigmoid(z_o + p_o c'); c' and h' as in the LSTM.

    Reference: Graves (2013): i (7), f (8), c' with g its tanh (9), o (10), h' (11).
    """
    z_i, z_f, z_g, z_o, i, f, g, o, c, c_new = signals("z_i z_f z_g z_o i f g o c c'")
    p_i, p_f, p_o = signals("p_i p_f p_o")
    input_gate = Elementwise("i", 1 - f if coupled == "input" else sigmoid(z_i + p_i * c))
    forget_gate = Elementwise("f", 1 - i if coupled == "forget" else sigmoid(z_f + p_f * c))
    return Cell(
        name="peephole",
        equations=(
            *(() if coupled == "input" else (transform("i", bias),)),
            *(() if coupled == "forget" else (transform("f", bias),)),
            transform("g", bias),
            transform("o", bias),
            *((forget_gate, input_gate) if coupled == "input" else (input_gate, forget_gate)),
            Elementwise("g", tanh(z_g)),
            Elementwise("c'", f * c + i * g),
            Elementwise("o", sigmoid(z_o + p_o * c_new)),
            Elementwise("h'", o * tanh(c_new)),
        ),
        states=(("h", "h'"), ("c", "c'")),
        output="h'",
        vectors={"none": ("p_i", "p_f", "p_o"), "input": ("p_f", "p_o"), "forget": ("p_i", "p_o")}[coupled],
        citation=CITATION,
    )


PAGE = Page(
    summary="as lstm, with i = sigmoid(z_i + p_i c), f = sigmoid(z_f + p_f c), o = sigmoid(z_o + p_o c')",
    citation=CITATION,
    options={"coupled": COUPLED, "bias": BOOLEANS},
    cell=lambda options: cell(yes(options["bias"]), options["coupled"]),
)

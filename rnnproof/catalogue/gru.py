"""The gated recurrent unit, its reset gate acting after the recurrent product or before it.

Reference: K. Cho, B. van Merrienboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk and Y. Bengio, Learning phrase
representations using RNN encoder-decoder for statistical machine translation, arXiv:1406.1078 (2014), section 2.3:
the reset gate acts before the product, there is one bias at the most, and z keeps the old state. The documentation
of torch.nn.GRU has the reset after the product, with a bias b_hn of its own inside: what cuDNN computes, and Keras
by default. hidden_bias=false: the reset after the product, and no b_hn: flax.nnx.GRUCell, Flux and Core ML's gru.
"""

from rnnproof.catalogue.options import BOOLEANS, Options, Page, yes
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, signals

CITATION = (
    "Cho et al., Learning phrase representations using RNN encoder-decoder, arXiv:1406.1078 (2014), section 2.3; "
    "the reset after the product: documentation of torch.nn.GRU"
)


def cell(reset: str, bias: bool, hidden_bias: bool = True) -> Cell:
    """h' = (1-z) n + z h, where n = tanh(W_n x + b_n + r (U_n h + b_hn)), or tanh(W_n x + b_n + U_n (r h)).

    ``hidden_bias``: whether b_hn is there.
    """
    z_r, z_z, z, n, h = signals("z_r z_z z n h")
    return Cell(
        name="gru",
        equations=(
            Affine("z_r", (("W_r", "x"), ("U_r", "h")), "b_r" if bias else None),
            Affine("z_z", (("W_z", "x"), ("U_z", "h")), "b_z" if bias else None),
            Elementwise("r", sigmoid(z_r)),
            Elementwise("z", sigmoid(z_z)),
            *(_reset_before(bias) if reset == "before" else _reset_after(bias, bias and hidden_bias)),
            Elementwise("h'", (1 - z) * n + z * h),
        ),
        states=(("h", "h'"),),
        output="h'",
        citation=CITATION,
    )


def _reset_before(bias: bool) -> tuple[Equation, ...]:
    r, h, z_n = signals("r h z_n")
    return (
        Elementwise("s", r * h),
        Affine("z_n", (("W_n", "x"), ("U_n", "s")), "b_n" if bias else None),
        Elementwise("n", tanh(z_n)),
    )


def _reset_after(bias: bool, hidden_bias: bool) -> tuple[Equation, ...]:
    r, s, z_n = signals("r s z_n")
    return (
        Affine("z_n", (("W_n", "x"),), "b_n" if bias else None),
        Affine("s", (("U_n", "h"),), "b_hn" if hidden_bias else None),
        Elementwise("n", tanh(z_n + r * s)),
    )


def _conflict(given: Options) -> str | None:
    """What leaves out a bias that is not there."""
    if given.get("hidden_bias") == "false" and given.get("reset") == "before":
        return "reset=before has no b_hn that hidden_bias=false could leave out; expected one of the two"
    if given.get("hidden_bias") == "false" and given.get("bias") == "false":
        return "bias=false leaves out b_hn too; expected bias=false alone"
    return None


PAGE = Page(
    summary="n = tanh(W_n x + b_n + r (U_n h + b_hn)), h' = (1-z) n + z h; reset=before: U_n (r h), no b_hn",
    citation=CITATION,
    options={"reset": ("after", "before"), "bias": BOOLEANS, "hidden_bias": BOOLEANS},
    cell=lambda options: cell(options["reset"], yes(options["bias"]), yes(options["hidden_bias"])),
    conflict=_conflict,
)

"""Long short-term memory with a forget gate, no peepholes; and what frameworks add to it or change in it.

Reference: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780;
F. A. Gers, J. Schmidhuber and F. Cummins, Learning to forget, Neural Computation 12 (2000) 2451-2471;
A. Graves, Generating sequences with recurrent neural networks, arXiv:1308.0850 (2013), equations (7) to (11),
which have peepholes besides: here W_ci, W_cf and W_co are zero. The documentation of torch.nn.LSTM writes the
same without peepholes, with two biases for each gate whose sum is one here.

coupled=forget: f = 1 - i, as ONNX Runtime, and variant CIFG of K. Greff, R. K. Srivastava, J. Koutnik,
B. R. Steunebrink and J. Schmidhuber, LSTM: a search space odyssey, arXiv:1503.04069 (2017). coupled=input:
i = 1 - f, as TFLite, which calls that CIFG too.
forget_offset: TensorFlow's forget_bias, added at run time; as an initial bias, R. Jozefowicz, W. Zaremba and
I. Sutskever, An empirical exploration of recurrent network architectures, ICML (2015).
recurrent=hard_sigmoid: slope 1/5 in Keras 2 and by default in ONNX, 1/6 in torch.nn.Hardsigmoid and Keras 3.
clip_place=cell: cell_clip of TensorFlow's LSTMCell, before the output gate; clip_place=gates: clip of ONNX's LSTM.
projection=P: H. Sak, A. Senior and F. Beaufays, Long short-term memory based recurrent neural network architectures
for large vocabulary speech recognition, arXiv:1402.1128 (2014), LSTMP with r_t = W_rm m_t; torch's proj_size.
"""

from collections.abc import Callable
from functools import partial

import sympy

from rnnproof.catalogue.options import BOOLEANS, NUMBER, POSITIVE, Options, Page, rational, yes
from rnnproof.model.activation import clipped, hard_sigmoid, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal, signals

CITATION = (
    "Hochreiter & Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780; "
    "forget gate: Gers, Schmidhuber & Cummins, Neural Computation 12 (2000) 2451-2471; "
    "equations: Graves, arXiv:1308.0850 (2013), (7) to (11) without peepholes"
)
COUPLED = ("none", "input", "forget")  # the gate that is one less the other
Function = Callable[[sympy.Expr], sympy.Expr]
ZERO = sympy.Integer(0)


def cell(
    bias: bool,
    coupled: str = "none",
    offset: sympy.Rational = ZERO,
    gate: Function = sigmoid,
    clip: sympy.Rational | None = None,
    clip_place: str = "cell",
    projection: bool = False,
) -> Cell:
    """c' = f c + i g and h' = o tanh(c'), the gates seeing x and h.

    ``coupled``: the gate that is one less the other. ``offset`` is added to z_f. ``gate`` is the function of i, f
    and o. ``clip``: the largest |c'|, or with clip_place="gates" the largest |z|. ``projection``: h' = W_p o tanh(c').

    Reference: Graves (2013): i (7), f (8), c' with g its tanh (9), o (10), h' (11).
    """
    z_i, z_f, z_g, z_o, i, f, g, o, c, c_new = signals("z_i z_f z_g z_o i f g o c c'")
    seen = _clip_to(clip if clip_place == "gates" else None)
    offset_z_f, z_f = _offset(z_f, offset)
    input_gate = Elementwise("i", 1 - f if coupled == "input" else gate(seen(z_i)))
    forget_gate = Elementwise("f", 1 - i if coupled == "forget" else gate(seen(z_f)))
    return Cell(
        name="lstm",
        equations=(
            *(() if coupled == "input" else (transform("i", bias),)),
            *(() if coupled == "forget" else (transform("f", bias),)),
            transform("g", bias),
            transform("o", bias),
            *offset_z_f,
            *((forget_gate, input_gate) if coupled == "input" else (input_gate, forget_gate)),
            Elementwise("g", tanh(seen(z_g))),
            Elementwise("o", gate(seen(z_o))),
            *_memory(f * c + i * g, clip if clip_place == "cell" else None),
            *_output(o * tanh(c_new), projection),
        ),
        states=(("h", "h'"), ("c", "c'")),
        output="h'",
        citation=CITATION,
    )


def transform(k: str, bias: bool) -> Affine:
    """z_k = W_k x + U_k h + b_k."""
    return Affine(f"z_{k}", ((f"W_{k}", "x"), (f"U_{k}", "h")), f"b_{k}" if bias else None)


def _clip_to(k: sympy.Rational | None) -> Function:
    return lambda z: z if k is None else clipped(z, k)


def _offset(z: sympy.Symbol, offset: sympy.Rational) -> tuple[tuple[Elementwise, ...], sympy.Symbol]:
    """The equation a_f = z + offset, and a_f; none, and z, where nothing is added.

    It stands alone so that no simplification takes the offset together with a constant of the gate's function.
    """
    return ((), z) if offset == 0 else ((Elementwise("a_f", z + offset),), signal("a_f"))


def _memory(c_new: sympy.Expr, k: sympy.Rational | None) -> tuple[Elementwise, ...]:
    """c' = c_new, or c_new clipped to [-k, k]."""
    if k is None:
        return (Elementwise("c'", c_new),)
    return Elementwise("s", c_new), Elementwise("c'", clipped(signal("s"), k))


def _output(m: sympy.Expr, projection: bool) -> tuple[Affine | Elementwise, ...]:
    """h' = m, or h' = W_p m."""
    if not projection:
        return (Elementwise("h'", m),)
    return Elementwise("m", m), Affine("h'", (("W_p", "m"),), rows="P")


def _chosen(options: Options) -> Cell:
    hard = options["recurrent"] == "hard_sigmoid"
    return cell(
        yes(options["bias"]),
        options["coupled"],
        rational(options["forget_offset"]),
        partial(hard_sigmoid, slope=rational(options["slope"])) if hard else sigmoid,
        None if options["clip"] == "none" else rational(options["clip"]),
        options["clip_place"],
        options["projection"] == "P",
    )


def _conflict(given: Options) -> str | None:
    """Options that say nothing without another, or of which nobody says which comes first."""
    offset = given.get("forget_offset", "0") != "0"
    if "slope" in given and given.get("recurrent") != "hard_sigmoid":
        return "slope goes with recurrent=hard_sigmoid alone"
    if "clip_place" in given and given.get("clip", "none") == "none":
        return "clip_place goes with clip=K, K being a positive number"
    if offset and given.get("coupled") == "forget":
        return "coupled=forget has no z_f that forget_offset could be added to; expected one of the two"
    if offset and given.get("clip_place") == "gates":
        return "forget_offset and clip_place=gates: which comes first is not defined; expected one of the two"
    return None


PAGE = Page(
    summary="c' = f c + i g, h' = o tanh(c')",
    citation=CITATION,
    options={
        "coupled": COUPLED,
        "forget_offset": ("0", NUMBER),
        "recurrent": ("sigmoid", "hard_sigmoid"),
        "slope": ("1/5", "1/6"),
        "clip": ("none", POSITIVE),
        "clip_place": ("cell", "gates"),
        "projection": ("none", "P"),
        "bias": BOOLEANS,
    },
    cell=_chosen,
    conflict=_conflict,
)

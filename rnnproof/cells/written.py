"""The hand-written cells, each with its own options chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from rnnproof.cells import activation as activations
from rnnproof.cells import elman, gru, gru_reset_before, jordan, lecture_lstm, lstm, peephole
from rnnproof.cells.activation import ACTIVATIONS, Activation, hard_sigmoid
from rnnproof.cells.contract import Backward, Forward
from rnnproof.cells.coupling import COUPLINGS
from rnnproof.cells.options import choice, needs, number, positive
from rnnproof.cells.projection import DIRECT, LINEAR
from rnnproof.errors import UsageError

HIDDEN = ("tanh", "relu", "sigmoid", "identity")
READOUTS = ("none", "identity", "tanh", "sigmoid", "softmax")
STORED = ("identity", "tanh", "sigmoid")
NOTHING = ACTIVATIONS["identity"]


@dataclass(frozen=True)
class Written:
    """A cell with the names of its parameters and states, a readout's activation, and the options that differ."""

    forward: Forward
    backward: Backward
    parameters: tuple[str, ...]
    memory: tuple[str, ...]
    options: dict[str, str]
    readout: str = "none"


def elman_cell(activation: str = "tanh", readout: str = "none") -> Written:
    """h_t = a(W_h x_t + U_h h_{t-1} + b_h), with or without y_t = g(W_y h_t + b_y) on top."""
    choice("activation", activation, HIDDEN)
    choice("readout", readout, READOUTS)
    forward = partial(elman.forward, activation=ACTIVATIONS[activation])
    options = _other({"activation": "tanh", "readout": "none"}, activation=activation, readout=readout)
    return Written(forward, elman.backward, elman.PARAMETERS, ("h",), options, readout)


def jordan_cell(activation: str = "tanh", readout: str = "identity") -> Written:
    """h_t = f(W_h x_t + U_h y_{t-1} + b_h) and y_t = g(W_y h_t + b_y)."""
    choice("activation", activation, HIDDEN)
    choice("readout", readout, STORED)
    forward = partial(jordan.forward, activation=ACTIVATIONS[activation], readout=ACTIVATIONS[readout])
    options = _other({"activation": "tanh", "readout": "identity"}, activation=activation, readout=readout)
    return Written(forward, jordan.backward, jordan.PARAMETERS, ("y",), options)


def lecture_lstm_cell(g: str = "tanh", h: str = "tanh") -> Written:
    """c_t = g(z_g) sigmoid(z_i) + c_{t-1} sigmoid(z_f) and a_t = h(c_t) sigmoid(z_o)."""
    for name, value in (("g", g), ("h", h)):
        choice(name, value, ("tanh", "identity"))
    forward = partial(lecture_lstm.forward, g=ACTIVATIONS[g], h=ACTIVATIONS[h])
    options = _other({"g": "tanh", "h": "tanh"}, g=g, h=h)
    return Written(forward, lecture_lstm.backward, lecture_lstm.PARAMETERS, ("c",), options)


def lstm_cell(
    coupled: str = "none",
    forget_offset: str = "0",
    recurrent: str = "sigmoid",
    slope: str | None = None,
    clip: str = "none",
    clip_place: str | None = None,
    projection: str = "none",
) -> Written:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t), or the variant that the options say."""
    choice("coupled", coupled, COUPLINGS)
    offset = number("forget_offset", forget_offset)
    sigmoid, told = _sigmoid(recurrent, slope)
    bound_z, bound_c, bounded = _bounds(clip, clip_place)
    if offset and coupled == "forget":
        raise UsageError(f"forget_offset={offset} means nothing with coupled=forget: there f is 1 - i")
    if offset and bound_z is not NOTHING:
        raise UsageError(f"forget_offset={offset} with clip_place=gates: whether the offset is clipped is not defined")
    output = {"none": DIRECT, "P": LINEAR}[choice("projection", projection, ("none", "P"))]
    variant = lstm.Variant(COUPLINGS[coupled], sigmoid, bound_z, bound_c, output)
    forward: Forward = partial(lstm.forward, variant=variant)
    if offset:
        forward = lstm.with_offset(forward, float(offset))
    options = _other({"coupled": "none", "forget_offset": "0"}, coupled=coupled, forget_offset=str(offset))
    options |= told | bounded | _other({"projection": "none"}, projection=projection)
    return Written(forward, lstm.backward, variant.parameters, ("h", "c"), options)


def _sigmoid(recurrent: str, slope: str | None) -> tuple[Activation, dict[str, str]]:
    """The sigmoid of the gates, and the options that say so."""
    choice("recurrent", recurrent, ("sigmoid", "hard_sigmoid"))
    needs("slope", slope, "recurrent=hard_sigmoid", recurrent == "hard_sigmoid")
    if recurrent == "sigmoid":
        return ACTIVATIONS["sigmoid"], {}
    rises = positive("slope", slope or "1/5")
    return hard_sigmoid(float(rises)), {"recurrent": recurrent, **_other({"slope": "1/5"}, slope=str(rises))}


def _bounds(bound: str, place: str | None) -> tuple[Activation, Activation, dict[str, str]]:
    """What bounds z and what bounds c_t, and the options that say so."""
    needs("clip_place", place, "clip", bound != "none")
    if bound == "none":
        return NOTHING, NOTHING, {}
    limit, place = positive("clip", bound), choice("clip_place", place or "cell", ("cell", "gates"))
    bounded = activations.clip(float(limit))
    told = {"clip": str(limit), **_other({"clip_place": "cell"}, clip_place=place)}
    return (NOTHING, bounded, told) if place == "cell" else (bounded, NOTHING, told)


def peephole_cell(coupled: str = "none") -> Written:
    """The LSTM whose gates i and f see c_{t-1}, and whose gate o sees c_t."""
    coupling = COUPLINGS[choice("coupled", coupled, COUPLINGS)]
    forward = partial(peephole.forward, coupling=coupling)
    options = _other({"coupled": "none"}, coupled=coupled)
    return Written(forward, peephole.backward, peephole.parameters(coupling), ("h", "c"), options)


def gru_cell(reset: str = "after") -> Written:
    """h_t = (1 - z) n + z h_{t-1}, the reset gate after or before the product with U_n."""
    choice("reset", reset, ("after", "before"))
    cell = gru if reset == "after" else gru_reset_before
    return Written(cell.forward, cell.backward, cell.PARAMETERS, ("h",), _other({"reset": "after"}, reset=reset))


def _other(defaults: Mapping[str, str], **values: str) -> dict[str, str]:
    """The options whose values are not the defaults."""
    return {name: value for name, value in values.items() if value != defaults[name]}


WRITTEN: Mapping[str, Callable[..., Written]] = {
    "elman": elman_cell,
    "jordan": jordan_cell,
    "lecture_lstm": lecture_lstm_cell,
    "lstm": lstm_cell,
    "peephole": peephole_cell,
    "gru": gru_cell,
}

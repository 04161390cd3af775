"""From a network string to a network: ``lstm``, ``elman:activation=relu,readout=identity``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, partial

import sympy

from rnnproof.catalogue import elman, gru, jordan, lecture, lecture_lstm, lstm, mgu, mingru, minlstm, peephole
from rnnproof.catalogue.options import BOOLEANS, NUMBER, POSITIVE, Page, options_of
from rnnproof.errors import Unsupported, UsageError, nearest
from rnnproof.model.activation import ACTIVATIONS, hard_sigmoid, sigmoid
from rnnproof.model.network import Network

COUPLED = ("none", "input", "forget")


def _bias(options: Mapping[str, str]) -> bool:
    return options["bias"] == "true"


def _rational(text: str) -> sympy.Rational:
    ratio = Fraction(text)
    return sympy.Rational(ratio.numerator, ratio.denominator)


def _elman(options: Mapping[str, str]) -> Network:
    readout = None if options["readout"] == "none" else elman.readout(options["readout"], _bias(options))
    return Network("elman", elman.cell(options["activation"], _bias(options)), readout)


def _jordan(options: Mapping[str, str]) -> Network:
    return Network("jordan", jordan.cell(options["activation"], options["readout"], _bias(options)))


def _lecture_lstm(options: Mapping[str, str]) -> Network:
    return Network("lecture_lstm", lecture_lstm.cell(options["g"], options["h"], _bias(options)))


def _lstm(options: Mapping[str, str]) -> Network:
    hard = options["recurrent"] == "hard_sigmoid"
    return Network(
        "lstm",
        lstm.cell(
            _bias(options),
            options["coupled"],
            _rational(options["forget_offset"]),
            partial(hard_sigmoid, slope=_rational(options["slope"])) if hard else sigmoid,
            None if options["clip"] == "none" else _rational(options["clip"]),
            options["clip_place"],
            options["projection"] == "P",
        ),
    )


def _lstm_conflict(given: Mapping[str, str]) -> str | None:
    """Options of the LSTM that say nothing without another, or of which nobody says which comes first."""
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


def _peephole(options: Mapping[str, str]) -> Network:
    return Network("peephole", peephole.cell(_bias(options), options["coupled"]))


def _gru(options: Mapping[str, str]) -> Network:
    return Network("gru", gru.cell(options["reset"], _bias(options)))


NETWORKS: Mapping[str, Page] = {
    "elman": Page(
        _elman,
        "h' = f(W_h x + U_h h + b_h), y = g(W_y h' + b_y)",
        elman.CITATION,
        {
            "activation": tuple(ACTIVATIONS),
            "readout": ("none", "identity", "tanh", "sigmoid"),
            "bias": BOOLEANS,
        },
    ),
    "jordan": Page(
        _jordan,
        "h = f(W_h x + U_h y + b_h), y' = g(W_y h + b_y)",
        jordan.CITATION,
        {"activation": tuple(ACTIVATIONS), "readout": ("identity", "tanh", "sigmoid"), "bias": BOOLEANS},
    ),
    "lecture_lstm": Page(
        _lecture_lstm,
        "c' = g(z_g) sigmoid(z_i) + c sigmoid(z_f), a = h(c') sigmoid(z_o), each z seeing x alone",
        lecture_lstm.CITATION,
        {"g": ("tanh", "identity"), "h": ("tanh", "identity"), "bias": BOOLEANS},
    ),
    "lstm": Page(
        _lstm,
        "c' = f c + i g, h' = o tanh(c')",
        lstm.CITATION,
        {
            "coupled": COUPLED,
            "forget_offset": ("0", NUMBER),
            "recurrent": ("sigmoid", "hard_sigmoid"),
            "slope": ("1/5", "1/6"),
            "clip": ("none", POSITIVE),
            "clip_place": ("cell", "gates"),
            "projection": ("none", "P"),
            "bias": BOOLEANS,
        },
        _lstm_conflict,
    ),
    "peephole": Page(
        _peephole,
        "as lstm, with i = sigmoid(z_i + p_i c), f = sigmoid(z_f + p_f c), o = sigmoid(z_o + p_o c')",
        peephole.CITATION,
        {"coupled": COUPLED, "bias": BOOLEANS},
    ),
    "gru": Page(
        _gru,
        "n = tanh(W_n x + b_n + r (U_n h + b_hn)), h' = (1-z) n + z h; reset=before: U_n (r h), no b_hn",
        gru.CITATION,
        {"reset": ("after", "before"), "bias": BOOLEANS},
    ),
    "mgu": Page(
        lambda options: Network("mgu", mgu.cell(_bias(options))),
        "n = tanh(W_n x + U_n (f h) + b_n), h' = (1-f) h + f n",
        mgu.CITATION,
        {"bias": BOOLEANS},
    ),
    "mingru": Page(
        lambda options: Network("mingru", mingru.cell(_bias(options))),
        "n = W_n x + b_n, h' = (1-z) h + z n, z seeing x alone",
        mingru.CITATION,
        {"bias": BOOLEANS},
    ),
    "minlstm": Page(
        lambda options: Network("minlstm", minlstm.cell(_bias(options))),
        "n = W_n x + b_n, h' = (f h + i n) / (f + i), f and i seeing x alone",
        minlstm.CITATION,
        {"bias": BOOLEANS},
    ),
}
ALIASES = {"lecture": lecture.NETWORK}
# Named by the contract, not built yet.
LATER_NETWORKS: tuple[str, ...] = ()


@cache
def network(name: str) -> Network:
    """The network that a string names; its own ``name`` is canonical (options that are not default, in order).

    Errors: UsageError for a network, option or value that does not exist, with the nearest;
    Unsupported for one that is not built yet.
    """
    head, _, tail = ALIASES.get(name, name).partition(":")
    if head in LATER_NETWORKS:
        raise Unsupported(f"network {head} is not built yet; built are {', '.join(NETWORKS)}")
    if head not in NETWORKS:
        raise UsageError(f"unknown network {head!r}{nearest(head, (*NETWORKS, *ALIASES, *LATER_NETWORKS))}")
    page = NETWORKS[head]
    chosen = {key: values[0] for key, values in page.options.items()} | options_of(head, page, tail)
    built = page.build(chosen)
    changed = tuple((key, value) for key, value in chosen.items() if value != page.options[key][0])
    label = head + (":" + ",".join(f"{key}={value}" for key, value in changed) if changed else "")
    return Network(label, built.cell, built.readout, options=changed)

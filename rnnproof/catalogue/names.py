"""From a network string to a network: ``lstm``, ``elman:activation=relu,readout=identity``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from rnnproof.catalogue import elman, lecture, lstm
from rnnproof.errors import Unsupported, UsageError, nearest
from rnnproof.model.activation import ACTIVATIONS
from rnnproof.model.network import DIRECTIONS, MERGES, Network

BOOLEANS = ("true", "false")
# Named by the contract, not built yet: refused by name, never ignored.
LATER_OPTIONS = {"padding": ("zero", "repeat", "run")}


@dataclass(frozen=True)
class Page:
    """One network of the catalogue: what builds it, its options with their default and allowed values."""

    build: Callable[[Mapping[str, str]], Network]
    summary: str
    citation: str
    options: Mapping[str, tuple[str, ...]]  # the first value is the default


def _elman(options: Mapping[str, str]) -> Network:
    bias = options["bias"] == "true"
    readout = None if options["readout"] == "none" else elman.readout(options["readout"], bias)
    return Network("elman", elman.cell(options["activation"], bias), readout)


def _lstm(options: Mapping[str, str]) -> Network:
    return Network("lstm", lstm.cell(options["bias"] == "true"))


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
    "lstm": Page(_lstm, "c' = f c + i g, h' = o tanh(c')", lstm.CITATION, {"bias": BOOLEANS}),
}
ALIASES = {"lecture": lecture.NETWORK}
# Options that every network has: the first value is the default; layers are a whole number.
WIRING = {"layers": ("1",), "direction": DIRECTIONS, "merge": MERGES}
# Named by the contract, not built yet.
LATER_NETWORKS = ("jordan", "lecture_lstm", "peephole", "gru", "mgu", "mingru", "minlstm")


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
    default = {key: values[0] for key, values in {**page.options, **WIRING}.items()}
    chosen = default | _options(head, page, tail)
    built = page.build(chosen)
    changed = tuple((key, value) for key, value in chosen.items() if value != default[key])
    label = head + (":" + ",".join(f"{key}={value}" for key, value in changed) if changed else "")
    layers, direction, merge = int(chosen["layers"]), chosen["direction"], chosen["merge"]
    return Network(label, built.cell, built.readout, layers, direction, merge, changed)


def _layers(head: str, value: str) -> str:
    if not value.isdecimal() or int(value) < 1:
        raise UsageError(f"network {head}: layers={value!r}; expected a whole number, at least 1")
    return str(int(value))


def _options(head: str, page: Page, text: str) -> dict[str, str]:
    chosen: dict[str, str] = {}
    known = {**page.options, **WIRING}
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if key in LATER_OPTIONS and key not in page.options:
            raise Unsupported(f"network {head}: option {key} is not built yet")
        if key not in known:
            raise UsageError(f"network {head}: unknown option {key!r}{nearest(key, known)}")
        if (key, value) == ("readout", "softmax"):
            raise Unsupported(f"network {head}: readout=softmax is not built yet")
        if key == "layers":
            value = _layers(head, value)
        elif not equals or value not in known[key]:
            raise UsageError(f"network {head}: {key}={value!r}; expected one of {', '.join(known[key])}")
        if key in chosen:
            raise UsageError(f"network {head}: option {key} is given twice")
        chosen[key] = value
    if "merge" in chosen and chosen.get("direction") != "bidirectional":
        raise UsageError(f"network {head}: merge={chosen['merge']} needs two directions: direction=bidirectional")
    return chosen

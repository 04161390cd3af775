"""The hand-written networks by name, with their options spelled as in a network string."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import signature

from rnnproof.cells import padding as paddings
from rnnproof.cells import readout as readouts
from rnnproof.cells.activation import ACTIVATIONS
from rnnproof.cells.contract import Backward, Forward, Layer
from rnnproof.cells.merge import MERGES, Merge
from rnnproof.cells.options import choice, count, needs
from rnnproof.cells.plain import PlainTarget
from rnnproof.cells.ragged import ragged
from rnnproof.cells.running import running
from rnnproof.cells.stack import above, beside, from_the_end, under
from rnnproof.cells.written import WRITTEN, Written
from rnnproof.errors import UsageError

DIRECTIONS = {"forward": ("forward",), "backward": ("backward",), "bidirectional": ("forward", "backward")}
DEFAULTS = {"bias": "true", "layers": "1", "direction": "forward", "merge": "concat", "padding": "zero"}
# How a cell becomes a layer on ragged rows, and what is put into the padding of the whole network's outputs.
PADDINGS: Mapping[str, tuple[Callable[[Forward, Backward], Layer], Callable[[Layer], Layer]]] = {
    "zero": (ragged, paddings.zero),
    "repeat": (ragged, paddings.repeat),
    "run": (running, lambda layer: layer),
}


def plain_target(network: str, **options: str) -> PlainTarget:
    """The hand-written network of that name and those options.

    ``plain_target("elman", activation="relu", readout="tanh")`` is ``elman:activation=relu,readout=tanh``.

    Errors: Unsupported for a network, option or value that is not written by hand; UsageError for options that
    contradict each other.
    """
    choice("network", network, WRITTEN)
    own = signature(WRITTEN[network]).parameters
    for option in options:
        choice(f"{network}: option", option, (*own, *DEFAULTS))
    common = {name: options.pop(name) for name in DEFAULTS if name in options}
    return _target(network, WRITTEN[network](**options), **common)


CELLS: Mapping[str, Callable[..., PlainTarget]] = {name: partial(plain_target, name) for name in WRITTEN}


def _target(
    network: str,
    cell: Written,
    bias: str = "true",
    layers: str = "1",
    direction: str = "forward",
    merge: str | None = None,
    padding: str = "zero",
) -> PlainTarget:
    choice("bias", bias, ("true", "false"))
    of_cell, in_padding = PADDINGS[choice("padding", padding, PADDINGS)]
    sides = DIRECTIONS[choice("direction", direction, DIRECTIONS)]
    if padding == "run" and "backward" in sides:
        raise UsageError(
            f"padding=run with direction={direction}: whoever starts at a row's own end has no padding ahead"
        )
    needs("merge", merge, "direction=bidirectional", len(sides) == 2)
    merge, depth = choice("merge", merge or "concat", MERGES), count("layers", layers)
    prefixes = [[f"{k}.{side}." for side in sides] for k in range(depth)] if depth * len(sides) > 1 else [[""]]
    parameters = [f"{prefix}{name}" for row in prefixes for prefix in row for name in cell.parameters]
    memory = tuple(f"{prefix}{name}" for row in prefixes for prefix in row for name in cell.memory)
    layer = stacked(of_cell(cell.forward, cell.backward), prefixes, sides, MERGES[merge])
    if cell.readout != "none":
        layer = readouts.read(layer, ACTIVATIONS[cell.readout])
        parameters += readouts.PARAMETERS
    if bias == "false":
        parameters = [name for name in parameters if not name.rpartition(".")[2].startswith("b_")]
    common = {"bias": bias, "layers": str(depth), "direction": direction, "merge": merge, "padding": padding}
    name = _string(network, cell.options | {key: text for key, text in common.items() if text != DEFAULTS[key]})
    return PlainTarget(name, tuple(parameters), memory, *in_padding(layer), stepwise=sides == ("forward",))


def stacked(cell: Layer, prefixes: Sequence[Sequence[str]], sides: Sequence[str], merge: Merge) -> Layer:
    """A layer of the cell for each row of prefixes, one above the other, one or two directions each."""

    def one(row: Sequence[str]) -> Layer:
        named = [under(prefix, cell) if prefix else cell for prefix in row]
        read = [from_the_end(part) if side == "backward" else part for part, side in zip(named, sides, strict=True)]
        return beside(read[0], read[1], merge) if len(read) == 2 else read[0]

    whole = one(prefixes[0])
    for row in prefixes[1:]:
        whole = above(one(row), whole)
    return whole


def _string(name: str, options: Mapping[str, str]) -> str:
    changed = ",".join(f"{key}={value}" for key, value in options.items())
    return f"{name}:{changed}" if changed else name

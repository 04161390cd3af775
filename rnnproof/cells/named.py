"""The hand-written networks by name, with their options spelled as in a network string."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules

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
from rnnproof.cells.written import Written
from rnnproof.errors import Unsupported, UsageError, nearest


def _written() -> Mapping[str, Callable[..., Written]]:
    """Every module of this package that is a cell, by its name: who writes one adds a module, nothing else."""
    names = sorted(found.name for found in iter_modules([str(Path(__file__).parent)]))
    modules = {name: import_module(f"{__package__}.{name}") for name in names}
    return {name: module.written for name, module in modules.items() if hasattr(module, "written")}


WRITTEN = _written()
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

    Errors: Unsupported for a network that is not written by hand; UsageError for an option or value that does not
    exist, and for options that contradict each other.
    """
    if network not in WRITTEN:
        raise Unsupported(f"network {network} is not written by hand; written are {', '.join(WRITTEN)}")
    known = dict.fromkeys((*signature(WRITTEN[network]).parameters, *DEFAULTS))
    for option in options:
        if option not in known:
            raise UsageError(f"network {network}: unknown option {option!r}{nearest(option, known)}")
    common = {name: options.pop(name) for name in DEFAULTS if name in options}
    try:
        return _target(network, WRITTEN[network](**options), **common)
    except UsageError as problem:
        raise UsageError(f"network {network}: {problem}") from problem


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
    _check(bias, direction, merge, padding)
    merge, depth, sides = merge or "concat", count("layers", layers), DIRECTIONS[direction]
    of_cell, in_padding = PADDINGS[padding]
    prefixes = _prefixes(depth, sides)
    layer = stacked(of_cell(cell.forward, cell.backward), prefixes, sides, MERGES[merge])
    parameters, memory = _within(prefixes, cell.parameters), _within(prefixes, cell.memory)
    if cell.readout != "none":
        layer = readouts.read(layer, ACTIVATIONS[cell.readout])
        parameters += readouts.PARAMETERS
    if bias == "false":
        parameters = tuple(name for name in parameters if not name.rpartition(".")[2].startswith("b_"))
    common = {"bias": bias, "layers": str(depth), "direction": direction, "merge": merge, "padding": padding}
    name = _string(network, cell.options | {key: text for key, text in common.items() if text != DEFAULTS[key]})
    return PlainTarget(name, parameters, memory, *in_padding(layer), stepwise=sides == ("forward",))


def _check(bias: str, direction: str, merge: str | None, padding: str) -> None:
    choice("bias", bias, ("true", "false"))
    choice("direction", direction, DIRECTIONS)
    choice("padding", padding, PADDINGS)
    choice("merge", merge or "concat", MERGES)
    needs(merge, f"merge={merge} needs two directions: direction=bidirectional", direction == "bidirectional")
    if padding == "run" and direction != "forward":
        raise UsageError("padding=run needs direction=forward: whoever starts at a row's own end has no padding ahead")


def _prefixes(depth: int, sides: Sequence[str]) -> list[list[str]]:
    """Of the names of each layer and direction; none where there is one layer of one direction."""
    if depth * len(sides) == 1:
        return [[""]]
    return [[f"{k}.{side}." for side in sides] for k in range(depth)]


def _within(prefixes: Sequence[Sequence[str]], names: Sequence[str]) -> tuple[str, ...]:
    """All names of all layers and directions."""
    return tuple(f"{prefix}{name}" for row in prefixes for prefix in row for name in names)


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

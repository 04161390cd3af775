"""One change made in every layer and direction: the code of a stack is written once, and so are its mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

from rnnproof.faults.bank import words_of
from rnnproof.faults.fault import Fault
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Equation
from rnnproof.model.network import Network
from rnnproof.reference.adjoint import Adjoint
from rnnproof.reference.wiring import Place, places

LAYER = re.compile(r"(?<![\w.])(d?)(\d+)\.(?:forward|backward)\.")  # before the names of one layer
Alike = dict[tuple[str, str], dict[Place, Fault]]


def everywhere(network: Network, faults: Iterable[Fault], base: Adjoint | None = None) -> Iterator[Fault]:
    """Of changes that are told of single layers and directions, those that all, or all backward ones, can have at once.

    ``base``: the adjoint of which the edges of the faults are changed, where a reading has several layers.
    """
    recurrent = {at: reading for at, reading in places(network) if reading.cell.state_names}
    own = [fault for fault in faults if fault.at in recurrent and fault.conduct is None]
    if len(recurrent) == 1:
        (reading,) = recurrent.values()
        yield from _layers(network, own, reading.cell, base)
        return
    words = {at: f"{words_of(at, reading)}: " for at, reading in recurrent.items()}
    alike: Alike = {}
    for fault in own:
        alike.setdefault((fault.operator, fault.text.removeprefix(words[fault.at])), {})[fault.at] = fault
    backward = [at for at, reading in recurrent.items() if reading.backward]
    for (_, text), found in alike.items():
        if found.keys() == recurrent.keys():
            yield _together(list(found.values()), f"in {_all(network)}: {text}")
        if len(backward) > 1 and {*backward} <= found.keys():
            yield _together([found[at] for at in backward], f"in every layer's backward direction: {text}")


def _together(faults: Sequence[Fault], text: str) -> Fault:
    return replace(faults[0], text=text, others=tuple(faults[1:]))


def _all(network: Network) -> str:
    if network.layers == 1:
        return "both directions"
    return "every layer and direction" if network.direction == "bidirectional" else "every layer"


def _layers(network: Network, faults: Iterable[Fault], cell: Cell, base: Adjoint | None) -> Iterator[Fault]:
    """Where one reading has several layers: the changes of all of them in one cell, or one adjoint."""
    alike: dict[tuple[str, str], dict[str, Fault]] = {}
    for fault in faults if network.layers > 1 else ():
        layers = [layer for _, layer in LAYER.findall(fault.text)]
        if layers:
            alike.setdefault((fault.operator, LAYER.sub(r"\1", fault.text)), {})[layers[-1]] = fault
    for (operator, words), found in alike.items():
        if len(found) == network.layers:
            text = f"in every layer: {words}"
            cells = [fault.cell for fault in found.values() if fault.cell is not None]
            edited = [fault.adjoint for fault in found.values() if fault.adjoint is not None]
            if len(cells) == network.layers:
                yield Fault(operator, text, cell=reduce(lambda a, b: _merged(cell, a, b), cells))
            elif base is not None:
                yield Fault(operator, text, adjoint=reduce(lambda a, b: _joined(base, a, b), edited))


def _merged(base: Cell, first: Cell, second: Cell) -> Cell:
    """The first changed cell, with what the second one changes too."""
    known = {*base.equations}
    made = {equation.target: equation for equation in first.equations}
    before: dict[str, list[Equation]] = {}
    waiting: list[Equation] = []
    for equation in second.equations:
        if equation.target not in made:
            waiting.append(equation)
            continue
        before[equation.target], waiting = waiting, []
        made[equation.target] = made[equation.target] if equation in known else equation
    every = [one for target, equation in made.items() for one in (*before.get(target, ()), equation)]
    states = tuple(a if a != own else b for own, a, b in zip(base.states, first.states, second.states, strict=True))
    vectors = tuple(dict.fromkeys((*first.vectors, *second.vectors)))
    output = first.output if first.output != base.output else second.output
    return replace(first, equations=(*every, *waiting), states=states, vectors=vectors, output=output)


def _joined(base: Adjoint, first: Adjoint, second: Adjoint) -> Adjoint:
    """The first edited adjoint, with the edges that the second one changes or has more too."""
    own = {edge.id: edge for edge in base.edges}
    changed = {edge.id: edge for edge in second.edges if own.get(edge.id) != edge}
    edges = [changed.pop(edge.id, edge) for edge in first.edges]
    return replace(first, edges=(*edges, *changed.values()))

"""All the changes that a diagnosis knows: the bank, and what is too much for the laws to be tried on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from rnnproof.diagnosis.relatives import relatives
from rnnproof.faults.arguments import argument_faults
from rnnproof.faults.bank import FAMILIES, bank, of_reading
from rnnproof.faults.edges import edits
from rnnproof.faults.every_reading import everywhere
from rnnproof.faults.fault import Fault
from rnnproof.faults.layouts import layouts
from rnnproof.faults.two_directions import two_directions, two_directions_back
from rnnproof.faults.wider_backward import wider_backward
from rnnproof.faults.wider_edges import wider_edits
from rnnproof.faults.wider_equations import wider_equations
from rnnproof.faults.wider_groups import wider_groups
from rnnproof.faults.wider_sequence import backward_rules, wider_sequence
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network
from rnnproof.reference.adjoint import Adjoint
from rnnproof.reference.wiring import Place, places


@cache
def of_forward(network: Network) -> tuple[Fault, ...]:
    """Every single change of the forward pass."""
    forward = (fault for fault in bank(network) if fault.adjoint is None and fault.place != "conduct")
    changed = tuple(fault for fault in forward if fault.operator != "overflow")  # it is right where it does not
    readings = places(network)
    wider = tuple(one for at, reading in readings for one in of_reading(network, at, reading, reading.cell, WIDER))
    rules = (*wider_sequence(network), *two_directions(network), *layouts(network))
    single = (*changed, *wider)
    return (*relatives(network), *everywhere(network, single), *single, *rules)


def of_changed(network: Network, at: Place, cell: Cell) -> Iterator[Fault]:
    """One change more of a reading whose cell is changed already."""
    reading = dict(places(network))[at]
    every = of_reading(network, at, reading, cell, (*FAMILIES, *WIDER))
    return (fault for fault in every if fault.cell is not None and fault.operator != "overflow")


def of_edges(pulled: Adjoint) -> Iterator[Fault]:
    """Every change of an adjoint, edited or not."""
    yield from edits(pulled)
    yield from wider_edits(pulled)
    yield from wider_groups(pulled)


@cache
def of_backward(network: Network) -> tuple[Fault, ...]:
    """Every wrong rule of the backward pass."""
    return (*backward_rules(network), *wider_backward(network), *two_directions_back(network))


WIDER = (wider_equations, argument_faults)

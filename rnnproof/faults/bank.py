"""The bank: every fault of a network. What each property must refuse, and what a diagnosis searches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from rnnproof.faults.conduct import conduct_faults
from rnnproof.faults.edges import edge_faults
from rnnproof.faults.equations import equation_faults
from rnnproof.faults.fault import Fault
from rnnproof.faults.groups import group_faults
from rnnproof.faults.sequence import sequence_faults
from rnnproof.faults.softmax import softmax_faults
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network, Reading
from rnnproof.reference.wiring import Place, places

Family = Callable[[Cell], Iterator[Fault]]
FAMILIES: tuple[Family, ...] = (equation_faults, group_faults, edge_faults, softmax_faults)  # of one reading


@cache
def bank(network: Network) -> tuple[Fault, ...]:
    """Every single and group change of the network's equations, adjoint, sequence rules and conduct.

    No two have the same cell, the same edges, or the same name.
    """
    around = (*sequence_faults(network), *conduct_faults())
    conduct = (Fault(operator, text, conduct=how) for operator, text, how in around)
    seen: set[object] = {(reading.cell, place) for place, reading in places(network)}
    kept: list[Fault] = []
    for fault in (*_of_readings(network), *conduct):
        key = fault.conduct or (fault.cell or fault.adjoint, fault.at)
        if key not in seen:
            seen.add(key)
            kept.append(fault)
    return tuple(kept)


def _of_readings(network: Network) -> Iterator[Fault]:
    """The changes of each reading's cell and adjoint; where there are several, their names say of which."""
    for place, reading in places(network):
        yield from of_reading(network, place, reading, reading.cell)


def of_reading(
    network: Network, place: Place, reading: Reading, cell: Cell, families: Sequence[Family] = FAMILIES
) -> Iterator[Fault]:
    """The changes of a reading whose cell is ``cell``: its own, or already changed."""
    for fault in (made for family in families for made in family(cell)):
        yield placed(fault, network, place, reading)


def placed(fault: Fault, network: Network, place: Place, reading: Reading) -> Fault:
    """The change at a reading; where there are several, its text says of which, once and not at every name."""
    if len(network.readings) == 1:
        return replace(fault, at=place)
    within = f"{place[0]}.{_side(reading)}."
    text = fault.text.replace(f" of {within[:-1]} ", " ").replace(within, "")
    return replace(fault, text=f"{words_of(place, reading)}: {text}", at=place)


def words_of(place: Place, reading: Reading) -> str:
    """layer 1, backward."""
    if not reading.cell.state_names:
        return "readout"
    return f"layer {place[0]}, {_side(reading)}"


def _side(reading: Reading) -> str:
    return "backward" if reading.backward else "forward"


def find(network: Network, operator: str, containing: str = "") -> Fault | None:
    """The last fault made by an operator whose text contains the given words; None if there is none."""
    found = [fault for fault in bank(network) if fault.operator == operator and containing in fault.text]
    return found[-1] if found else None

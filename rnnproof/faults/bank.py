"""The bank: every fault of a network. What each property must refuse, and what a diagnosis searches."""

from __future__ import annotations

from functools import cache

from rnnproof.faults.conduct import conduct_faults
from rnnproof.faults.edges import edge_faults
from rnnproof.faults.equations import equation_faults
from rnnproof.faults.fault import Fault
from rnnproof.faults.groups import group_faults
from rnnproof.faults.sequence import sequence_faults
from rnnproof.model.network import Network


@cache
def bank(network: Network) -> tuple[Fault, ...]:
    """Every single and group change of the network's equations, adjoint, sequence rules and conduct.

    No two have the same cell, the same edges, or the same name.
    """
    cell = network.step
    around = (*sequence_faults(network), *conduct_faults())
    conduct = (Fault(operator, text, conduct=how) for operator, text, how in around)
    seen: set[object] = {cell}
    kept: list[Fault] = []
    for fault in (*equation_faults(cell), *group_faults(cell), *edge_faults(cell), *conduct):
        key = fault.cell or fault.adjoint or fault.conduct
        if key not in seen:
            seen.add(key)
            kept.append(fault)
    return tuple(kept)


def find(network: Network, operator: str, containing: str = "") -> Fault | None:
    """The last fault made by an operator whose text contains the given words; None if there is none."""
    found = [fault for fault in bank(network) if fault.operator == operator and containing in fault.text]
    return found[-1] if found else None

"""What a signal is to its cell, found from the equations: a gate, a value, a memory.

A gate is an elementwise function of pre-activations that stays between 0 and 1 and multiplies other signals.
"""

from __future__ import annotations

from rnnproof.model.cell import Cell
from rnnproof.model.network import Network


def cell_of(network: Network) -> Cell:
    """The step of the whole network; of one layer where it reads in both directions, as it has no step then."""
    return network.cell if network.direction == "bidirectional" else network.readings[0].cell

"""What a document is about: the network, the step that is differentiated, and the names of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import sympy

from rnnproof.model.cell import Cell
from rnnproof.model.equation import signal
from rnnproof.model.network import Network
from rnnproof.symbolic.gate_gradients import gate_gradients
from rnnproof.symbolic.roles import cell_of, elementwise, gates, one_layer
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.names import Names
from rnnproof.usecases.derive.printer import Printer


@dataclass(frozen=True)
class Subject:
    """A network, and how its names and formulas are shown."""

    network: Network

    @cached_property
    def cell(self) -> Cell:
        """One step: of all layers and the readout, or of one layer where the network reads in both directions."""
        return cell_of(self.network)

    @cached_property
    def part(self) -> Network:
        """The network whose step that is: the network itself, or one layer of it reading forward."""
        return self.network if self.network.direction != "bidirectional" else one_layer(self.network)

    @cached_property
    def layer(self) -> Subject:
        """Of a stack, or of both directions, one layer that reads forward: what is said of the cell is said of it."""
        layer = one_layer(self.network)
        return self if layer is self.network else Subject(layer)

    @cached_property
    def gradients(self) -> Statement | None:
        """The gradients of one step; None for a cell without a pre-activation."""
        return gate_gradients(self.network)

    @cached_property
    def known(self) -> frozenset[str]:
        """Every name that the network or its step has."""
        cells = [self.cell, self.network.cell, *(reading.cell for reading in self.network.readings)]
        return frozenset(name for cell in cells for name in (*cell.dimensions, *cell.parameters))

    @cached_property
    def names(self) -> Names:
        """Names as they are shown, entries not."""
        cells = {self.cell, self.network.cell, *(reading.cell for reading in self.network.readings)}
        signals = {name for cell in cells for name in cell.dimensions if name not in cell.parameters} | {"x", "y"}
        found = frozenset(gate.name for cell in cells for gate in gates(cell))
        return Names(self.known, gates=found, signals=frozenset(signals))

    @cached_property
    def equations(self) -> tuple[sympy.Basic, ...]:
        """The elementwise equations, of the step and of one layer."""
        every = {**elementwise(self.network.cell), **elementwise(self.cell)}
        return tuple(sympy.Eq(signal(name), expression, evaluate=False) for name, expression in every.items())

    @property
    def called(self) -> frozenset[str]:
        """The names of the network and of its layer, which are shown as they are typed."""
        return frozenset((self.network.name, self.layer.network.name))

    def printer(self, odot: bool = False, single: bool = True, more: Iterable[str] = ()) -> Printer:
        """Formulas as they are shown; ``more``: names of intermediates besides."""
        known = self.known | {name.partition("[")[0] for name in more}
        return Printer(replace(self.names, single=single, known=known), odot)

    def latex(self, name: str) -> str:
        """One name."""
        return self.names.latex(name)

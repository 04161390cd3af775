"""What a fault is: one change of an equation, an adjoint edge, a sequence rule, or a subject's conduct."""

from __future__ import annotations

from dataclasses import dataclass

from rnnproof.faults.wrapped import Conduct, Conducted
from rnnproof.model.cell import Cell
from rnnproof.model.implementation import Implementation
from rnnproof.reference.adjoint import Adjoint
from rnnproof.reference.implementation import Reference
from rnnproof.reference.network import Changed
from rnnproof.reference.wiring import Place


@dataclass(frozen=True)
class Fault:
    """A change with a name that a person understands.

    ``operator`` says what kind of change it is ("bias twice"), ``text`` this one ("the bias b_o is counted twice").
    Exactly one of ``cell`` (a changed cell), ``adjoint`` (changed edges) and ``conduct`` is given; the first two are
    those of the reading ``at`` a place in the network. ``others``: the same change at other places.
    """

    operator: str
    text: str
    cell: Cell | None = None
    adjoint: Adjoint | None = None
    conduct: Conduct | None = None
    at: Place = (0, 0)
    others: tuple[Fault, ...] = ()

    @property
    def changed(self) -> Changed:
        """The readings as they are changed."""
        return Changed(self.at, self.cell, self.adjoint, tuple(one.changed for one in self.others))

    @property
    def place(self) -> str:
        """Where the change is: equation, adjoint, or sequence, conduct."""
        if self.conduct is not None:
            return self.conduct.place
        return "equation" if self.cell is not None else "adjoint"


def plant(fault: Fault) -> Implementation:
    """The reference with this fault: it runs like any other implementation."""
    if fault.conduct is not None:
        return Conducted(fault.text, Reference(), fault.conduct)
    return Reference(fault.text, fault.changed)

"""The reference as an implementation among others: what a fault is planted in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnproof.errors import Unsupported
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace
from rnnproof.reference.adjoint import Adjoint, adjoint
from rnnproof.reference.backward import backward
from rnnproof.reference.exact import ExactReference
from rnnproof.reference.forward import forward

CLAIMS = Claims(dtypes=("float64", "float32"))


@dataclass(frozen=True, eq=False)
class ReferenceSubject:
    """A cell and an adjoint at given parameters; the adjoint may be another cell's."""

    cell: Cell
    pulled: Adjoint
    parameters: Arrays

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """Forward, and backward where cotangents are given."""
        if lengths is not None or state is None:
            raise Unsupported("the reference needs an initial state, and does not take lengths yet")
        tape = forward(self.cell, self.parameters, x, state)
        gradients = None if cotangents is None else backward(self.pulled, tape, cotangents)
        return Trace(tape.outputs, tape.final, tape.states(), gradients)

    @property
    def step(self) -> Step | None:
        """None: forward.step runs one step at a time."""
        return None


@dataclass(frozen=True)
class Reference:
    """A cell's equations and an adjoint's edges, executed; by default the network's own."""

    name: str = "reference"
    cell: Cell | None = None
    pulled: Adjoint | None = None
    claims: Claims = CLAIMS
    own: Arrays | None = None

    @property
    def in_ring(self) -> ExactReference:
        """The same equations and edges, executed exactly."""
        return ExactReference(self.name, self.cell, self.pulled)

    def build(self, network: Network, parameters: Arrays, dtype: str) -> ReferenceSubject:
        """The subject at these parameters."""
        cell = self.cell or network.step
        kept = {name: np.asarray(value, dtype=dtype) for name, value in parameters.items()}
        return ReferenceSubject(cell, self.pulled or adjoint(cell), kept)

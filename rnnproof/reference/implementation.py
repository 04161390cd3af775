"""The reference as an implementation among others: what a fault is planted in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnproof.errors import Unsupported
from rnnproof.model.case import DTYPES, Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Step, Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace, cast
from rnnproof.reference.backward import backward
from rnnproof.reference.exact import ExactReference
from rnnproof.reference.forward import forward
from rnnproof.reference.network import Changed, System, run_network

CLAIMS = Claims(dtypes=DTYPES, lengths=True)
INSIDE = {"float16": "float32", "bfloat16": "float32"}  # what is computed in, where it is not the format itself


@dataclass(frozen=True, eq=False)
class ReferenceSubject:
    """A network at given parameters; one of its readings may have another cell, or another cell's adjoint."""

    network: Network
    changed: Changed | None
    parameters: Arrays
    system: System

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """Forward, and backward where cotangents are given."""
        if state is None:
            raise Unsupported("the reference needs an initial state")
        return run_network(self.system, self.network, self.changed, self.parameters, x, state, lengths, cotangents)

    @property
    def step(self) -> Step | None:
        """None: forward.step runs one step at a time."""
        return None


@dataclass(frozen=True, eq=False)
class RoundedSubject:
    """A subject that computes in a wider format, and rounds what it returns."""

    subject: ReferenceSubject
    inside: str
    dtype: str

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The run, rounded at its end alone."""
        begun = None if state is None else self._wide(state)
        pulled = cotangents and Cotangents(cotangents.outputs.astype(self.inside), self._wide(cotangents.state))
        return cast(self.subject.run(x.astype(self.inside), begun, lengths, pulled), self.dtype)

    def _wide(self, arrays: Arrays) -> dict[str, Array]:
        return {name: value.astype(self.inside) for name, value in arrays.items()}

    @property
    def step(self) -> Step | None:
        """None: forward.step runs one step at a time."""
        return None


def zeros(like: Array, shape: tuple[int, ...]) -> Array:
    """Zeros in the dtype of another array."""
    return np.zeros(shape, like.dtype)


COMPILED = System(forward, backward, zeros)


@dataclass(frozen=True)
class Reference:
    """A network's equations and their adjoint's edges, executed; of one reading they may be changed."""

    name: str = "reference"
    changed: Changed | None = None
    claims: Claims = CLAIMS
    own: Arrays | None = None
    system: System = COMPILED

    @property
    def in_ring(self) -> ExactReference:
        """The same equations and edges, executed exactly."""
        return ExactReference(self.name, self.changed)

    def build(self, network: Network, parameters: Arrays, dtype: str) -> Subject:
        """The subject at these parameters."""
        inside = INSIDE.get(dtype, dtype)
        kept = {name: np.asarray(value, dtype=inside) for name, value in parameters.items()}
        subject = ReferenceSubject(network, self.changed, kept, self.system)
        return subject if inside == dtype else RoundedSubject(subject, inside, dtype)

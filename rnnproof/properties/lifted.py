"""A case in a ring, every number of it unknown; and a run of a target on it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.domains.dual import unknown
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.implementation import Implementation, Subject
from rnnproof.model.trace import Trace


@dataclass(frozen=True, eq=False)
class Lifted:
    """A case in a ring: every number unknown, its float kept as a shadow."""

    case: Case
    ring: Ring
    parameters: dict[str, Any]
    x: Any
    state: dict[str, Any]
    cotangents: Cotangents

    def arguments(self) -> dict[str, Any]:
        """What a gradient is taken by, under the names that gradients have."""
        named = {f"d{name}": value for name, value in self.parameters.items()} | {"dx": self.x}
        return named | {f"d{name} initial": value for name, value in self.state.items()}

    def build(self, implementation: Implementation) -> Subject:
        """A subject at fresh parameters."""
        return implementation.build(self.case.network, _fresh(self.parameters), "float64")

    def run(self, subject: Subject, pulled: bool = False) -> Trace:
        """A run on fresh arrays; pulled back as well where asked."""
        given = Cotangents(self.cotangents.outputs.copy(), _fresh(self.cotangents.state)) if pulled else None
        with np.errstate(all="ignore"):
            lengths = None if self.case.lengths is None else self.case.lengths.copy()
            return subject.run(self.x.copy(), _fresh(self.state), lengths, given)


def _fresh(arrays: Arrays) -> dict[str, Array]:
    return {name: value.copy() for name, value in arrays.items()}


def lift(case: Case, ring: Ring, tangents: tuple[str, ...] | None = ()) -> Lifted:
    """The case in a ring; ``tangents`` names the arguments that move in a random direction, None all of them."""

    def array(name: str, gradient: str, value: Array) -> Any:
        moves = tangents is None or gradient in tangents
        direction = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(value.shape)
        return RingArray(unknown(ring, name, value, direction if moves else None))

    def cotangent(name: str, value: Array) -> Any:
        """What has no cotangent has none in the ring either."""
        given = unknown(ring, name, value)
        given.x[value == 0] = 0
        return RingArray(given)

    return Lifted(
        case,
        ring,
        {name: array(name, f"d{name}", value) for name, value in case.parameters.items()},
        array("x", "dx", case.x),
        {name: array(f"initial {name}", f"d{name} initial", value) for name, value in case.state.items()},
        Cotangents(
            cotangent("cotangent", case.cotangents.outputs),
            {name: cotangent(f"cotangent {name}", value) for name, value in case.cotangents.state.items()},
        ),
    )

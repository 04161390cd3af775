"""What the reference, the hand-written cells and foreign code have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace

Step = Callable[[Array, Arrays], tuple[Array, Arrays]]


@dataclass(frozen=True)
class Claims:
    """What an implementation says it does; it narrows the cases drawn. None means any.

    ``on_request``: formats that it does too, and in which it is looked at where they are asked for.
    """

    networks: tuple[str, ...] | None = None
    dtypes: tuple[str, ...] = ("float64",)
    gradients: bool = True
    lengths: bool = False
    min_length: int = 0
    state_none: bool = False
    sizes: tuple[tuple[str, tuple[int, ...]], ...] | None = None
    accumulate: str | None = None
    products: str | None = None
    flush_to_zero: bool = False
    relative_tails: bool = False
    on_request: tuple[str, ...] = ()


class Subject(Protocol):
    """An implementation at given parameters; it may be run several times."""

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """Run over x (T,B,I); with cotangents, the gradients too. Its arguments stay as they are."""

    @property
    def step(self) -> Step | None:
        """x (B,I), state -> (output (B,.), new state); None where the subject has no step of its own."""


class Implementation(Protocol):
    """Somebody's recurrent network, ready to be built with any parameters."""

    @property
    def name(self) -> str:
        """As the user named it."""

    @property
    def claims(self) -> Claims:
        """What it says it does."""

    @property
    def own(self) -> Arrays | None:
        """The weights that a given instance has, by canonical names; None where it has none of its own."""

    @property
    def in_ring(self) -> Implementation | None:
        """The same code, to be built with exact numbers of a ring; None where it cannot run on them."""

    def build(self, network: Network, parameters: Arrays, dtype: str) -> Subject:
        """A subject with these parameters, canonical names, given as arrays of ``dtype``.

        Errors: Unsupported for a network or option it does not model.
        """

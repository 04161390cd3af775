"""A target that is said to hold its arrays in some way: an implementation, of which each run is one of the clock's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.conventions.box import Box
from rnnproof.dialects.dialect import Dialect
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace

Run = Callable[[Array, Arrays], Trace]


@dataclass(frozen=True, eq=False)
class Subject:
    """What is run, without gradients and of rows of one length."""

    once: Run
    step: None = None

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The run. Errors: OutOfTime."""
        assert state is not None and lengths is None and cotangents is None
        return self.once(x, state)


@dataclass(frozen=True, eq=False)
class Told:
    """The box as an implementation: ``made`` gives the run at canonical parameters in a format."""

    box: Box
    made: Callable[[Network, Arrays, str], Run]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.box.implementation, name)

    def build(self, network: Network, parameters: Arrays, dtype: str) -> Subject:
        """The subject with these parameters."""
        return Subject(self.made(network, parameters, dtype))


def in_dialect(box: Box, dialect: Dialect) -> Any:
    """The target, said to pack its arrays as the dialect says."""
    told = box.told(dialect)

    def made(network: Network, parameters: Arrays, dtype: str) -> Run:
        subject = told.build(network, parameters, dtype)

        def once(x: Array, state: Arrays) -> Trace:
            with box.clock.running():
                return subject.run(x, state)

        return once

    return Told(box, made)


def entry_by_entry(box: Box, form: Dialect, packed: Callable[[Arrays], dict[str, Array]]) -> Any:
    """The target at the sizes of the box, its arrays made of canonical ones without a word of a dialect."""

    def made(network: Network, parameters: Arrays, dtype: str) -> Run:
        del dtype
        arrays = packed(parameters)
        return lambda x, state: box.run(network, form, arrays, x, state)

    return Told(box, made)

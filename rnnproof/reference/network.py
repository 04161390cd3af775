"""A whole network executed in floats or in the ring: its readings, rows of one length together, and back again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network, Reading, output_width
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference.adjoint import Adjoint, adjoint
from rnnproof.reference.wiring import Group, Place, Ran, flipped, groups, merge, pull_back, run, unmerge, whole

Values = Mapping[str, Any]


@dataclass(frozen=True)
class System:
    """How one cell is executed in a number system, and how zeros are made there.

    ``forward(cell, parameters, x, state)`` gives a tape with outputs, final and states(); ``backward(adjoint, tape,
    cotangents)`` the gradients; ``zeros(like, shape)`` an array.
    """

    forward: Callable[[Cell, Any, Any, Any], Any]
    backward: Callable[[Adjoint, Any, Cotangents], Gradients]
    zeros: Callable[[Any, tuple[int, ...]], Any]


@dataclass(frozen=True)
class Changed:
    """One reading with another cell, or with another adjoint."""

    place: Place = (0, 0)
    cell: Cell | None = None
    pulled: Adjoint | None = None


def run_network(
    system: System,
    network: Network,
    changed: Changed | None,
    parameters: Values,
    x: Any,
    state: Values,
    lengths: NDArray[np.integer] | None,
    cotangents: Cotangents | None,
) -> Trace:
    """The network over x (T,B,I), each row as far as it goes, and the gradients where cotangents are given."""
    subject = _Subject(system, network, changed, parameters)
    steps, rows, _ = x.shape
    parts = [(group, subject.forward(group, x, state)) for group in groups(lengths, steps, rows)]
    trace = subject.trace(parts, x, state)
    if cotangents is None:
        return trace
    return Trace(trace.outputs, trace.final, trace.states, subject.gradients(parts, x, cotangents))


Parts = Sequence[tuple[Group, Ran | None]]


@dataclass(frozen=True, eq=False)
class _Subject:
    system: System
    network: Network
    changed: Changed | None
    parameters: Values

    def forward(self, group: Group, x: Any, state: Values) -> Ran | None:
        """The rows of one length; None where there is no step, and so nothing is run."""

        def read(place: Place, reading: Reading, sequence: Any) -> tuple[Any, Any]:
            cell = self._cell(place, reading)
            mine = {name: self.parameters[name] for name in reading.cell.parameters()}
            tape = self.system.forward(
                cell, mine, sequence, {name: state[name][group.rows] for name in cell.state_names}
            )
            return tape, tape.outputs

        if not group.length:
            return None
        cut = x if whole(group, *x.shape[:2]) else group.cut(x)
        return run(self.network, cut, read, merge)

    def _cell(self, place: Place, reading: Reading) -> Cell:
        changed = self.changed
        return changed.cell if changed and changed.place == place and changed.cell else reading.cell

    def _adjoint(self, place: Place, reading: Reading) -> Adjoint:
        changed = self.changed
        edited = changed.pulled if changed and changed.place == place else None
        return edited or adjoint(self._cell(place, reading))

    def trace(self, parts: Parts, x: Any, state: Values) -> Trace:
        """Outputs, zero in the padding; final states; the states after every step, kept where a row has ended."""
        shape = (*x.shape[:2], output_width(self.network, self.parameters))
        outputs = self._sequence([(group, ran.outputs) for group, ran in parts if ran], shape, x)
        final = {name: self._rows(parts, name, state) for name in self.network.states}
        return Trace(outputs, final, self._states(parts, x, final))

    def _sequence(self, parts: Sequence[tuple[Group, Any]], shape: tuple[int, ...], like: Any) -> Any:
        if len(parts) == 1 and whole(parts[0][0], *shape[:2]):
            return parts[0][1]
        found = self.system.zeros(like, shape)
        for group, part in parts:
            found[: group.length, group.rows] = part
        return found

    def _rows(self, parts: Parts, name: str, state: Values) -> Any:
        if len(parts) == 1 and parts[0][1] is not None:
            return _final(self.network, parts[0][1])[name]
        found = state[name].copy()
        for group, ran in parts:
            if ran is not None:
                found[group.rows] = _final(self.network, ran)[name]
        return found

    def _states(self, parts: Parts, x: Any, final: Values) -> dict[str, Any] | None:
        ran = parts[0][1]
        if not x.shape[0]:
            return {name: self.system.zeros(value, (0, *value.shape)) for name, value in final.items()}
        if len(parts) > 1 or ran is None or not whole(parts[0][0], *x.shape[:2]):
            return None
        found: dict[str, Any] = {}
        for reading, tape in ran.readings(self.network):
            every = tape.states()
            found |= {name: flipped(value) if reading.backward else value for name, value in every.items()}
        return {name: found[name] for name in final}

    def gradients(self, parts: Parts, x: Any, cotangents: Cotangents) -> Gradients:
        """Each group pulled back, the parameters' gradients added up."""
        sums: dict[str, Any] = {}
        dx: list[tuple[Group, Any]] = []
        initial = {name: value.copy() for name, value in cotangents.state.items()}  # through a row without steps
        for group, ran in parts:
            if ran is None:
                continue
            found, below = self._pull(group, ran, cotangents)
            dx.append((group, below))
            for one in found:
                sums |= {name: sums[name] + d if name in sums else d for name, d in one.parameters.items()}
                for name, d in (one.state or {}).items():
                    initial[name][group.rows] = d
        named = {n: sums[n] if n in sums else self.system.zeros(x, v.shape) for n, v in self.parameters.items()}
        return Gradients(named, self._sequence(dx, x.shape, x), initial)

    def _pull(self, group: Group, ran: Ran, cotangents: Cotangents) -> tuple[list[Gradients], Any]:
        def pull(place: Place, reading: Reading, tape: Any, outputs: Any) -> tuple[Gradients, Any]:
            final = {name: cotangents.state[name][group.rows] for name in reading.cell.state_names}
            found = self.system.backward(self._adjoint(place, reading), tape, Cotangents(outputs, final))
            return found, found.x

        outputs = cotangents.outputs if whole(group, *cotangents.outputs.shape[:2]) else group.cut(cotangents.outputs)
        found, below = pull_back(self.network, ran, outputs, pull, unmerge, lambda a, b: a + b)
        return [gradients for _, gradients in found], below


def _final(network: Network, ran: Ran) -> dict[str, Any]:
    return {name: value for _, tape in ran.readings(network) for name, value in tape.final.items()}

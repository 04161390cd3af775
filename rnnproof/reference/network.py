"""A whole network executed in floats or in the ring: its readings, rows of one length together, and back again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network, Reading, output_width
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference.adjoint import Adjoint, adjoint
from rnnproof.reference.wiring import (
    Group,
    Part,
    Place,
    Ran,
    flipped,
    merge,
    outputs_back,
    parts,
    parts_back,
    pull_back,
    put_outputs,
    run,
    unmerge,
)

Values = Mapping[str, Any]
_Pulled = tuple[list[Gradients], Any]  # of each reading, and what is pulled back to the first level's input


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
    """One reading with another cell, or with another adjoint; ``others`` are changed too."""

    place: Place = (0, 0)
    cell: Cell | None = None
    pulled: Adjoint | None = None
    others: tuple[Changed, ...] = ()


def _at(changed: Changed | None, place: Place) -> Changed | None:
    """What is changed of a reading."""
    every = () if changed is None else (changed, *changed.others)
    return next((one for one in every if one.place == place), None)


def cell_of(changed: Changed | None, place: Place, reading: Reading) -> Cell:
    """The cell of a reading, as it is changed."""
    one = _at(changed, place)
    return one.cell if one and one.cell else reading.cell


def edited_at(changed: Changed | None, place: Place) -> Adjoint | None:
    """The adjoint that stands in the place of a reading's own; None where nothing is changed but the cell."""
    one = _at(changed, place)
    return one.pulled if one else None


def parameters_of(changed: Changed | None, place: Place, reading: Reading) -> dict[str, tuple[str, ...]]:
    """What a reading's cell uses, and what it would use were it not changed: an adjoint may still use that."""
    return {**reading.cell.parameters, **cell_of(changed, place, reading).parameters}


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
    execution = Execution(system, network, changed, parameters)
    every = execution.run(x, state, lengths)
    trace = execution.trace(every, x, state)
    if cotangents is None:
        return trace
    return Trace(trace.outputs, trace.final, trace.states, execution.gradients(every, x, cotangents))


@dataclass(frozen=True, eq=False)
class Execution:
    """A network in a number system, at parameters; one of its readings may be changed."""

    system: System
    network: Network
    changed: Changed | None
    parameters: Values

    def run(self, x: Any, state: Values, lengths: NDArray[np.integer] | None) -> Sequence[Part]:
        """The forward pass over x (T,B,I), each row as far as it goes."""
        return parts(self.network, x, state, lengths, self.begin)

    def begin(self, x: Any, begun: Values) -> Ran:
        """Rows of one length, from the states given."""

        def read(place: Place, reading: Reading, sequence: Any) -> tuple[Any, Any]:
            cell = cell_of(self.changed, place, reading)
            mine = {name: self.parameters[name] for name in parameters_of(self.changed, place, reading)}
            tape = self.system.forward(cell, mine, sequence, {name: begun[name] for name in cell.state_names})
            return tape, tape.outputs

        return run(self.network, x, read, merge)

    def _adjoint(self, place: Place, reading: Reading) -> Adjoint:
        return edited_at(self.changed, place) or adjoint(cell_of(self.changed, place, reading))

    def trace(self, every: Sequence[Part], x: Any, state: Values) -> Trace:
        """Outputs; final states; the states after every step, None where rows end at several steps."""
        final = {name: _rows(every, name, state[name]) for name in self.network.states}
        return Trace(self._outputs(every, x), final, self._states(every, x, final))

    def _outputs(self, every: Sequence[Part], x: Any) -> Any:
        if (ran := _alone(every, x)) is not None:
            return ran.outputs
        found = self.system.zeros(x, (*x.shape[:2], output_width(self.network, self.parameters)))
        for part in every:
            if part.ran is not None:
                put_outputs(self.network, part.group, part.ran.outputs, found)
        return found

    def _states(self, every: Sequence[Part], x: Any, final: Values) -> dict[str, Any] | None:
        if not x.shape[0]:
            return {name: self.system.zeros(value, (0, *value.shape)) for name, value in final.items()}
        if (ran := _alone(every, x)) is None:
            return None
        found: dict[str, Any] = {}
        for reading, tape in ran.readings(self.network):
            states = tape.states()
            found |= {name: flipped(value) if reading.backward else value for name, value in states.items()}
        return {name: found[name] for name in final}

    def gradients(self, every: Sequence[Part], x: Any, cotangents: Cotangents) -> Gradients:
        """Each part pulled back, the parameters' gradients added up."""
        sums: dict[str, Any] = {}
        dx: list[tuple[Group, Any]] = []
        initial = {name: value.copy() for name, value in cotangents.state.items()}

        def pull(part: Part, ran: Ran, final: Values) -> tuple[_Pulled, dict[str, Any]]:
            outputs = outputs_back(self.network, part.group, cotangents.outputs)
            found, below = self._pull(ran, outputs, final)
            return (found, below), {name: d for one in found for name, d in (one.state or {}).items()}

        for part, pulled, begun in parts_back(every, partial(_ended, cotangents), pull, add):
            if pulled is not None:
                found, below = pulled
                dx.append((part.group, below))
                for one in found:
                    sums |= {name: sums[name] + d if name in sums else d for name, d in one.parameters.items()}
            for name, d in {} if part.group.beyond else begun.items():
                initial[name][..., part.group.rows, :] = d
        leading, zeros = cotangents.outputs.shape[:-3], self.system.zeros
        named = {n: sums[n] if n in sums else zeros(x, (*leading, *v.shape)) for n, v in self.parameters.items()}
        return Gradients(named, self._inputs(dx, x, (*leading, *x.shape)), initial)

    def _pull(self, ran: Ran, outputs: Any, final: Values) -> _Pulled:
        def pull(place: Place, reading: Reading, tape: Any, outputs: Any) -> tuple[Gradients, Any]:
            mine = {name: final[name] for name in reading.cell.state_names}
            found = self.system.backward(self._adjoint(place, reading), tape, Cotangents(outputs, mine))
            return found, found.x

        found, below = pull_back(self.network, ran, outputs, pull, unmerge, add)
        return [gradients for _, gradients in found], below

    def _inputs(self, parts: Sequence[tuple[Group, Any]], x: Any, shape: tuple[int, ...]) -> Any:
        """The gradient by x: zero where no part has read it."""
        if len(parts) == 1 and parts[0][0].whole(*x.shape[:2]):
            return parts[0][1]
        found = self.system.zeros(x, shape)
        for group, part in parts:
            group.put(part, found)
        return found


def _alone(every: Sequence[Part], x: Any) -> Ran | None:
    """The run that is all there is; None where there are several, or none."""
    return every[0].ran if len(every) == 1 and every[0].group.whole(*x.shape[:2]) else None


def _rows(every: Sequence[Part], name: str, initial: Any) -> Any:
    """A state after the last valid step of each row."""
    if len(every) == 1:
        return every[0].ended[name]
    found = initial.copy()
    for part in every:
        if not part.group.beyond:
            found[part.group.rows] = part.ended[name]
    return found


def _ended(cotangents: Cotangents, part: Part) -> dict[str, Any]:
    """The cotangents of the states in which a part ended: beyond a row's end they are none of the final states."""
    mine = {name: value[..., part.group.rows, :] for name, value in cotangents.state.items()}
    return {name: np.zeros_like(value) for name, value in mine.items()} if part.group.beyond else mine

"""The forward pass: a cell's equations executed in NumPy over (T,B,.) arrays, every value kept on a tape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnproof.model.case import Array, Arrays
from rnnproof.model.cell import Cell
from rnnproof.reference.compiled import compile_forward
from rnnproof.reference.flatten import flatten
from rnnproof.reference.stages import AffineStage, Packed, WeightlessStage, pack, stages


@dataclass(frozen=True, eq=False)
class Tape:
    """What a forward pass computed. Shapes: each signal, and each state before its step, a list of T arrays (B,.)."""

    cell: Cell
    parameters: Arrays
    x: Array
    signals: dict[str, list[Array]]
    final: dict[str, Array]

    @property
    def outputs(self) -> Array:
        """The outputs (T,B,.)."""
        return self.stacked(self.cell.output)

    def stacked(self, name: str) -> Array:
        """One signal over all steps, (T,B,.)."""
        values = self.signals[name]
        return np.stack(values) if len(values) else np.zeros((0, *self._empty(name)), self.x.dtype)

    def states(self) -> dict[str, Array]:
        """Each state after every step, (T,B,.)."""
        return {state: self.stacked(stored) for state, stored in self.cell.states}

    def _empty(self, name: str) -> tuple[int, int]:
        letters = self.cell.dimensions
        sizes = {shape[0]: len(self.parameters[p]) for p, shape in self.cell.parameters.items()}
        sizes |= {letters[state]: value.shape[1] for state, value in self.final.items()}
        return self.x.shape[1], (sizes | {"I": self.x.shape[2]})[letters[name]]


def forward(cell: Cell, parameters: Arrays, x: Array, state: Arrays) -> Tape:
    """Run the cell over x (T,B,I) from the given state; computed in the dtype of the arrays."""
    flat = flatten(cell)
    plan = stages(flat)
    packed = {n: pack(stage, parameters) for n, stage in enumerate(plan) if isinstance(stage, AffineStage)}
    prepared = {n: _prepare(flat, part, x) for n, part in packed.items()}
    compiled = {n: compile_forward(stage) for n, stage in enumerate(plan) if isinstance(stage, WeightlessStage)}
    signals: dict[str, list[Array]] = {flat.input: list(x)}
    now: dict[str, Array] = {**state, **{name: parameters[name] for name in flat.vectors}}
    for t in range(len(x)):
        now[flat.input] = x[t]
        for name in flat.state_names:
            signals.setdefault(name, []).append(now[name])
        for n in range(len(plan)):
            if n in packed:
                _affine(flat, packed[n], prepared[n][t], now)
            else:
                values = compiled[n].function(*[now[name] for name in compiled[n].arguments])
                now.update(zip(compiled[n].results, values, strict=True))  # type: ignore[arg-type]
        for equation in flat.equations:
            signals.setdefault(equation.target, []).append(now[equation.target])
        now |= {name: now[stored] for name, stored in flat.states}
    return Tape(flat, parameters, x, _complete(flat, signals), {name: now[name] for name in flat.state_names})


def _complete(flat: Cell, signals: dict[str, list[Array]]) -> dict[str, list[Array]]:
    """With T=0 no signal was ever computed; each is an empty list."""
    names = (*flat.state_names, *(equation.target for equation in flat.equations))
    return signals | {name: signals.get(name, []) for name in names}


def _prepare(flat: Cell, packed: Packed, x: Array) -> Array:
    """Bias and input's share of a stage for all steps at once, (T,B,columns)."""
    prepared = np.broadcast_to(packed.bias, (*x.shape[:2], len(packed.bias)))
    for block in packed.blocks:
        if block.operand == flat.input:
            prepared = prepared.copy()
            prepared[..., block.columns] += x @ block.transposed
    return prepared


def _affine(flat: Cell, packed: Packed, prepared: Array, now: dict[str, Array]) -> None:
    """One step of an affine stage: its targets, as columns of one array."""
    total = prepared
    for block in packed.blocks:
        if block.operand == flat.input:
            continue
        if len(block.weight) == len(packed.bias):
            total = total + now[block.operand] @ block.transposed
        else:
            total = total.copy()
            total[:, block.columns] += now[block.operand] @ block.transposed
    now.update({target: total[:, where] for target, where in packed.columns.items()})

"""A flattened cell in stages: affine equations that can be computed together, all others in between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from rnnproof.model.case import Array, Arrays
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, Softmax


@dataclass(frozen=True)
class AffineStage:
    """Affine equations none of which uses another's target: one product per operand serves them all."""

    equations: tuple[Affine, ...]

    @cached_property
    def operands(self) -> tuple[str, ...]:
        """The signals used, in order of first use."""
        return tuple(dict.fromkeys(name for equation in self.equations for name in equation.uses))


@dataclass(frozen=True)
class WeightlessStage:
    """Elementwise equations and softmaxes, in order."""

    equations: tuple[Elementwise | Softmax, ...]


Stage = AffineStage | WeightlessStage


@cache
def stages(flat: Cell) -> tuple[Stage, ...]:
    """The equations in their order, cut where the kind changes or an affine equation needs its neighbour."""
    groups: list[list[Equation]] = []
    for equation in flat.equations:
        group = groups[-1] if groups else None
        if group and _alike(group[0], equation) and not _needs_neighbour(equation, group):
            group.append(equation)
        else:
            groups.append([equation])
    return tuple(_stage(group) for group in groups)


def _alike(first: Equation, second: Equation) -> bool:
    return isinstance(first, Affine) == isinstance(second, Affine)


def _needs_neighbour(equation: Equation, group: list[Equation]) -> bool:
    return isinstance(equation, Affine) and bool({e.target for e in group} & set(equation.uses))


def _stage(group: list[Equation]) -> Stage:
    if isinstance(group[0], Affine):
        return AffineStage(tuple(e for e in group if isinstance(e, Affine)))
    return WeightlessStage(tuple(e for e in group if not isinstance(e, Affine)))


@dataclass(frozen=True, eq=False)
class Block:
    """The weights of one operand in a stage, stacked, and the columns of the stage's targets they add to, each once.

    Shapes: weight (columns, size of the operand); ``columns`` is a slice or an index array.
    """

    operand: str
    weight: Array
    columns: slice | Array

    @cached_property
    def transposed(self) -> Array:
        """The weight as (size of the operand, columns), contiguous: what a row vector is multiplied by."""
        return np.ascontiguousarray(self.weight.T)


@dataclass(frozen=True, eq=False)
class Packed:
    """An affine stage at given parameters: bias (columns,), a block per operand, a column slice per target."""

    bias: Array
    blocks: tuple[Block, ...]
    columns: dict[str, slice]


def pack(stage: AffineStage, parameters: Arrays) -> Packed:
    """Stack the weights of a stage's equations, operand by operand."""
    sizes = [len(parameters[equation.terms[0][0]]) for equation in stage.equations]
    ends = np.cumsum([0, *sizes])
    columns = {e.target: slice(int(a), int(b)) for e, a, b in zip(stage.equations, ends, ends[1:], strict=False)}
    bias = np.concatenate(
        [
            parameters[e.bias] if e.bias is not None else np.zeros(size, parameters[e.terms[0][0]].dtype)
            for e, size in zip(stage.equations, sizes, strict=True)
        ]
    )
    blocks = [block for name in stage.operands for block in _blocks(stage, name, parameters, columns)]
    return Packed(bias, tuple(blocks), columns)


def _blocks(stage: AffineStage, operand: str, parameters: Arrays, columns: dict[str, slice]) -> list[Block]:
    """One block, or as many as an equation multiplies the operand by weights: z = A h + B h adds to z twice."""
    uses = {e.target: [parameters[weight] for weight, name in e.terms if name == operand] for e in stage.equations}
    return [
        _block(operand, [(weights[k], columns[target]) for target, weights in uses.items() if k < len(weights)])
        for k in range(max(map(len, uses.values())))
    ]


def _block(operand: str, parts: list[tuple[Array, slice]]) -> Block:
    weight = np.concatenate([part for part, _ in parts])
    index = np.concatenate([np.arange(where.start, where.stop) for _, where in parts])
    whole = len(index) > 0 and bool(np.all(np.diff(index) == 1))
    return Block(operand, weight, slice(int(index[0]), int(index[-1]) + 1) if whole else index)

"""What reordering a sequence changes: step t reads the input that stood at ``order[t-1]``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import sympy

from rnnproof.errors import UsageError
from rnnproof.model.equation import signal
from rnnproof.model.network import Network
from rnnproof.symbolic.closed_form import closed_form, matrix
from rnnproof.symbolic.program import Line, Program


def reordered(program: Program, order: Sequence[int], name: str = "x") -> Program:
    """The program run on the reordered inputs, written in the inputs' own names.

    Errors: UsageError unless ``order`` holds each of the steps 1..T once.
    """
    names = program.arguments[name]
    steps = [tuple(step) for _, step in groupby(names, lambda entry: entry.rpartition("[")[0])]
    _check(order, len(steps))
    moved = [entry for t in order for entry in steps[t - 1]]
    renaming = {signal(old): signal(new) for old, new in zip(names, moved, strict=True)}
    lines = (Line(line.name, line.expression.xreplace(renaming)) for line in program.lines)
    return replace(program, lines=tuple(lines))


def difference(network: Network, order: Sequence[int]) -> tuple[sympy.Expr, ...]:
    """For a linear network, at each step: its output minus its output on the reordered inputs, over matrices.

    Zero says that no parameters, inputs and initial states whatever let the two outputs differ.
    Errors: UsageError for a network that is not linear, or an order that is none.
    """
    _check(order, len(order))
    cell = network.step
    outputs = [form[cell.output] for form in closed_form(network, len(order))]
    renaming = {matrix(f"{cell.input}_{t}"): matrix(f"{cell.input}_{s}") for t, s in enumerate(order, 1)}
    return tuple(sympy.expand(output - output.xreplace(renaming)) for output in outputs)


def _check(order: Sequence[int], steps: int) -> None:
    if sorted(order) != list(range(1, steps + 1)):
        raise UsageError(f"order {tuple(order)}: expected each of the steps 1 to {steps} once")

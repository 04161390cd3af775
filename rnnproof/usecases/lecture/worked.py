"""The lecture's example, worked twice: derived by SymPy from the equations, computed by the NumPy cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import Any

import numpy as np
import sympy

from rnnproof.catalogue import lecture as page
from rnnproof.catalogue import network
from rnnproof.cells import plain_target
from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import bind, closed_form, difference, evaluate_exactly, unroll
from rnnproof.symbolic.closed_form import formula, matrix
from rnnproof.usecases.lecture.table import Vector, aligned, fractions, listed, vector

Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One step of a run: what the memory held, what came in, what came out, what the memory holds then."""

    step: int
    before: Vector
    input: Vector
    hidden: Vector
    output: Vector
    after: Vector


@dataclass(frozen=True)
class Difference:
    """One step's output in both runs, and the first minus the second with any weights and inputs."""

    step: int
    output: Vector
    reordered: Vector
    closed_form: str


@dataclass(frozen=True)
class Lecture:
    """The worked example: the run, its closed form, and the run on the same inputs in another order.

    ``closed_form`` pairs each signal with its formula, for any weights and a memory that starts at 0.
    """

    network: str
    citation: str
    equations: tuple[str, ...]
    weight: Fraction
    rows: tuple[Row, ...]
    closed_form: tuple[tuple[str, str], ...]
    order: tuple[int, ...]
    reordered: tuple[Row, ...]
    differences: tuple[Difference, ...]


def lecture() -> Lecture:
    """The lecture's example, every number of it derived and computed, and the two compared exactly.

    Errors: VerificationFailed where the cells compute another number than SymPy derives.
    """
    example = network(page.NETWORK)
    rows, other = (_run(example, inputs) for inputs in (page.SEQUENCE, page.REORDERED))
    formulas = map(formula, difference(example, page.ORDER))
    return Lecture(
        network=example.name,
        citation=page.CITATION,
        equations=tuple(map(str, example.step.equations)),
        weight=page.WEIGHT,
        rows=rows,
        closed_form=tuple(_closed_form(example, len(rows))),
        order=page.ORDER,
        reordered=other,
        differences=tuple(
            Difference(row.step, row.output, moved.output, formula)
            for row, moved, formula in zip(rows, other, formulas, strict=True)
            if row.output != moved.output
        ),
    )


def _run(example: Network, inputs: Sequence[Sequence[int]]) -> tuple[Row, ...]:
    sizes = Sizes(T=len(inputs), B=1, I=2, H=2, O=2)
    weights = {name: np.full(shape, float(page.WEIGHT)) for name, shape in example.shapes(sizes).items()}
    memory = np.zeros(sizes.H)
    rows = derived(example, sizes, {**weights, "x": inputs, "h": memory})
    agree(rows, computed(example, weights, np.array(inputs, dtype=float), memory))
    return rows


def derived(example: Network, sizes: Sizes, arrays: Arrays) -> tuple[Row, ...]:
    """The rows by SymPy: the network's equations unrolled, then evaluated in exact numbers."""
    program = unroll(example, sizes)
    values = evaluate_exactly(program, bind(program, arrays))
    hidden = [fractions(values[f"h[{t}][{k}]"] for k in range(sizes.H)) for t in range(sizes.T + 1)]
    names = program.results["outputs"]
    steps = [names[t * sizes.O : (t + 1) * sizes.O] for t in range(sizes.T)]
    outputs = [fractions(values[name] for name in step) for step in steps]
    return _rows(arrays["x"], hidden, outputs)


def computed(example: Network, weights: Arrays, x: Any, memory: Any) -> tuple[Row, ...]:
    """The rows by the hand-written NumPy cells. Shapes: x (T,I), memory (H,)."""
    cells = plain_target("elman", **dict(example.options))
    state = {"h": memory[np.newaxis]}
    outputs, _ = cells.run(weights, x[:, np.newaxis], state)
    hidden = [memory, *cells.states(weights, x[:, np.newaxis], state)["h"][:, 0]]
    return _rows(x, [fractions(h) for h in hidden], [fractions(y) for y in outputs[:, 0]])


def _rows(x: Any, hidden: Sequence[Vector], outputs: Sequence[Vector]) -> tuple[Row, ...]:
    return tuple(
        Row(t, hidden[t - 1], fractions(x[t - 1]), hidden[t], outputs[t - 1], hidden[t])
        for t in range(1, len(outputs) + 1)
    )


def agree(rows: Sequence[Row], others: Sequence[Row]) -> None:
    """Every number of both tables is the same.

    Errors: VerificationFailed naming the first step and column that differ.
    """
    for row, other in zip(rows, others, strict=True):
        for column in ("before", "input", "hidden", "output", "after"):
            should, got = getattr(row, column), getattr(other, column)
            if should != got:
                raise VerificationFailed(
                    f"the lecture's example, step {row.step}, {column}: the NumPy cells give {vector(got)}, "
                    f"but should give {vector(should)}, as SymPy derives from the equations"
                )


def _closed_form(example: Network, steps: int) -> list[tuple[str, str]]:
    """hidden_t and output_t as formulas, with the memory 0 before the first step."""
    cell = example.step
    (stored,) = (source for _, source in cell.states)
    start = {matrix(f"{name}_0"): sympy.Integer(0) for name in cell.state_names}
    forms = closed_form(example, steps)
    return [
        (f"{word}_{t}", formula(form[name].xreplace(start)))
        for word, name in (("hidden", stored), ("output", cell.output))
        for t, form in enumerate(forms, 1)
    ]


def show(example: Lecture) -> str:
    """As plain text, 80 columns wide: the run, its closed form, the reordered run and where it differs."""
    start, weight = vector(example.rows[0].before), example.weight
    return "\n".join(
        [
            f"The lecture's example: {example.network}",
            "",
            *(f"    {equation}" for equation in example.equations),
            "",
            "x is the input, h the memory, y the output.",
            f"Every weight is {weight}, and the memory starts at {start}.",
            "",
            *_table(example.rows),
            "",
            *_same_input(example.rows),
            "The closed form, with any weights, when the memory starts at 0:",
            "",
            *(f"    {name} = {formula}" for name, formula in example.closed_form),
            "",
            f"The same inputs read in the order of steps {listed(example.order)}:",
            "",
            *_table(example.reordered),
            "",
            *_differences(example),
            "",
            "Derived by SymPy from the equations above, and computed by the hand-written",
            "NumPy cells: all these numbers are equal, exactly.",
            "",
            *wrap(f"From {example.citation}.", 80),
        ]
    )


def _table(rows: Sequence[Row]) -> list[str]:
    head = ("step", "memory before", "input", "hidden", "output", "memory after")
    columns = ("before", "input", "hidden", "output", "after")
    shown = [(str(row.step), *(vector(getattr(row, column)) for column in columns)) for row in rows]
    return aligned([head, *shown])


def _same_input(rows: Sequence[Row]) -> list[str]:
    """The first two steps with equal inputs and different outputs, in words."""
    for one in rows:
        for other in rows[one.step :]:
            if one.input == other.input and one.output != other.output:
                read = f"Steps {one.step} and {other.step} read the same input {vector(one.input)}"
                memories = f"{vector(one.before)}, before the other {vector(other.before)}"
                return [
                    f"{read}, and put out {vector(one.output)} and {vector(other.output)}:",
                    f"before one the memory holds {memories}.",
                    "",
                ]
    return []


def _differences(example: Lecture) -> list[str]:
    found = example.differences
    if not found:
        return ["No output differs."]
    rows = [(str(d.step), vector(d.output), vector(d.reordered)) for d in found]
    steps = f"step{'s' * (len(found) > 1)} {listed(d.step for d in found)}"
    return [
        f"The outputs differ at {steps}: order counts where there is memory.",
        "",
        *aligned([("step", "output", "reordered output"), *rows]),
        "",
        "With any weights and inputs, the output minus the reordered output is",
        "",
        *(f"    step {d.step}: {d.closed_form}" for d in found),
    ]

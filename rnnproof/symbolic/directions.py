"""Any network unrolled, level by level: a level that reads from both ends is complete before the next one begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy

from rnnproof.model.equation import signal
from rnnproof.model.network import Network, Reading, Sizes
from rnnproof.symbolic.program import Line, Program
from rnnproof.symbolic.unroll import Vector, arguments_of, plan_of, step_lines, unroll

Steps = list[Vector]


def unroll_any(network: Network, sizes: Sizes) -> Program:
    """As ``unroll``, for networks that read in any direction; what a level puts out is merged[level][t].

    A state read from the end is named by the step at which it was stored, and [0] is where its reading began.
    """
    if network.direction == "forward":
        return unroll(network, sizes)
    arguments = arguments_of(network, sizes)
    symbols = {name: tuple(map(signal, names)) for name, names in arguments.items()}
    read = symbols[network.cell.input]
    x = [read[t * sizes.I : (t + 1) * sizes.I] for t in range(sizes.T)]
    lines: list[Line] = []
    final: dict[str, tuple[str, ...]] = {}
    for depth, level in enumerate(network.levels):
        parts = [_read(reading, sizes, symbols, x, lines, final) for reading in level]
        x = parts[0] if len(parts) == 1 else list(_merged(network.merge, depth, parts, lines))
    outputs = tuple(entry.name for step in x for entry in step)
    return Program(tuple(lines), arguments, {"outputs": outputs, **final})


def _read(
    reading: Reading,
    sizes: Sizes,
    symbols: Mapping[str, Vector],
    x: Steps,
    lines: list[Line],
    final: dict[str, tuple[str, ...]],
) -> Steps:
    """One reading's outputs in the order of time; its lines and final states are added."""
    cell = reading.cell
    plan = plan_of(cell, sizes, symbols)
    state = {name: symbols[name] for name in cell.state_names}
    outputs: dict[int, Vector] = {}
    steps = range(1, len(x) + 1)
    for t in reversed(steps) if reading.backward else steps:
        known = {name: symbols[name] for name in cell.vectors} | state | {cell.input: x[t - 1]}
        lines.extend(step_lines(plan, t, known))
        outputs[t] = known[cell.output]
        state = {name: known[stored] for name, stored in cell.states}
    final |= {name: tuple(entry.name for entry in vector) for name, vector in state.items()}
    return [outputs[t] for t in steps]


def _merged(merge: str, depth: int, parts: list[Steps], lines: list[Line]) -> Iterator[Vector]:
    """Two outputs of each step side by side, added, averaged or multiplied."""
    half = sympy.Rational(1, 2)
    of = {"sum": lambda a, b: a + b, "mean": lambda a, b: half * (a + b), "product": lambda a, b: a * b}
    for t, (ahead, back) in enumerate(zip(*parts, strict=True), 1):
        if merge == "concat":
            yield ahead + back
            continue
        names = [f"merged[{depth}][{t}][{k}]" for k in range(len(ahead))]
        lines.extend(Line(name, of[merge](a, b)) for name, a, b in zip(names, ahead, back, strict=True))
        yield tuple(map(signal, names))

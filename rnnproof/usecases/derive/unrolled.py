"""The network unrolled over a few steps, with every intermediate named; and what it would take without names."""

from __future__ import annotations

import math

from rnnproof.domains.ball import as_ball, ball, precisely
from rnnproof.errors import UsageError
from rnnproof.model.case import Case
from rnnproof.model.equation import Softmax, signal
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic.directions import unroll_any
from rnnproof.symbolic.expand import operations
from rnnproof.symbolic.program import Program
from rnnproof.usecases.derive.checks.drawn import CASES, case
from rnnproof.usecases.derive.checks.measure import Measured, merged, ratio
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.names import ARROWS
from rnnproof.usecases.derive.page import checked, display, heading, inline, text
from rnnproof.usecases.derive.programs import rows, single
from rnnproof.usecases.derive.subject import Subject
from rnnproof.usecases.derive.words import passed

LIMIT = 240  # lines that a document may take; a page has about forty
FULL = 40  # operations of an output that is written out in full besides


def smallest(network: Network, steps: int) -> Sizes:
    """One unit in every layer; two outputs of a softmax, as of one it is always 1."""
    outputs = 2 if any(isinstance(e, Softmax) for r in network.readings for e in r.cell.equations) else 1
    return Sizes(T=steps, B=1, I=1, H=1, O=outputs)


def program_of(network: Network, steps: int) -> Program:
    """The network unrolled.

    Errors: UsageError for fewer than one step, or so many that no one would read the document.
    """
    if steps < 1:
        raise UsageError(f"steps={steps}: expected at least 1")
    small = unroll_any(network, smallest(network, 1))
    if steps * len(small.lines) > LIMIT:
        raise UsageError(_explodes(network, steps, len(small.lines)))
    return unroll_any(network, smallest(network, steps))


def _explodes(network: Network, steps: int, lines: int) -> str:
    """The size that it would have, with and without names, and what can be asked for."""
    first, second = (_operations(unroll_any(network, smallest(network, count))) for count in (2, 3))
    growth = math.log10(second / first)
    digits = math.log10(first) + (steps - 2) * growth
    size = f"about {10**digits:.0f}" if digits < 6 else f"about 10^{digits:.0f}"
    most = LIMIT // lines
    offer = f"ask for --steps {most}" + " or fewer" * (most > 1) if most else "ask for a network with fewer layers"
    return (
        f"steps={steps}: unrolled to there, {network.name} would have {steps * lines} lines with named intermediates, "
        f"and {size} operations in its last output written out in full. A document has at most {LIMIT} lines, with "
        f"named intermediates, each step being the same as the next: {offer}"
    )


def _operations(program: Program) -> int:
    return operations(program, program.results["outputs"][-1])


def unrolled(subject: Subject, program: Program, measured: Measured, who: str) -> list[str]:
    """The section: the lines, what the last output would take without them, and what was checked."""
    network = subject.network
    T = len(program.results["outputs"]) // len(unroll_any(network, smallest(network, 1)).results["outputs"])
    printer = subject.printer(single=single(program))
    last = program.results["outputs"][-1]
    count, read = operations(program, last), inline(subject.names.at(network.cell.input, "t"))
    return [
        *heading(2, "2. Unrolled"),
        *text(
            f"Over {T} step{'s' * (T > 1)}, {_sizes(program)}. {read} is read at step {inline('t')}, and a signal "
            f"that is stored goes by its state's name: {_example(subject)}."
        ),
        *display(rows(program.lines, printer)),
        *text(
            "Written as one expression of parameters, inputs and initial states, "
            f"{inline(printer.doprint(signal(last)))} would take {count} operations; here every intermediate has a "
            "name and a line."
        ),
        *checked(passed(who, "outputs and final states", measured)),
    ]


def _sizes(program: Program) -> str:
    return "with one unit in every layer" + " and two outputs" * (not single(program))


def _example(subject: Subject) -> str:
    reading = subject.network.readings[0]
    state, stored = reading.cell.states[0] if reading.cell.states else ("h", "h")
    before = "where its reading begins" if subject.network.direction != "forward" else "before the first step"
    return (
        f"{inline(subject.names.at(state, '1'))} is the {inline(subject.latex(stored))} of step 1, and "
        f"{inline(subject.names.at(state, '0'))} what is stored {before}{_layers(subject)}"
    )


def _layers(subject: Subject) -> str:
    """What stands below a name of one of several layers."""
    if subject.layer is subject:
        return ""
    arrows = " and ".join(inline(arrow) for arrow in ARROWS.values())
    return f". Below a name stand its layer, counted from 0, and the direction in which that reads, {arrows}"


def of_program(network: Network, program: Program, steps: int) -> Measured:
    """The lines of the program at random points, in balls, against outputs and final states."""
    return merged(at_point(program, Point(case(network, smallest(network, steps), seed))) for seed in range(CASES * 4))


def at_point(program: Program, point: Point) -> Measured:
    """The same at one point."""
    with precisely():
        known = {name: as_ball(value) for name, value in arguments(program, point.case).items()}
        for line in program.lines:
            known[line.name] = ball(line.expression, known)
        ratios = {
            name: ratio(point.results[name], [known[entry] for entry in program.results[name]], balls)
            for name, balls in point.result_balls.items()
        }
    return Measured(ratios, 1)


def arguments(program: Program, case: Case) -> dict[str, float]:
    """The value of every argument of a program, from a case with one row."""
    arrays = {**case.parameters, case.network.cell.input: case.x[:, 0], **{n: s[0] for n, s in case.state.items()}}
    found: dict[str, float] = {}
    for name, group in program.arguments.items():
        found |= dict(zip(group, map(float, arrays[name].ravel()), strict=True))
    return found

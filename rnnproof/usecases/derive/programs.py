"""Lines of a straight-line program as LaTeX."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from rnnproof.model.equation import signal
from rnnproof.symbolic.program import Line, Program
from rnnproof.usecases.derive.layout import lines
from rnnproof.usecases.derive.printer import Printer


def rows(program: Iterable[Line], printer: Printer) -> list[str]:
    """Each line as an equation, aligned."""
    equations = (sympy.Eq(signal(line.name), line.expression, evaluate=False) for line in program)
    return [row for equation in equations for row in lines(equation, printer)]


def single(program: Program) -> bool:
    """Whether every layer has one unit: then the index of an entry says nothing."""
    names = [name for group in program.arguments.values() for name in group] + [line.name for line in program.lines]
    ends = {name.rpartition("[")[2] for name in names if name.endswith("]") and name.count("[") + name.count(",") > 1}
    return ends <= {"0]", "0,0]"}

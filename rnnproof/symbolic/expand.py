"""One line of a program written out in full, for few steps: its size grows by a factor with every step."""

from __future__ import annotations

import sympy

from rnnproof.errors import UsageError
from rnnproof.model.equation import signal
from rnnproof.symbolic.program import Program, leading_to

LIMIT = 10_000


def expand(program: Program, name: str, limit: int = LIMIT) -> sympy.Expr:
    """The line ``name`` as one expression of the program's arguments, every line before it substituted.

    Errors: UsageError where no line has that name, or, before anything is substituted, where the
    expression would take more than ``limit`` operations.
    """
    lines = leading_to(program.lines, [name])
    if not lines:
        raise UsageError(f"no line of this program defines {name!r}")
    count = operations(program, name)
    if count > limit:
        raise UsageError(
            f"{name} written out in full would take {count} operations, and the limit is {limit}: "
            "ask for fewer steps, or read the program line by line"
        )
    known: dict[sympy.Symbol, sympy.Expr] = {}
    for line in lines:
        known[signal(line.name)] = line.expression.xreplace(known)
    return known[signal(name)]


def operations(program: Program, name: str) -> int:
    """How many operations ``name`` would take, each intermediate written out wherever it is used."""
    counts: dict[str, int] = {}
    for line in leading_to(program.lines, [name]):
        symbols = (part.name for part in sympy.preorder_traversal(line.expression) if part.is_Symbol)
        counts[line.name] = int(line.expression.count_ops()) + sum(counts.get(used, 0) for used in symbols)
    return counts[name]

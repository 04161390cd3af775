"""Checks of the statements that give numbers: put into a run, what it puts out is where they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.algebra import entries
from rnnproof.model.case import Case
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.symbolic.witness import small
from rnnproof.usecases.derive.checks.accounts import Account, demand, measured, what
from rnnproof.usecases.derive.checks.drawn import case as drawn
from rnnproof.usecases.derive.checks.measure import Measured, shown
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.runs import exchanged
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject

Interval = tuple[str, Any, Any]  # the name of an output, and between which numbers it lies


def witnessed(subject: Subject, statement: Statement) -> Account:
    """The numbers put into a run: what it puts out is between the bounds, within what it may be off."""
    point = Point(at_numbers(subject, statement.steps, 3 if _of_order(statement) else 2))
    intervals = _intervals(what(subject, statement), statement.formulas[0])
    first = 2 if subject.network.direction == "backward" else 1  # the inputs exchanged are not the last one read
    runs = [point, Point(exchanged(point.case, first))] if _of_order(statement) else [point, point]
    parts = [_between(run, name, low, high) for run, (name, low, high) in zip(runs, intervals, strict=True)]
    who = witness_of(subject.network).name
    return _of_one_point(measured(what(subject, statement), who, "the outputs lie between the bounds", parts))


def _of_order(statement: Statement) -> bool:
    return "exchanged" in " ".join(step.reason for step in statement.steps)


def _of_one_point(account: Account) -> Account:
    """Said of one point that is given, not of random ones."""
    assert account.measured is not None
    return Account(
        f"{account.who} at these numbers", f"{account.how}; worst error {shown(account.measured.worst)} of its bound"
    )


def at_numbers(subject: Subject, given: Iterable[Step], steps: int) -> Case:
    """The case of so many steps with the numbers that are given; what none are given for is 0."""
    equations = [part for step in given for part in _equations(step.formula)]
    values = {e.lhs.name: float(e.rhs) for e in equations if e.lhs.is_Symbol and e.rhs.is_Rational}
    drawing = drawn(subject.network, small(subject.network, steps), 0)

    def filled(array: Any, names: Sequence[str]) -> Any:
        return np.array([values.get(name, 0.0) for name in names]).reshape(array.shape)

    x = [
        name for t in range(1, steps + 1) for name in entries(f"{drawing.network.cell.input}[{t}]", (drawing.sizes.I,))
    ]
    return replace(
        drawing,
        parameters={n: filled(a, entries(n, a.shape)) for n, a in drawing.parameters.items()},
        x=filled(drawing.x, x),
        state={n: filled(a, entries(f"{n}[0]", a.shape[1:])) for n, a in drawing.state.items()},
    )


def _equations(formula: sympy.Basic) -> Iterator[sympy.Eq]:
    parts = formula.args if isinstance(formula, sympy.Tuple) else ()
    yield from (part for part in parts if isinstance(part, sympy.Eq))


def _intervals(name: str, formula: sympy.Basic) -> list[Interval]:
    """The name and both ends of each of the first two parts, which do not meet, as the third says.

    Errors: VerificationFailed where they do, or where a part has no two ends or the third says something else.
    """
    found = [_interval(name, part) for part in formula.args[:2]]
    (_, _, below), (_, above, _) = sorted(found, key=itemgetter(1))
    apart = formula.args[2]
    told = isinstance(apart, (sympy.StrictLessThan, sympy.StrictGreaterThan)) and (apart.lts, apart.gts)
    demand(bool(below < above) and told == (below, above), name, f"{apart}: the two intervals are others")
    return found


def _interval(name: str, part: sympy.Basic) -> Interval:
    sides = part.args if isinstance(part, sympy.And) else [part]
    (output,) = (symbol.name for symbol in part.free_symbols)
    if isinstance(part, sympy.Eq):
        return output, part.rhs, part.rhs
    low, high = ([getattr(side, end) for side in sides if getattr(side, end).is_number] for end in ("lts", "gts"))
    demand(len(low) == len(high) == 1, name, f"{part}: it has no two ends")
    return output, low[0], high[0]


def _between(point: Point, name: str, low: Any, high: Any) -> Measured:
    """How far the output of that name is outside the ends, over what it may be off."""
    step, entry = (int(part.rstrip("]")) for part in name.split("[")[-2:])
    both = point.case.network.direction == "bidirectional" and ".backward." in name
    index = (step - 1, 0, entry + both * (point.results["outputs"].shape[-1] // 2))
    got, radius = point.results["outputs"][index], float(point.result_balls["outputs"].radius[index])
    outside = max(float(low) - got, got - float(high), 0.0)
    return Measured({name: outside / (2 * radius) if radius else float(outside > 0)}, 1)

"""Checks of derivations about what depends on what: one name moved, and what else moves with it, in balls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.ball import as_ball, precisely
from rnnproof.model.case import Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.network import Level, Reading, Sizes
from rnnproof.symbolic.reach import reach
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks.accounts import demand, unknown, what
from rnnproof.usecases.derive.checks.enclosed import balls, equal, stepped
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.reach import SHORT, moving
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.checks.witnesses import at_numbers
from rnnproof.usecases.derive.subject import Subject

SIZES = Sizes(T=3, B=1, I=2, H=3, O=2, P=2)
SEEDS = range(4)
PLACES = (sympy.core.relational.Relational, sympy.logic.boolalg.Boolean)  # where x_s and y_t stand
Env = dict[str, Any]


def of_a_witness(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """What outputs are made from besides their input; the numbers themselves were put into a run."""
    cells = [reading.cell for reading in subject.network.readings]
    for step in steps:
        if isinstance(step.formula, sympy.Set):
            made = {name for cell in cells for name in _moving(cell, cell.output)} - {subject.cell.input}
            _demand(subject, statement, step, _names(step.formula) == made)
        elif not isinstance(step.formula, sympy.Tuple):
            raise unknown(step)
    return "the same numbers put in, and by evaluation in balls, which states move an output"


def _demand(subject: Subject, statement: Statement, step: Step, truth: bool) -> None:
    demand(truth, what(subject, statement), f"{step.reason}: {step.formula} does not hold")


def _names(formula: sympy.Set) -> set[str]:
    return {symbol.name for symbol in formula.args}


def _drawn(cell: Cell, seed: int) -> Env:
    """Random parameters, states and an input of a cell, exact, none of them 0; smaller and smaller, as some are cut."""
    rng = np.random.default_rng(seed)
    shapes = {name: SIZES.shape(letters) for name, letters in cell.parameters.items()}
    shapes |= {name: SIZES.shape((cell.dimensions[name],)) for name in (cell.input, *cell.state_names)}
    drawn = {name: rng.integers(1, 96, shape) / 2.0 ** (6 + 2 * seed) for name, shape in shapes.items()}
    return {name: balls(each if each.ndim == 2 else each[:, np.newaxis]) for name, each in drawn.items()}


def _moving(cell: Cell, target: str) -> set[str]:
    """Which of the input and the states move a signal of one step."""
    found: set[str] = set()
    with precisely():
        for env in (_drawn(cell, seed) for seed in SEEDS):
            here = stepped(cell, env)[target]
            names = (cell.input, *cell.state_names)
            found |= {name for name in names if not equal(here, stepped(cell, {**env, name: env[name] / 2})[target])}
    return found


def of_dependence(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """What each cell's signals are made from; where a level carries an input to; the bounds of derivatives."""
    sets, where, tuples = (_of_kind(steps, kind) for kind in (sympy.Set, PLACES, sympy.Tuple))
    if others := [step for step in steps if step not in (*sets, *where, *tuples)]:
        raise unknown(others[0])
    for step, made in zip(sets, _sets(subject), strict=bool(sets)):
        _demand(subject, statement, step, _names(step.formula) == made)
    if sets:
        for step, level in zip(where, subject.network.levels, strict=True):
            _demand(subject, statement, step, _carries(step.formula, level))
    elif where:
        _in_a_row(subject, statement, where)
    for point, bounds in zip(tuples[::2], tuples[1::2], strict=True):
        _demand(subject, statement, bounds, _between(subject, statement, point, bounds))
    return f"evaluation in balls, which names move which, and by {witness_of(subject.network).name}, the derivatives"


def _of_kind(steps: Sequence[Step], kind: Any) -> list[Step]:
    return [step for step in steps if isinstance(step.formula, kind) and not isinstance(step.formula, sympy.Implies)]


def _sets(subject: Subject) -> Iterator[set[str]]:
    """What the output, then each state is made from; then the states that an input reaches after 1, 2, ... steps."""
    for cell in (reading.cell for reading in subject.network.readings):
        yield _moving(cell, cell.output)
        yield from (_moving(cell, stored) for _, stored in cell.states)
        yield from _later(cell, len(reach(cell).later))


def _later(cell: Cell, count: int) -> list[set[str]]:
    """Two runs whose first inputs differ: the states that do, after each step."""
    found: list[set[str]] = [set() for _ in range(count)]
    with precisely():
        for env in (_drawn(cell, seed) for seed in SEEDS):
            x, one, other = env[cell.input], env, {**env, cell.input: env[cell.input] / 2}
            for states in found:
                one, other = ({**each, **_after(cell, each), cell.input: x} for each in (one, other))
                states |= {name for name in cell.state_names if not equal(one[name], other[name])}
    return found


def _after(cell: Cell, env: Env) -> Env:
    signals = stepped(cell, env)
    return {state: signals[stored] for state, stored in cell.states}


def _carries(formula: sympy.Basic, level: Level) -> bool:
    """Whether x_s moves the output of step t of a level exactly where the formula says so."""
    return all(bool(_at(formula, t + 1, s + 1, SIZES.T)) is moved for (t, s), moved in _of_a_level(level).items())


def _at(formula: sympy.Basic, t: int, s: int, n: int) -> bool:
    at = {"t": t, "s": s, "n": n}
    return bool(formula.subs({symbol: at[symbol.name] for symbol in formula.free_symbols}) == sympy.true)


def _of_a_level(level: Level) -> Mapping[tuple[int, int], bool]:
    """For each step t and input s whether, in one of the level's readings, the output moves with the input."""
    steps = range(SIZES.T)
    found = dict.fromkeys(((t, s) for t in steps for s in steps), False)
    with precisely():
        for reading, seed in product(level, SEEDS):
            here = _outputs(reading, seed, None)
            for s in steps:
                moved = _outputs(reading, seed, s)
                found |= {(t, s): found[t, s] or not equal(here[t], moved[t]) for t in steps}
    return found


def _outputs(reading: Reading, seed: int, moved: int | None) -> dict[int, Any]:
    """The outputs of a run of random inputs, one of them another one."""
    cell, found = reading.cell, {}
    env = _drawn(cell, seed)
    x = env[cell.input]
    for t in reversed(range(SIZES.T)) if reading.backward else range(SIZES.T):
        env |= {cell.input: x * as_ball(t + 1) / (2 if t == moved else 1)}
        found[t] = stepped(cell, env)[cell.output]
        env |= _after(cell, env)
    return found


def _in_a_row(subject: Subject, statement: Statement, where: Sequence[Step]) -> None:
    """Of a row that ends: which inputs reach which outputs of it, and which do not, whatever stands past its end."""
    moved = moving(subject, SHORT)
    reached, vanishing = where[0], where[1:]
    for t, s in np.ndindex(moved.shape):
        inside = bool(moved[t, s]) and t < SHORT and s < SHORT
        _demand(subject, statement, reached, _at(reached.formula, t + 1, s + 1, SHORT) is inside)
        for step in vanishing:
            _demand(subject, statement, step, _at(step.formula, t + 1, s + 1, SHORT) is not bool(moved[t, s]))


def _between(subject: Subject, statement: Statement, point: Step, bounds: Step) -> bool:
    """Whether each derivative, of one entry of the output at least, is where it is said to be, and not 0."""
    steps = max(int(str(d.expr.func)[2:]) for d in bounds.formula.atoms(sympy.Derivative))
    case = at_numbers(subject, [point], steps)
    return all(_one_between(case, part) for part in bounds.formula.args)


def _one_between(case: Any, part: sympy.Basic) -> bool:
    sides = part.args if isinstance(part, sympy.And) else (part,)
    ((derivative,),) = {tuple(side.atoms(sympy.Derivative)) for side in sides}
    t, s = (int(str(name)[2:]) for name in (derivative.expr.func, derivative.variables[0]))
    entries = range(case.cotangents.outputs.shape[-1])
    return _two_ends(sides) and _outside_of_zero(sides) and any(_entry_between(case, sides, t, s, e) for e in entries)


def _two_ends(sides: Collection[sympy.Basic]) -> bool:
    """Whether there is a lower and an upper end, or the number itself."""
    if any(isinstance(side, sympy.Eq) for side in sides):
        return len(sides) == 1
    return sorted(side.lts.is_number for side in sides) == [False, True]


def _outside_of_zero(sides: Collection[sympy.Basic]) -> bool:
    """Whether 0 is not among the numbers that the sides allow."""
    numbers = [number for side in sides for number in side.args if number.is_number]
    return bool(min(numbers) > 0 or max(numbers) < 0)


def _entry_between(case: Any, sides: Collection[sympy.Basic], t: int, s: int, entry: int) -> bool:
    only = np.zeros_like(case.cotangents.outputs)
    only[t - 1, 0, entry] = 1
    state = {name: np.zeros_like(d) for name, d in case.cotangents.state.items()}
    point = Point(replace(case, cotangents=Cotangents(only, state)))
    read = f"d{case.network.cell.input}"
    got = float(point.gradients[0][read][s - 1, 0, 0])
    within = 2 * float(point.gradient_balls[read].radius[s - 1, 0, 0])
    return all(_met(side, got, within) for side in sides)


def _met(side: sympy.Basic, got: float, within: float) -> bool:
    """Whether a number that is off by no more than that is on the right side."""
    if isinstance(side, sympy.Eq):
        return abs(float(side.rhs) - got) <= within
    low, high = (float(end) if end.is_number else got for end in (side.lts, side.gts))
    return low - within <= high

"""That d y_t / d x_s is not zero everywhere: exact numbers, and bounds of the derivative there that do not hold 0."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sympy

from rnnproof.model.network import Network
from rnnproof.symbolic.directions import unroll_any
from rnnproof.symbolic.gradient import gradients
from rnnproof.symbolic.program import Program
from rnnproof.symbolic.statement import Step
from rnnproof.symbolic.witness import Interval, Point, between, enclosures, given, points, small, used_by

Pair = tuple[int, int]  # t of the output, s of the input


@dataclass(frozen=True)
class NotZero:
    """A point, and bounds of derivatives there: of the pairs (t, s) for which 0 is not within the bounds."""

    point: sympy.Basic
    bounds: tuple[tuple[Pair, Interval], ...]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Of which derivatives something is shown."""
        return tuple(pair for pair, _ in self.bounds)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The point, and each derivative there."""
        shown = sympy.Tuple(*(between(derivative(*pair), bound) for pair, bound in self.bounds))
        numbers = Step("Exact parameters, inputs and initial states, one unit in a layer", self.point)
        return numbers, Step("With these numbers the derivatives, exactly or between two bounds, are not 0", shown)


def derivative(t: sympy.Expr | int, s: sympy.Expr | int) -> sympy.Expr:
    """d y_t / d x_s, unevaluated."""
    x = sympy.Symbol(f"x_{s}")
    return sympy.Derivative(sympy.Function(f"y_{t}")(x), x)


def not_zero(network: Network, steps: int, pairs: Collection[Pair]) -> tuple[NotZero, ...]:
    """What is shown of these pairs, in a run of so many steps; a pair that is in none of them is left open."""
    program = unroll_any(network, small(network, steps))
    slopes = {pair: tuple(_slopes(program, network.cell.input, steps, pair)) for pair in pairs}
    found: list[NotZero] = []
    for point in points(program):
        bounds = {pair: bound for pair in slopes if (bound := _away(slopes[pair], point)) is not None}
        if bounds:
            used = {name for pair in bounds for slope in slopes[pair] for name in used_by(slope, _last(slope))}
            found.append(NotZero(given(point, used), tuple(bounds.items())))
        slopes = {pair: slope for pair, slope in slopes.items() if pair not in bounds}
        if not slopes:
            break
    return tuple(found)


def _slopes(program: Program, x: str, steps: int, pair: Pair) -> Iterator[Program]:
    """d y_t / d x_s, for each entry of y_t."""
    t, s = pair
    outputs = program.results["outputs"]
    width = len(outputs) // steps
    for output in outputs[(t - 1) * width : t * width]:
        yield gradients(program, {output: 1}, (f"{x}[{s}][0]",))


def _last(slope: Program) -> str:
    ((name,),) = slope.results.values()
    return name


def _away(slopes: tuple[Program, ...], point: Point) -> Interval | None:
    """Bounds that do not hold 0, of the first entry for which these are such."""
    for slope in slopes:
        low, high = enclosures(slope, point, (_last(slope),))[_last(slope)]
        if low > 0 or high < 0:
            return low, high
    return None

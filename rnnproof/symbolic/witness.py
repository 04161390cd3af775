"""Exact points, and rigorous enclosures of a program there: what shows that two numbers differ, or one is not 0."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import sympy

from rnnproof.domains.ball import as_ball, ball, ends, precisely
from rnnproof.model.equation import signal
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic.closed_form import is_linear
from rnnproof.symbolic.program import Program, leading_to

DIGITS = 12  # printed of an enclosure; it is rounded outwards
TRIED = 6
ROUNDED = "The bounds are of the real numbers that the equations define, rounded outwards."
NO_CLOSED_FORM = (
    "Every equation is linear, but the closed form for any number of steps, and what follows from it, is derived for "
    "one layer alone, read forward, with one state that it reads again; of this network it is not."
)
Point = Mapping[str, sympy.Rational]
Interval = tuple[sympy.Rational, sympy.Rational]


def small(network: Network, steps: int) -> Sizes:
    """One unit in every layer; two outputs of a readout, as a softmax of one is always 1."""
    return Sizes(T=steps, B=1, I=1, H=1, O=2)


def points(program: Program) -> Iterator[Point]:
    """Small rational arguments, none of them 0: at first all positive, then of both signs."""
    names = [name for group in program.arguments.values() for name in group]
    for trial in range(TRIED):
        signs = [(-1) ** (trial * index // 2) for index in range(len(names))]
        yield {
            name: sympy.Rational(sign * (1 + (3 * index + trial) % 7), 4)
            for index, (name, sign) in enumerate(zip(names, signs, strict=True))
        }


def enclosures(program: Program, point: Point, names: tuple[str, ...]) -> dict[str, Interval]:
    """Two decimal numbers for each name, its true value between them.

    Errors: Unsupported for a line that is not made of sums, products and activations.
    """
    with precisely():
        known = {name: as_ball(value) for name, value in point.items()}
        for line in leading_to(program.lines, names):
            known[line.name] = ball(line.expression, known)
        return {name: ends(known[name], DIGITS) for name in names}


def inside(name: str, interval: Interval) -> sympy.Basic:
    """low <= name <= high."""
    return between(signal(name), interval)


def between(value: sympy.Expr, interval: Interval) -> sympy.Basic:
    """low <= value <= high, or the number that it is."""
    low, high = interval
    return sympy.Eq(value, low) if low == high else sympy.And(sympy.Le(low, value), sympy.Le(value, high))


def disjoint(a: Interval, b: Interval) -> sympy.Basic | None:
    """The upper end of one interval below the lower end of the other; None where the two meet."""
    below, above = sorted((a, b))
    return sympy.StrictLessThan(below[1], above[0], evaluate=False) if below[1] < above[0] else None


@dataclass(frozen=True)
class Apart:
    """A point at which two numbers are in intervals that do not meet: the point, the intervals, the inequality."""

    name: str
    point: sympy.Basic
    one: sympy.Basic
    other: sympy.Basic
    apart: sympy.Basic

    @property
    def formula(self) -> sympy.Basic:
        """Both intervals, and that they do not meet."""
        return sympy.Tuple(self.one, self.other, self.apart)

    @property
    def exact(self) -> bool:
        """Whether both are numbers, not intervals."""
        return isinstance(self.one, sympy.Eq) and isinstance(self.other, sympy.Eq)


def lies(told: sympy.Basic) -> str:
    """How a number's equation, or the interval that it is in, is announced."""
    return "is" if isinstance(told, sympy.Eq) else "lies between"


def conditions_of(found: Apart, network: Network) -> tuple[str, ...]:
    """How the numbers were found; of a linear network, why there are numbers and no closed form."""
    rounded = "Rational numbers, computed exactly." if found.exact else ROUNDED
    return (rounded, NO_CLOSED_FORM) if is_linear(network) else (rounded,)


def apart(one: Program, other: Program, pairs: Iterable[tuple[str, str]], equal: Mapping[str, str]) -> Apart | None:
    """The first point at which a name of one program differs from its partner of the other; None if none is found.

    ``equal`` names arguments that are given another one's number. Both programs have the same arguments.
    """
    pairs = tuple(pairs)
    for free in points(one):
        point = {name: free[equal.get(name, name)] for name in free}
        found = enclosures(one, point, tuple(a for a, _ in pairs)), enclosures(other, point, tuple(b for _, b in pairs))
        for a, b in pairs:
            inequality = disjoint(found[0][a], found[1][b])
            if inequality is not None:
                used = used_by(one, a) | used_by(other, b)
                return Apart(a, given(point, used), inside(a, found[0][a]), inside(b, found[1][b]), inequality)
    return None


def given(point: Point, used: Collection[str]) -> sympy.Basic:
    """The point as equations, of the arguments that are used."""
    return sympy.Tuple(*(sympy.Eq(signal(name), value) for name, value in point.items() if name in used))


def used_by(program: Program, name: str) -> set[str]:
    """Every name that this one is made from."""
    return {use for line in leading_to(program.lines, [name]) for use in line.uses}

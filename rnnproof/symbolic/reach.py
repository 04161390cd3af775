"""What a step's output is made from, by the equations' uses alone; from there, which outputs an input can reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import gcd

from rnnproof.model.cell import Cell
from rnnproof.model.network import Network, Reading


@dataclass(frozen=True, order=True)
class Lags:
    """t - s of an output y_t and an input x_s: first, first + every, first + 2 every, ...; first alone if every is 0.

    ``ahead``: s - t instead, in a reading from the end.
    """

    first: int
    every: int = 0
    ahead: bool = False


SAME, BEFORE, AFTER = Lags(0), Lags(1, 1), Lags(1, 1, ahead=True)
Places = frozenset[Lags]


@dataclass(frozen=True)
class Reach:
    """Of one cell: what its output and each stored state are made from, among its input and its states.

    ``later``: the states that an input has reached after 1, 2, ... steps, up to the first set that was there before.
    """

    output: frozenset[str]
    stored: Mapping[str, frozenset[str]]
    later: tuple[frozenset[str], ...]
    input: str

    @property
    def places(self) -> Places:
        """SAME, where a step's output reads its input; else how many steps later it reads a state that this reached."""
        carried = [bool(self.output & states) for states in self.later]
        again = self.later.index(self.later[-1])  # from here on the sets come again and again
        every = len(self.later) - 1 - again
        tail = {k + 1 for k in range(again, again + every) if carried[k]}
        single = {k + 1 for k in range(again) if carried[k]}
        found = {Lags(k) for k in single} | {Lags(k, every) for k in tail}
        if len(tail) == every:
            first = again + 1
            while first - 1 in single:
                first -= 1
            found = {Lags(k) for k in single if k < first} | {Lags(first, 1)}
        return frozenset(found | ({SAME} if self.input in self.output else set()))


def reach(cell: Cell) -> Reach:
    """By induction over the steps: the sets of ``later`` go round from some step on, so they are all there are."""
    made: dict[str, frozenset[str]] = {name: frozenset([name]) for name in (cell.input, *cell.state_names)}
    for equation in cell.equations:
        made[equation.target] = frozenset().union(*(made.get(name, frozenset()) for name in equation.uses))
    stored = {name: made[source] for name, source in cell.states}
    later = [frozenset(name for name, sources in stored.items() if cell.input in sources)]
    while later[-1] not in later[:-1]:
        later.append(frozenset(name for name, sources in stored.items() if sources & later[-1]))
    return Reach(made[cell.output], stored, tuple(later), cell.input)


def places_of(reading: Reading) -> Places:
    """The places of one reading; what comes before, in a reading from the end, stands after."""
    found = reach(reading.cell).places
    return frozenset(replace(lags, ahead=reading.backward and lags != SAME) for lags in found)


def reached(network: Network) -> tuple[Places, tuple[Places, ...]]:
    """Where an input can stand that an output is made from; of each level too.

    Two readings side by side reach what either does; of two levels, one reads what the other has put out.
    """
    levels = tuple(frozenset().union(*map(places_of, level)) for level in network.levels)
    return reduce(through, levels), levels


def through(one: Places, other: Places) -> Places:
    """Where x_s can stand if y_t is made from a signal at r, in the places of one, and that from x_s, in the other's.

    r earlier than t and s later than r says nothing of s and t: some of what is allowed then may still not occur.
    """
    ways = [(a, b) for a in one for b in other]
    if any(a.ahead != b.ahead and SAME not in (a, b) for a, b in ways):
        return frozenset([BEFORE, SAME, AFTER])
    found = {_one_after_the_other(a, b) for a, b in ways}
    return frozenset(lags for lags in found if not any(lags != more and _among(lags, more) for more in found))


def _among(lags: Lags, more: Lags) -> bool:
    """Whether all of the one are of the other."""
    if not more.every or lags.ahead != more.ahead or lags.first < more.first:
        return False
    return (lags.first - more.first) % more.every == lags.every % more.every == 0


def _one_after_the_other(a: Lags, b: Lags) -> Lags:
    """The sums of both; of two that are periodic, all that are a multiple of what the periods share."""
    return Lags(a.first + b.first, gcd(a.every, b.every), a.ahead or b.ahead)

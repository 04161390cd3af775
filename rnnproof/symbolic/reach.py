"""What a step's output is made from, by the equations' uses alone; from there, which outputs an input can reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from rnnproof.model.cell import Cell
from rnnproof.model.network import Network, Reading

BEFORE, SAME, AFTER = "s < t", "s = t", "s > t"  # where an input x_s stands that an output y_t is made from
Places = frozenset[str]


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
        """SAME, where a step's output reads its input; BEFORE, where it reads a state that an earlier one reached."""
        carried = any(self.output & states for states in self.later)
        return frozenset([SAME] * (self.input in self.output) + [BEFORE] * carried)


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
    return frozenset(AFTER if place == BEFORE and reading.backward else place for place in found)


def reached(network: Network) -> tuple[Places, tuple[Places, ...]]:
    """Where an input can stand that an output is made from; of each level too.

    Two readings side by side reach what either does; of two levels, one reads what the other has put out.
    """
    levels = tuple(frozenset().union(*map(places_of, level)) for level in network.levels)
    return reduce(through, levels), levels


def through(one: Places, other: Places) -> Places:
    """Where x_s can stand if y_t is made from a signal at r, in the places of one, and that from x_s, in the other's.

    r earlier than t and s later than r says nothing of s and t. Where all steps are of one kind, some of what is
    allowed here may still not occur: two steps back is not one step back.
    """
    ways = {(a, b) for a in one for b in other}
    if ways & {(BEFORE, AFTER), (AFTER, BEFORE)}:
        return frozenset([BEFORE, SAME, AFTER])
    return frozenset(b if a == SAME else a for a, b in ways)

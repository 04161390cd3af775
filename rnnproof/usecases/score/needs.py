"""What a test needs to see a fault, found by taking things away; and the smallest case that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import product
from math import prod

from rnnproof.model.implementation import Implementation
from rnnproof.model.network import Network
from rnnproof.usecases.score.looks import (
    FEATURES,
    GRADIENT,
    ON_OUTPUTS,
    ON_STATES,
    Look,
    named_arrays,
    scenes_of,
    seen_in,
    shows,
)

# Of each size, what a test that has not more would need; the size it then has, where it has no larger one.
SMALLER = {"T > 1": ("T", 1), "T > 2": ("T", 2), "B > 1": ("B", 1), "B > 2": ("B", 2), "H > 1": ("H", 1)}
OTHER = "I != H"
TRUE_GRADIENTS = "true gradients to compare"  # a wrong run's own gradient agrees with its differences
THINGS = (*FEATURES, *SMALLER, OTHER)
SAID_BY = {"T > 1": "T > 2", "B > 1": "B > 2"}  # who needs the second needs the first
MOST_EITHER = 3  # choices that are told; a fault with more of them needs one number that is large enough, wherever
Things = frozenset[str]
LOSSES: Things = frozenset({ON_OUTPUTS, ON_STATES})
PULLED: Things = LOSSES | {GRADIENT}


@dataclass(frozen=True)
class Need:
    """What a test needs to see a fault, and the smallest case in which it is seen: its sizes, what is not zero there.

    ``needs``: all of these, each a thing, or "one thing or another"; none: any run shows it that is compared.
    ``looking``: what else a test of that case has to have; ``seen_in``: the results that show it.
    """

    needs: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    non_zero: tuple[str, ...]
    looking: tuple[str, ...]
    seen_in: tuple[str, ...]


def need_of(planted: Implementation, network: Network, look: Look) -> Need:
    """What a test needs: things are taken away from a test that has everything, and the fault is looked for.

    Where outputs and final states show it, from a test of these alone; gradients may then do in the place of a thing.
    """

    @cache
    def hidden(gone: Things) -> bool:
        return not shows(planted, network, _without(look, gone))

    things = [each for each in THINGS if each in look.features or each not in FEATURES]
    if GRADIENT in things and hidden(PULLED):
        sets = [frozenset({GRADIENT}), *_each_needed(hidden, [each for each in things if each != GRADIENT])]
    else:
        forward = _each_needed(lambda gone: hidden(gone | PULLED), [each for each in things if each not in PULLED])
        sets = [one if GRADIENT not in things or hidden(one) else one | {GRADIENT} for one in forward]
    return Need(tuple(map(_in_words, _told(sets))), *_smallest(planted, network, look))


def _in_words(one: Things) -> str:
    """A gradient; T > 1 or true gradients to compare."""
    others = [each for each in THINGS if each in one and each != GRADIENT]
    return " or ".join([*others, *[TRUE_GRADIENTS if others else GRADIENT][: GRADIENT in one]])


def _without(look: Look, gone: Things) -> Look:
    sizes = dict(look.sizes)
    for letter, size in (SMALLER[each] for each in SMALLER if each in gone):
        sizes[letter] = min(size, sizes[letter])
    sizes["I"] = sizes["H"] if OTHER in gone else sizes["I"]
    return look.without(*gone).at(**sizes)


def _each_needed(hidden: Callable[[Things], bool], things: Sequence[str]) -> list[Things]:
    """The least sets of which a test needs a thing each: without all of one, the fault is hidden.

    Sets of one are tried. The others: where a thing of each set found does not show the fault, all else is put back
    that leaves it hidden; what is left out is a set (Reiter, A theory of diagnosis from first principles, 1987).
    """
    if not hidden(frozenset(things)):
        return []
    ones = [frozenset({each}) for each in things if hidden(frozenset({each}))]
    found = list(ones)
    while gone := next((gone for gone in _left_out(found, things) if hidden(gone)), None):
        if len(found) - len(ones) == MOST_EITHER:
            return ones or found
        for each in things:
            gone = gone - {each} if hidden(gone - {each}) else gone
        found.append(gone)
    return found


def _left_out(found: Sequence[Things], things: Sequence[str]) -> Iterator[Things]:
    """All but one of each set."""
    return (frozenset(things).difference(kept) for kept in product(*found))


def _told(sets: Sequence[Things]) -> list[Things]:
    """Those that say something of their own, single things first: without any loss there is no gradient either."""
    told = [one for one in sets if not one >= LOSSES]
    told = [
        one for one in told if not any((one - {less}) | {more} in sets for less, more in SAID_BY.items() if less in one)
    ]
    return sorted(told, key=lambda one: (len(one), min(map(THINGS.index, one))))


def _smallest(
    planted: Implementation, network: Network, look: Look
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Its sizes, the names of the arrays that are not zero, what else it has, what shows it."""
    found = next((at for sizes in _by_size() if shows(planted, network, at := look.at(**dict(sizes)))), look)
    for feature in FEATURES:
        if feature in found.features and shows(planted, network, less := found.without(feature)):
            found = less
    names = named_arrays(scenes_of(network, found)[0].case)
    for name in names:
        if shows(planted, network, less := replace(found, zero=found.zero | {name})):
            found = less
    left = named_arrays(scenes_of(network, found)[0].case)
    non_zero = tuple(name for name, value in left.items() if value.any() and _asked(name, found))
    left_over = tuple(each for each in FEATURES if each in found.features)
    return found.sizes, non_zero, left_over, seen_in(planted, network, found)


def _asked(name: str, look: Look) -> bool:
    """A cotangent belongs to a test of gradients alone."""
    return "a gradient" in look.features or not name.startswith("the cotangent")


@lru_cache(maxsize=1)
def _by_size() -> tuple[tuple[tuple[str, int], ...], ...]:
    every = product(range(1, 5), range(1, 4), range(1, 3), range(1, 4))
    ordered = sorted(every, key=lambda sizes: (prod(sizes), sizes))
    return tuple(tuple(zip("TBIH", sizes, strict=True)) for sizes in ordered)

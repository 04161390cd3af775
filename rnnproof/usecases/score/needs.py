"""What a test needs to see a fault, found by taking things away; and the smallest case that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import prod

from rnnproof.model.implementation import Implementation
from rnnproof.model.network import Network
from rnnproof.usecases.score.looks import FEATURES, Look, named_arrays, scenes_of, seen_in, shows

# Of each size, what a test that has not more would need, and the sizes it then has.
SMALLER = {
    "T > 1": {"T": 1},
    "T > 2": {"T": 2},
    "B > 1": {"B": 1},
    "B > 2": {"B": 2},
    "H > 1": {"H": 1},
    "I != H": {"I": 3, "H": 3},
}
IMPLIED = {"T > 2": "T > 1", "B > 2": "B > 1"}


@dataclass(frozen=True)
class Need:
    """What a test needs to see a fault, and the smallest case in which it is seen: its sizes, what is not zero there.

    ``looking``: what else a test of that case has to have; ``seen_in``: the results that show it.
    """

    needs: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    non_zero: tuple[str, ...]
    looking: tuple[str, ...]
    seen_in: tuple[str, ...]


def need_of(planted: Implementation, network: Network, look: Look) -> Need:
    """What a test needs: each thing is taken away from a test that has everything, and the fault is looked for."""
    lost = [each for each in FEATURES if each in look.features and not shows(planted, network, look.without(each))]
    small = [name for name, sizes in SMALLER.items() if not shows(planted, network, look.at(**sizes))]
    small = [name for name in small if name not in {IMPLIED[other] for other in small if other in IMPLIED}]
    return Need((*lost, *small), *_smallest(planted, network, look))


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

"""Which shapes the arrays of a recurrent network may have, in the letters of its sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain

from rnnproof.catalogue import NETWORKS
from rnnproof.catalogue.names import possible
from rnnproof.conventions.asked import Shape
from rnnproof.conventions.box import numbers
from rnnproof.model.network import Network, Sizes

GATES, BIASES = (1, 4, 3, 2), (1, 4, 3, 2, 8, 6)
Letters = tuple[str, ...]


def letters_of(network: Network) -> tuple[list[Letters], list[Letters]]:
    """The shapes that matrices, and that biases, have where nothing is out of the ordinary."""
    ins = dict.fromkeys(("I", *(part for back in _back(network) for part in (back, f"I+{back}"))))
    flat: list[Letters] = [(_times(k, "H"), m) for k in GATES for m in ins]
    flat += [(letter, "H") for letter in "OP" if letter in network.dimensions.values()]
    matrices: dict[Letters, None] = dict.fromkeys(chain.from_iterable((shape, shape[::-1]) for shape in flat))
    lines = [_times(k, "H") for k in BIASES] + ["O"] * ("O" in network.dimensions.values())
    return list(matrices), [(line,) for line in lines]


def rare_letters_of(network: Network) -> tuple[list[Letters], list[Letters]]:
    """The same, those with a column for the bias, and those with an axis more.

    The column is what a 1 beside x and h is multiplied with; the axis is for the gates, for two biases, for
    directions, or of length 1.
    """
    matrices, biases = letters_of(network)
    whole = [(_times(k, "H"), f"I+{back}+1") for k in GATES for back in _back(network)]
    square = [shape for shape in matrices if not shape[0][:1].isdigit() and not shape[1][:1].isdigit()]
    more: list[Letters] = [("1", *shape) for shape in matrices]
    more += [(str(k), *shape) for k in (4, 3, 2) for shape in square]
    lines = [line for (line,) in biases]
    rows: list[Letters] = [(axis, line) for axis in ("1", "2") for line in lines]
    rows += [("4", "H"), ("3", "H"), *((line, "1") for line in lines), *(("1", "2", line) for line in lines)]
    with_bias = chain.from_iterable((shape, shape[::-1]) for shape in whole)
    return [*matrices, *with_bias, *more], [*biases, *rows]


def canonical_letters(name: str, network: Network) -> list[Letters]:
    """The shape that an array of a canonical name has: in this network, or in one with other gates; none of others."""
    if name in network.parameters:
        return [network.parameters[name]]
    of, line, _ = name.rpartition(".")[2].partition("_")
    kinds: dict[str, Letters] = {"W": ("H", "I"), "U": ("H", _back(network)[0]), "b": ("H",), "p": ("H",)}
    return [kinds[of]] if line and of in kinds else []


@lru_cache(maxsize=64)
def canonical_sets(network: Network) -> tuple[Mapping[str, Letters], ...]:
    """The parameters of this network, and of others that have its states and outputs, each set once."""
    every = (network, *(each for each in _catalogue() if each is not None and same_kind(each, network)))
    sets = {frozenset(each.parameters): each.parameters for each in every}
    return tuple(sets.values())


def same_kind(found: Network, like: Network) -> bool:
    """Whether two networks have the same states and outputs."""
    sizes = {name: found.dimensions[name] for name in found.states}
    return sizes == {n: like.dimensions[n] for n in like.states} and found.output_size == like.output_size


def _catalogue() -> Iterator[Network | None]:
    """Each network, and each with one of its options."""
    for head, page in NETWORKS.items():
        told = (f"{head}:{key}={value}" for key, values in page.options.items() for value in values)
        yield from map(possible, (head, *told))


def _back(network: Network) -> list[str]:
    """The sizes of what is read back, the plainest first."""
    return list(dict.fromkeys(network.dimensions[state] for state in network.states))


def _times(k: int, letter: str) -> str:
    return letter if k == 1 else f"{k}{letter}"


def in_letters(shape: Shape, network: Network, sizes: Sizes) -> str:
    """(4H, I) of a shape at these sizes; a number that none of the letters gives as it is."""
    parts = {part for each in chain(*rare_letters_of(network)) for part in each}
    named = {numbers((part,), sizes)[0]: part for part in sorted(parts, key=len, reverse=True)}
    told = ", ".join(named.get(size, str(size)) for size in shape)
    return f"({told}{',' * (len(shape) == 1)})"

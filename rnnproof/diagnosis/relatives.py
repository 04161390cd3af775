"""Other networks of the catalogue that a target may be taken for: of the same parameters and states."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from rnnproof.catalogue.names import NETWORKS, possible
from rnnproof.faults.fault import Fault
from rnnproof.model.network import Network

OPERATOR = "another network"


@cache
def catalogued() -> tuple[Network, ...]:
    """Every network of the catalogue, and with every value of one option of its cell."""
    found: dict[str, Network] = {}
    for head, page in NETWORKS.items():
        names = [head, *(f"{head}:{key}={value}" for key, values in page.every_option.items() for value in values)]
        for name in names:
            if (one := possible(name)) is not None:
                found.setdefault(one.name, one)
    return tuple(found.values())


def relatives(of: Network) -> Iterator[Fault]:
    """The cells of other networks with the same states and outputs, and no parameters more; of one reading."""
    if len(of.readings) > 1:
        return
    for other in catalogued():
        same = len(other.readings) == 1 and other.direction == of.direction and other.padding == of.padding
        if same and other.name != of.name and _alike(of, other):
            yield Fault(OPERATOR, other.name, cell=other.readings[0].cell)


def _alike(of: Network, other: Network) -> bool:
    """Whether a target that is given one's parameters and states could compute the other; it may leave some unused."""
    same = of.states == other.states and of.output_size == other.output_size
    return same and other.parameters.items() <= of.parameters.items()

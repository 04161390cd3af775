"""One fault of each behaviour: faults that give the same numbers on a few cases are one."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rnnproof.faults.bank import bank
from rnnproof.faults.fault import Fault, plant
from rnnproof.model.implementation import Implementation
from rnnproof.model.network import Network
from rnnproof.reference.implementation import Reference
from rnnproof.usecases.score.looks import Look, observed, shows


@dataclass(frozen=True)
class Behaviour:
    """Faults that behave alike: the first of them, and the others' words."""

    fault: Fault
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The first fault's words."""
        return self.fault.text


@dataclass(frozen=True)
class Classes:
    """The behaviours that a test of a target can see, and how many faults none can see there."""

    behaviours: tuple[Behaviour, ...]
    unseen: int
    faults: int


def classes(network: Network, look: Look, working: Callable[[int, int], object] = lambda done, of: None) -> Classes:
    """The bank's faults, by what a test with this look sees of them; ``working`` is told how far it is."""
    found: dict[bytes, list[Fault]] = {}
    every = bank(network)
    right, unseen = _key(Reference(), network, look), 0
    for n, fault in enumerate(every):
        working(n, len(every))
        planted = plant(fault)
        key = _key(planted, network, look)
        if key == right and not shows(planted, network, look):
            unseen += 1
        else:
            found.setdefault(key if key != right else fault.text.encode(), []).append(fault)
    behaviours = tuple(Behaviour(first, tuple(other.text for other in rest)) for first, *rest in found.values())
    return Classes(behaviours, unseen, len(every))


def _key(implementation: Implementation, network: Network, look: Look) -> bytes:
    """What is seen, in float32: two behaviours that are not the same are far further apart than that."""
    digest = hashlib.sha256()
    for _, seen in observed(implementation, network, look):
        for name, value in seen.items():
            with np.errstate(all="ignore"):
                digest.update(name.encode() + (value.astype(np.float32) + 0.0).tobytes())
    return digest.digest()


def sampled(behaviours: Sequence[Behaviour], count: int | None, seed: int) -> tuple[Behaviour, ...]:
    """So many of them, the same for the same seed, in their order; None: all."""
    if count is None or count >= len(behaviours):
        return tuple(behaviours)
    chosen = sorted(random.Random(seed).sample(range(len(behaviours)), count))
    return tuple(behaviours[k] for k in chosen)

"""An exact execution, repeated until its prime divides nothing it divides by, and its digits suffice."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from flint import fmpz

from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import BITS, Ring
from rnnproof.errors import OutOfBudget, Untraceable

T = TypeVar("T")
PRIME_BITS = (13, 16)
MOST_PRIMES = 8
MOST_BITS = BITS * 64


@dataclass(frozen=True)
class Budget:
    """What one exact execution may take, its repetitions included: seconds, and entries of arrays made in all."""

    seconds: float = 20.0
    entries: float = 5e7


def execute(
    run: Callable[[Ring], T], seed: int = 0, reading: str = "simplest", budget: Budget = Budget(), bits: int = BITS
) -> tuple[T, Ring]:
    """What ``run`` returns of a ring that suits it, and the ring.

    Errors: Untraceable for what cannot be executed exactly; OutOfBudget. What else ``run`` raises is the code's.
    """
    source = Random(f"primes {seed}")
    deadline, primes = time.monotonic() + budget.seconds, 0
    p = random_prime(source)
    while True:
        ring = Ring(Residues(p, digits_for(p, bits)), seed, reading, deadline, budget.entries)
        try:
            found = run(ring)
        except Exception:
            if ring.stopped is None and not ring.non_unit and not ring.exhausted and enough(ring):
                raise
        again = ring.non_unit or ring.exhausted  # what was refused may be the numbers of this ring
        if ring.stopped is not None and (isinstance(ring.stopped, OutOfBudget) or not again):
            raise ring.stopped
        if ring.non_unit:
            p, primes = random_prime(source), primes + 1
            if primes == MOST_PRIMES:
                what = f"a division by a multiple of each of {primes} random primes, as 0 is, and the tanh of anything"
                raise Untraceable(f"{what}  ({ring.non_unit})")
        elif ring.exhausted or not enough(ring):
            bits = 2 * bits if ring.exhausted else bits + math.ceil(ring.logs * math.log2(p))
            if bits > MOST_BITS:
                raise OutOfBudget(f"{MOST_BITS} bits are not enough to tell its numbers from zero")
        else:
            return found, ring


def enough(ring: Ring) -> bool:
    """Whether the logarithms that were taken have left as many digits as there are to begin with."""
    return ring.residues.k - ring.logs >= digits_for(ring.p)


def random_prime(source: Random) -> int:
    """A random prime of 13 to 16 bits."""
    while True:
        p = source.randrange(2 ** PRIME_BITS[0], 2 ** PRIME_BITS[1]) | 1
        if fmpz(p).is_prime():
            return p


def digits_for(p: int, bits: int = BITS) -> int:
    """How many digits to base p make that many bits."""
    return math.ceil(bits / math.log2(p))

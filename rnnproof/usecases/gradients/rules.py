"""What an update in place says of a gradient, if it follows a rule: descent, or Adagrad with its memory of squares.

Adagrad (and RMSprop) divide by a square root. In the ring that root is a number of its own, written down with what
it is the root of; so the difference times the root is the gradient times a factor again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from rnnproof.domains.dual import fraction
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.properties.exactly import simple_fraction
from rnnproof.usecases.gradients.changes import Changes

AGAINST_ZERO = tuple(Fraction(1, 10**n) for n in range(4, 17))  # what is added to a root, before it divides


@dataclass(frozen=True, eq=False)
class Candidate:
    """A number that is the gradient times a common factor, if the update follows ``rule``."""

    rule: str
    value: RingArray
    memory: str = ""


Roots = Mapping[str, tuple[RingArray, bool]]  # by memory: the root, and whether nothing was added inside it


def roots_of(changes: Changes, ring: Ring) -> dict[str, tuple[RingArray, bool]]:
    """Of which arrays a root was taken after they had changed, a constant added or not."""
    found = {path: _root(after, ring) for path, (_, after) in changes.items()}
    return {path: root for path, root in found.items() if root is not None}


def _root(squares: RingArray, ring: Ring) -> tuple[RingArray, bool] | None:
    modulus = int(ring.residues.modulus)
    entries = [int(x) for x in squares.dual.x.ravel()]
    for key in list(ring.roots) if entries else ():
        added = (key - entries[0]) % modulus
        constant = added == 0 or simple_fraction(added, modulus) is not None
        if constant and all((x + added) % modulus in ring.roots for x in entries):
            made = squares.dual.moved(np.copy)
            taken = [ring.roots[(x + added) % modulus] for x in entries]
            made.x[...] = np.array(taken, dtype=object).reshape(squares.shape)
            made.f[...] = np.sqrt(np.abs(squares.dual.f))
            return RingArray(made), added == 0
    return None


def candidates(change: tuple[Any, Any], roots: Roots, ring: Ring) -> Iterator[Candidate]:
    """By each rule that the shapes allow."""
    before, after = change
    if before.shape != after.shape:
        return
    less = before - after
    yield Candidate("descent", less)
    for memory, (root, bare) in roots.items():
        if root.shape == less.shape:
            yield Candidate("Adagrad", less * root, memory)
            for added in AGAINST_ZERO if bare else ():
                yield Candidate("Adagrad", less * (root + RingArray(fraction(ring, added))), memory)


def scaled(value: RingArray, factor: int, shadow: float, ring: Ring) -> RingArray:
    """The value times a number of the ring, and its float."""
    made = value.dual.moved(np.copy)
    made.x[...] = value.dual.x * factor % ring.residues.modulus
    made.f[...] = value.dual.f * shadow
    return RingArray(made)


def divided(value: RingArray, factor: int, shadow: float, ring: Ring) -> RingArray:
    """The gradient: the value without the factor."""
    return scaled(value, pow(factor, -1, int(ring.residues.modulus)), 1 / shadow, ring)

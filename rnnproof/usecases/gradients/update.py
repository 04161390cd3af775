"""A gradient that is visible only through an update in place: recovered exactly from what was subtracted.

Plain descent subtracts a common factor times the gradient. Adagrad (and RMSprop) divide by the square root of a
memory of squares; in the ring that root is a number of its own, written down with what it is the root of, so that
the difference times the root is again a common factor times the gradient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from rnnproof.domains.dual import fraction
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.usecases.gradients.derivative import Along, Derivative
from rnnproof.usecases.gradients.matching import Changes
from rnnproof.usecases.gradients.multiple import Factor, in_full, multiple, named

AGAINST_ZERO = tuple(Fraction(1, 10**n) for n in range(4, 17))  # what is added to a root, before it divides
DIRECTIONS = (1, 2)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A number that is the gradient times a common factor, if the update follows ``rule``."""

    rule: str
    value: RingArray
    memory: str = ""


@dataclass(frozen=True, eq=False)
class Update:
    """What an update says of the gradients: those recovered, the factor, and in words what cannot be told.

    ``factors``: of each argument whose update is an exact multiple of the derivative. ``unmoved``: changed, but
    the loss does not depend on them.
    """

    got: Mapping[str, RingArray]
    factors: Mapping[str, tuple[Factor, str]]
    unmoved: tuple[str, ...] = ()
    memories: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def recovered(changes: Changes, derivative: Derivative, scalars: Mapping[str, Any]) -> Update:
    """The gradients behind an update.

    A factor is common if an argument's whole update, or half the entries of one, are that multiple of the true
    derivative; then it is that of all the others too, and their gradients are recovered with it.
    """
    roots = dict(_roots(changes, derivative.ring))
    memories = tuple(dict.fromkeys(memory for memory, _, _ in roots.values()))
    kept: dict[str, list[Candidate]] = {}
    factors: dict[str, tuple[Factor, str]] = {}
    unmoved = []
    for path in (path for path in changes if path not in memories):
        along = [derivative.along((path,), number) for number in DIRECTIONS]
        if not any(each.exact for each in along):
            unmoved.append(path)
            continue
        kept[path] = list(_candidates(path, changes[path], roots.get(path), derivative.ring))
        for one in kept[path]:
            factor = _factor(path, one, along, derivative, scalars)
            if factor is not None:
                factors[path] = factor, one.rule
                break
    common = _common(factors) or _of_entries(kept, derivative, scalars)
    exact = None if common is None else in_full(common[0], derivative.ring, derivative.modulus, scalars)
    got, unknown = _with(common, exact, kept, factors, derivative.ring)
    return Update(got, factors, tuple(unmoved), memories, unknown)


def _roots(changes: Changes, ring: Ring) -> Iterator[tuple[str, tuple[str, RingArray, bool]]]:
    """For each argument, the memory of its squares, its root, and whether something may have been added to that."""
    for path, (before, after) in changes.items():
        for memory, (_, squares) in changes.items():
            if memory != path and squares.shape == after.shape and before.shape == after.shape:
                found = _root_of(squares, ring)
                if found is not None:
                    yield path, (memory, found[0], found[1])
                    break


def _root_of(squares: Any, ring: Ring) -> tuple[RingArray, bool] | None:
    """The root that was taken of these numbers plus one constant; whether that constant is 0."""
    modulus = int(ring.residues.modulus)
    entries = [int(x) for x in squares.dual.x.ravel()]
    for key in list(ring.roots) if entries else ():
        added = key - entries[0]
        if all((x + added) % modulus in ring.roots for x in entries):
            made = squares.dual.moved(np.copy)
            made.x[...] = np.array([ring.roots[(x + added) % modulus] for x in entries], dtype=object).reshape(
                squares.shape
            )
            made.f[...] = np.sqrt(np.abs(squares.dual.f))
            return RingArray(made), added % modulus == 0
    return None


def _candidates(
    path: str, change: tuple[Any, Any], root: tuple[str, RingArray, bool] | None, ring: Ring
) -> Iterator[Candidate]:
    before, after = change
    if before.shape != after.shape:
        return
    less = before - after
    if root is None:
        yield Candidate("descent", less)
        return
    memory, square_root, bare = root
    yield Candidate("Adagrad", less * square_root, memory)
    for added in AGAINST_ZERO if bare else ():
        yield Candidate("Adagrad", less * (square_root + RingArray(fraction(ring, added))), memory)


def _factor(
    path: str, one: Candidate, along: list[Along], derivative: Derivative, scalars: Mapping[str, Any]
) -> Factor | None:
    pairs = [(each.times({path: one.value.dual.x}), each.exact) for each in along]
    return multiple(pairs, _sizes(one.value, along[0], path), derivative.ring, derivative.modulus, scalars)


def _sizes(value: RingArray, along: Along, path: str) -> tuple[float, float]:
    """The floats of both sides, in the direction's own shadow."""
    return float((value.dual.f * along.shadows[path]).sum()), along.shadow


def _common(factors: Mapping[str, tuple[Factor, str]]) -> tuple[Factor, str] | None:
    """The factor, where some arguments have one, and all of them the same."""
    found = list(factors.values())
    same = all(factor.same(found[0][0]) and rule == found[0][1] for factor, rule in found)
    return found[0] if found and same else None


def _of_entries(
    kept: Mapping[str, list[Candidate]], derivative: Derivative, scalars: Mapping[str, Any]
) -> tuple[Factor, str] | None:
    """The factor of at least half the entries of the smallest array, and at least two of them."""
    for path in sorted(kept, key=lambda path: kept[path][0].value.size if kept[path] else 0):
        for one in kept[path]:
            found = _most_frequent(path, one, derivative, scalars)
            if found is not None:
                return found, one.rule
    return None


def _most_frequent(path: str, one: Candidate, derivative: Derivative, scalars: Mapping[str, Any]) -> Factor | None:
    ring, modulus = derivative.ring, derivative.modulus
    ratios: Counter[int] = Counter()
    told = 0
    for index in np.ndindex(one.value.shape):
        true = int(derivative.entry(path, index).d.item())
        if true % ring.p:
            told += 1
            ratios[int(one.value.dual.x[index]) * pow(true, -1, modulus) % modulus] += 1
    residue, count = max(ratios.items(), key=lambda item: item[1], default=(0, 0))
    if count < 2 or 2 * count < told or not residue:
        return None
    factor = named(Factor(residue, modulus, float("nan")), ring, scalars)
    return factor if factor.fraction is not None and factor.shadow > 0 else None


def _with(
    common: tuple[Factor, str] | None,
    exact: int | None,
    kept: Mapping[str, list[Candidate]],
    factors: Mapping[str, tuple[Factor, str]],
    ring: Ring,
) -> tuple[dict[str, RingArray], tuple[str, ...]]:
    """The gradients of the arguments that are no multiple, with the factor of the others; which stay unknown."""
    got: dict[str, RingArray] = {}
    unknown = []
    for path, candidates in kept.items():
        if path in factors:
            continue
        fitting = [one for one in candidates if common is not None and one.rule == common[1]]
        if common is None or exact is None or len(fitting) != 1:
            unknown.append(path)
        else:
            got[path] = _divided(fitting[0].value, exact, common[0].shadow, ring)
    return got, tuple(unknown)


def _divided(value: RingArray, exact: int, shadow: float, ring: Ring) -> RingArray:
    made = value.dual.moved(np.copy)
    inverse = pow(exact, -1, int(ring.residues.modulus))
    made.x[...] = value.dual.x * inverse % ring.residues.modulus
    made.f[...] = value.dual.f / shadow
    return RingArray(made)

"""A gradient that is visible only through an update in place: recovered exactly from what was subtracted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.domains.padic import Untold
from rnnproof.domains.ring_array import RingArray
from rnnproof.usecases.gradients.changes import Changes
from rnnproof.usecases.gradients.derivative import Along, Derivative
from rnnproof.usecases.gradients.memory import followed, gain
from rnnproof.usecases.gradients.multiple import Factor, in_full, multiple, named
from rnnproof.usecases.gradients.rules import Candidate, candidates, divided, roots_of, scaled
from rnnproof.usecases.gradients.subtracted import DIRECTIONS, Changed, Multiple, with_others


@dataclass(frozen=True, eq=False)
class Update:
    """What an update says of the gradients.

    ``factors``: of each argument whose update is an exact multiple of the derivative. ``got``: gradients recovered
    with the factor of the others. ``unmoved``: changed, but the loss does not depend on them. ``memories``: of
    squares. ``unknown``: changed in a way that tells nothing.
    """

    got: Mapping[str, RingArray]
    factors: Mapping[str, Multiple]
    unmoved: tuple[str, ...] = ()
    memories: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def recovered(changes: Changes, derivative: Derivative) -> Update:
    """The gradients behind an update.

    A factor is common if an argument's whole update, or half the entries of one, are that multiple of the true
    derivative; then it is that of all the others too, and their gradients are recovered with it.
    """
    changed, kept, factors = _multiples(changes, derivative)
    common = _common(factors) or _of_entries(kept, changed)
    got = _recovered(common, {path: every for path, every in kept.items() if path not in factors}, changed)
    unknown = tuple(path for path in kept if path not in factors and path not in got)
    return Update(got, factors, changed.unmoved, changed.memories, unknown)


def beside_gradients(changes: Changes, derivative: Derivative) -> Update | None:
    """Of changes beside gradients that are returned, those that are multiples of the derivative; None without any.

    Any other may be no update at all: a state that is carried on, data that are scaled.
    """
    changed, _, factors = _multiples(changes, derivative)
    return Update({}, factors, changed.unmoved, changed.memories) if factors else None


def _multiples(
    changes: Changes, derivative: Derivative
) -> tuple[Changed, dict[str, list[Candidate]], dict[str, Multiple]]:
    """The changes; by each argument in the loss what its gradient may be, and the multiple if its update is one."""
    roots = roots_of(changes, derivative.ring)
    unmoved = tuple(path for path in changes if path not in roots and not any(_along(path, derivative)))
    changed = Changed(changes, derivative, derivative.scalars, unmoved, tuple(roots))
    moved = [path for path in changes if path not in roots and path not in unmoved]
    kept = {path: list(candidates(changes[path], roots, derivative.ring)) for path in moved}
    along = {path: [derivative.along((path,), number) for number in DIRECTIONS] for path in moved}
    found: dict[str, Multiple] = {}
    for path in moved:
        try:
            one = _multiple(path, kept[path], along[path], changed)
        except Untold:  # nor is a gradient recovered from it
            kept[path] = []
            continue
        found |= {} if one is None else {path: one}
    return changed, kept, {path: each for path, each in found.items() if _says_something(path, found, changed)}


def _says_something(path: str, found: Mapping[str, Multiple], changed: Changed) -> bool:
    """One number is some multiple of any other: of a rate that is no simple number, it says so if another shares it."""
    own = found[path].factor
    if own.fraction is not None or changed.changes[path][0].size > 1:
        return True
    return any(own.same(each.factor) for other, each in found.items() if other != path)


def _along(path: str, derivative: Derivative) -> list[int]:
    return [derivative.along((path,), number).exact for number in DIRECTIONS]


def _multiple(path: str, every: list[Candidate], along: list[Along], changed: Changed) -> Multiple | None:
    """The rule by which an update is a multiple of the derivative; or of it and another array together.

    Errors: Untold.
    """
    for one in every:
        shadows = float((one.value.dual.f * along[0].shadows[path]).sum()), along[0].shadow
        pairs = [(a, each.exact) for a, each in zip(changed.sums(path, one.value, along), along, strict=True)]
        ring, modulus = changed.derivative.ring, changed.derivative.modulus
        factor = multiple(pairs, shadows, ring, modulus, changed.scalars)
        grown = None if factor is None else gain(one, factor, changed)
        if factor is not None and grown is not None:
            return Multiple(factor, one.rule, gain=grown[0], called=grown[1])
    return next((found for one in every[:1] if (found := with_others(path, one, changed))), None)


def _common(factors: Mapping[str, Multiple]) -> Multiple | None:
    """The factor, where some arguments have one, and all of them the same."""
    found = list(factors.values())
    if not found:
        return None
    found.sort(key=lambda each: each.decay is not None)  # the factor of one that does not decay is the rate
    same = all(each.rule == found[0].rule for each in found) and one_rate(found)
    return found[0] if same else None


def one_rate(found: Sequence[Multiple]) -> bool:
    """Whether all the factors come of one rate: they are equal, but for what a decay has left of a step."""
    first, *others = found
    if all(each.factor.same(first.factor) for each in others):
        return True
    known = min(each.factor.modulus for each in found)
    return bool(set.intersection(*(each.rates(known) for each in found)))


def _of_entries(kept: Mapping[str, list[Candidate]], changed: Changed) -> Multiple | None:
    """The factor of at least half the entries of the smallest array, and at least two of them."""
    for path in sorted(kept, key=lambda path: changed.changes[path][0].size):
        true = [int(changed.derivative.entry(path, index).d.item()) for index in _indices(path, changed)]
        for one in kept[path]:
            factor = _most_frequent([int(x) for x in one.value.dual.x.ravel()], true, changed)
            if factor is not None:
                return Multiple(factor, one.rule)
    return None


def _indices(path: str, changed: Changed) -> Any:
    return np.ndindex(changed.changes[path][0].shape)


def _most_frequent(values: list[int], true: list[int], changed: Changed) -> Factor | None:
    ring, modulus = changed.derivative.ring, changed.derivative.modulus
    pairs = [(a, b) for a, b in zip(values, true, strict=True) if b % ring.p]
    ratios = Counter(a * pow(b, -1, modulus) % modulus for a, b in pairs)
    residue, count = max(ratios.items(), key=lambda item: item[1], default=(0, 0))
    if count < 2 or 2 * count < len(pairs) or not residue:
        return None
    factor = named(Factor(residue, modulus, float("nan")), ring, changed.scalars)
    return factor if factor.fraction is not None and factor.shadow > 0 else None


def _recovered(common: Multiple | None, kept: Mapping[str, list[Candidate]], changed: Changed) -> dict[str, RingArray]:
    """The gradients behind the other updates, if they follow the same rule with the same factor.

    Of several candidates the one whose memory has grown by its square.
    """
    ring, modulus = changed.derivative.ring, changed.derivative.modulus
    exact = None if common is None else in_full(common.factor, ring, modulus, changed.scalars)
    if common is None or exact is None or common.factor.fraction is None:
        return {}
    got: dict[str, RingArray] = {}
    for path, every in kept.items():
        fitting = [one for one in every if one.rule == common.rule and followed(one, exact, modulus, changed)]
        if len(fitting) == 1:
            got[path] = _behind(path, fitting[0], common, changed)
    return got


def _behind(path: str, one: Candidate, common: Multiple, changed: Changed) -> RingArray:
    """The gradient, whatever else was subtracted where the factor was found subtracted here too; or without it."""
    ways = list(_ways(path, one, common, changed))
    return next((value for value in ways if changed.derivative.agrees({path: value})), ways[0])


def _ways(path: str, one: Candidate, common: Multiple, changed: Changed) -> Iterator[RingArray]:
    """The gradient with that factor: of what was subtracted, and of it without a decay, a velocity, or both."""
    ring, modulus = changed.derivative.ring, changed.derivative.modulus
    decay = [{path: common.decay}] if common.decay is not None else []
    speed = [factor for other, factor in common.others.items() if other in changed.unmoved]
    speeds = [{other: speed[0]} for other in changed.alike(one) if speed]
    for taken in ({}, *speeds, *decay, *(each | other for each in speeds for other in decay)):
        value, factor = one.value, common.step if path in taken and common.step else common.factor
        for other, part in taken.items():
            exact = in_full(part, ring, modulus, changed.scalars)
            value = value - scaled(changed.changes[other][0], exact or 0, part.shadow, ring)
        yield divided(value, in_full(factor, ring, modulus, changed.scalars) or 1, factor.shadow, ring)

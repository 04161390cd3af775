"""A gradient that is visible only through an update in place: recovered exactly from what was subtracted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import RingArray
from rnnproof.usecases.gradients.changes import Changes
from rnnproof.usecases.gradients.derivative import Along, Derivative
from rnnproof.usecases.gradients.multiple import Factor, combination, in_full, multiple, named
from rnnproof.usecases.gradients.rules import Candidate, candidates, consistent, divided, roots_of

DIRECTIONS = (1, 2, 3)


@dataclass(frozen=True, eq=False)
class Multiple:
    """An argument whose update is an exact multiple of the derivative, and of other arrays besides, if any.

    ``decay``: what is left of the argument itself is 1 less this.
    """

    factor: Factor
    rule: str
    besides: str = ""
    decay: Factor | None = None

    @property
    def rates(self) -> set[int]:
        """The squares of the rates that the factor may come of: with a decay before the step, after it, or half and
        half.
        """
        modulus, square = self.factor.modulus, self.factor.residue**2
        left = 1 if self.decay is None else (1 - self.decay.residue) % modulus
        try:
            inverse = pow(left, -1, modulus)
        except ValueError:  # a multiple of p: what is left is 0
            return {square % modulus}
        return {square % modulus, square * inverse % modulus, square * inverse**2 % modulus}


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


@dataclass(frozen=True, eq=False)
class _Changed:
    """The changes, the function that the derivatives are of, and the numbers among its arguments."""

    changes: Changes
    derivative: Derivative
    scalars: Mapping[str, Any]

    def sums(self, path: str, value: Any, along: list[Along]) -> list[int]:
        """The value in each direction."""
        return [each.times({path: value.dual.x}) for each in along]


def recovered(changes: Changes, derivative: Derivative, scalars: Mapping[str, Any]) -> Update:
    """The gradients behind an update.

    A factor is common if an argument's whole update, or half the entries of one, are that multiple of the true
    derivative; then it is that of all the others too, and their gradients are recovered with it.
    """
    changed = _Changed(changes, derivative, scalars)
    roots = roots_of(changes, derivative.ring)
    kept: dict[str, list[Candidate]] = {}
    factors: dict[str, Multiple] = {}
    unmoved = []
    for path in (path for path in changes if path not in roots):
        along = [derivative.along((path,), number) for number in DIRECTIONS]
        if not any(each.exact for each in along):
            unmoved.append(path)
            continue
        kept[path] = list(candidates(changes[path], roots, derivative.ring))
        found = _multiple(path, kept[path], along, changed)
        if found is not None:
            factors[path] = found
    common = _common(factors) or _of_entries(kept, changed)
    got = _recovered(common, {path: every for path, every in kept.items() if path not in factors}, changed)
    unknown = tuple(path for path in kept if path not in factors and path not in got)
    return Update(got, factors, tuple(unmoved), tuple(roots), unknown)


def _multiple(path: str, every: list[Candidate], along: list[Along], changed: _Changed) -> Multiple | None:
    """The rule by which an update is a multiple of the derivative; or of it and another array together."""
    for one in every:
        shadows = float((one.value.dual.f * along[0].shadows[path]).sum()), along[0].shadow
        pairs = [(a, each.exact) for a, each in zip(changed.sums(path, one.value, along), along, strict=True)]
        ring, modulus = changed.derivative.ring, changed.derivative.modulus
        factor = multiple(pairs, shadows, ring, modulus, changed.scalars)
        if factor is not None:
            return Multiple(factor, one.rule)
    return next((found for one in every[:1] if (found := _with_others(path, one, changed))), None)


def _with_others(path: str, one: Candidate, changed: _Changed) -> Multiple | None:
    """Descent with a decay of the weights, with a velocity, or both: arrays from before the update."""
    alike = [other for other in changed.changes if changed.changes[other][0].shape == one.value.shape and other != path]
    pairs = [(path, other) for other in alike]
    return next(
        (
            found
            for others in ((path,), *((each,) for each in alike), *pairs)
            if (found := _with(others, path, one, changed))
        ),
        None,
    )


def _with(others: tuple[str, ...], path: str, one: Candidate, changed: _Changed) -> Multiple | None:
    derivative = changed.derivative
    along = [derivative.along((path,), number) for number in range(1, len(others) + 3)]
    sides = [
        changed.sums(path, value, along) for value in (one.value, *(changed.changes[other][0] for other in others))
    ]
    rows = [(a, each.exact, *q) for each, a, *q in zip(along, *sides, strict=True)]
    found = combination(rows, derivative.ring, derivative.modulus, changed.scalars)
    if found is None or any(each.fraction is None for each in found[1:]):
        return None
    besides = [f"{each} times {other}" for each, other in zip(found[1:], others, strict=True)]
    decay = found[1] if others[0] == path else None
    if found[0].fraction is not None:
        return Multiple(found[0], one.rule, " and ".join(besides), decay)
    rate = None if decay is None else _before(decay, found[0], changed)
    if rate is None:
        return None
    return Multiple(rate, one.rule, " and ".join((*besides, "a decay after the step")))


def _before(decay: Factor, factor: Factor, changed: _Changed) -> Factor | None:
    """The rate where the step itself has decayed too: W = (1 - decay) (W - rate dW); None where it is none."""
    left = 1 - decay.residue
    if left % changed.derivative.ring.p == 0:
        return None
    rate = factor.residue * pow(left, -1, factor.modulus) % factor.modulus
    made = named(Factor(rate, factor.modulus, float("nan")), changed.derivative.ring, changed.scalars)
    return made if made.fraction is not None else None


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
    return bool(set.intersection(*(each.rates for each in found)))


def _of_entries(kept: Mapping[str, list[Candidate]], changed: _Changed) -> Multiple | None:
    """The factor of at least half the entries of the smallest array, and at least two of them."""
    for path in sorted(kept, key=lambda path: changed.changes[path][0].size):
        true = [int(changed.derivative.entry(path, index).d.item()) for index in _indices(path, changed)]
        for one in kept[path]:
            factor = _most_frequent([int(x) for x in one.value.dual.x.ravel()], true, changed)
            if factor is not None:
                return Multiple(factor, one.rule)
    return None


def _indices(path: str, changed: _Changed) -> Any:
    return np.ndindex(changed.changes[path][0].shape)


def _most_frequent(values: list[int], true: list[int], changed: _Changed) -> Factor | None:
    ring, modulus = changed.derivative.ring, changed.derivative.modulus
    pairs = [(a, b) for a, b in zip(values, true, strict=True) if b % ring.p]
    ratios = Counter(a * pow(b, -1, modulus) % modulus for a, b in pairs)
    residue, count = max(ratios.items(), key=lambda item: item[1], default=(0, 0))
    if count < 2 or 2 * count < len(pairs) or not residue:
        return None
    factor = named(Factor(residue, modulus, float("nan")), ring, changed.scalars)
    return factor if factor.fraction is not None and factor.shadow > 0 else None


def _recovered(common: Multiple | None, kept: Mapping[str, list[Candidate]], changed: _Changed) -> dict[str, RingArray]:
    """The gradients behind the other updates, if they follow the same rule with the same factor.

    Of several candidates the one whose memory has grown by its square.
    """
    ring, modulus = changed.derivative.ring, changed.derivative.modulus
    exact = None if common is None else in_full(common.factor, ring, modulus, changed.scalars)
    if common is None or exact is None or common.factor.fraction is None:
        return {}
    got: dict[str, RingArray] = {}
    for path, every in kept.items():
        fitting = [one for one in every if one.rule == common.rule and consistent(one, exact, changed.changes, ring)]
        if len(fitting) == 1:
            got[path] = divided(fitting[0].value, exact, common.factor.shadow, ring)
    return got

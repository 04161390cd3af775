"""Gradients beside the derivative: all at once, and only where they differ one by one, then entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from rnnproof.domains.padic import Untold
from rnnproof.domains.ring_array import RingArray
from rnnproof.properties.exactly import SHADOW, Unequal, risky
from rnnproof.usecases.gradients.arguments import Arguments
from rnnproof.usecases.gradients.derivative import Along, Derivative
from rnnproof.usecases.gradients.multiple import Factor, combination, multiple
from rnnproof.usecases.gradients.subtracted import DIRECTIONS
from rnnproof.usecases.gradients.tree import leaves
from rnnproof.usecases.gradients.update import Update

T = TypeVar("T")
RUNS = 20  # that explaining one wrong gradient may take


@dataclass(frozen=True, eq=False)
class Found:
    """What one execution found. ``got``: the gradients compared; ``wrong``: those that are no derivative.

    ``factors``: wrong gradients that are an exact multiple. ``exchanged``: those that are the derivative by
    another argument. ``penalties``: those that are the derivative and a multiple of the argument besides.
    ``thresholds``: of a clip by the norm, which explains the factors. ``sampled``: not every entry was looked at.
    ``loss``: its float. ``idle``: it depends on none of the arguments.
    """

    got: Mapping[str, RingArray]
    differences: list[Unequal]
    wrong: tuple[str, ...] = ()
    factors: Mapping[str, Factor] | None = None
    exchanged: Mapping[str, str] | None = None
    penalties: Mapping[str, str] | None = None
    loss: float = 0.0
    arguments: Arguments | None = None
    idle: bool = False
    update: Update | None = None
    thresholds: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    sampled: bool = False

    @property
    def total(self) -> int:
        """How many entries were looked at one by one."""
        return sum(each.got.x.size for each in self.differences)


def apart(found: Found) -> bool:
    """Whether the floats differ too, by more than rounding does.

    Relative to the largest entry of the gradient, and to the loss over the argument: a derivative that is zero, or
    nearly so, because terms of that size cancel is known no better.
    """
    return any(_is_apart(each, found) for each in found.differences)


def _is_apart(difference: Unequal, found: Found) -> bool:
    own = np.max(np.abs(found.arguments.unknown[difference.name[1:]])) if found.arguments is not None else 1.0
    sizes = [np.max(np.abs(difference.got.f)), np.max(np.abs(difference.true.f)), abs(found.loss) / (own or 1.0)]
    with np.errstate(all="ignore"):
        return bool(np.any(np.abs(difference.got.f - difference.true.f)[difference.wrong] > SHADOW * max(sizes)))


class Differing(Exception):
    """They differ; where was not asked."""


def compared(got: Mapping[str, RingArray], derivative: Derivative, brief: bool = False) -> Found:
    """All of them along one random direction; where that differs one by one, then entry by entry.

    Errors: Differing instead, if ``brief``.
    """
    derivative.tell("the derivative along a random direction")
    along = derivative.along(got, 1)
    idle = along.exact == 0 and along.shadow == 0
    values = {path: value.dual.x for path, value in got.items()}
    if (along.times(values) - along.exact) % derivative.modulus == 0:
        return Found(got, [], idle=idle)
    if brief:
        raise Differing
    wrong = tuple(path for path, value in got.items() if not derivative.agrees({path: value}))
    told = _explained(got, wrong, derivative) if derivative.has_time(RUNS * len(wrong)) else ({}, {}, {})
    differences: list[Unequal] = []
    for path in wrong:
        differences += derivative.beside(path, got[path])
        counts = not risky(derivative.ring) or apart(
            Found(got, differences, loss=along.loss, arguments=derivative.arguments)
        )
        if differences and (counts or not derivative.has_time(RUNS)):
            break  # the others are named
    sampled = not all(derivative.looks_at_all(each.name[1:]) for each in differences)
    return Found(got, differences, wrong, *told, along.loss, derivative.arguments, idle, sampled=sampled)


Explained = tuple[dict[str, Factor], dict[str, str], dict[str, str]]


def _explained(got: Mapping[str, RingArray], wrong: tuple[str, ...], derivative: Derivative) -> Explained:
    """Of the wrong gradients: those that are a multiple, by another argument, or hold a penalty."""
    directions = {path: [derivative.along((path,), number) for number in DIRECTIONS] for path in wrong}
    factors = {path: _multiple(path, got[path], directions[path], derivative) for path in wrong}
    penalties = {path: _penalty(path, got[path], directions[path], derivative) for path in wrong}
    return _told(factors), _told({path: _other(path, got, derivative) for path in wrong}), _told(penalties)


def _told(by_path: Mapping[str, T | None]) -> dict[str, T]:
    return {path: told for path, told in by_path.items() if told is not None}


def _multiple(path: str, value: RingArray, along: list[Along], derivative: Derivative) -> Factor | None:
    pairs = [(each.times({path: value.dual.x}), each.exact) for each in along]
    shadows = float(np.sum(value.dual.f * along[0].shadows[path])), along[0].shadow
    return multiple(pairs, shadows, derivative.ring, derivative.modulus, {})


def _penalty(path: str, value: RingArray, along: list[Along], derivative: Derivative) -> str | None:
    """The multiple of the argument itself that is added to its derivative, as for a penalty of its squares."""
    lifted = derivative.arguments.lifted(derivative.ring)
    own = dict(leaf for name, inner in lifted.items() for leaf in leaves(inner, name))[path]
    sides = ([each.times({path: array.dual.x}) for each in along] for array in (value, own))
    rows = [(a, each.exact, q) for each, a, q in zip(along, *sides, strict=True)]
    try:
        found = combination(rows, derivative.ring, derivative.modulus, derivative.scalars)
    except Untold:
        return None
    if found is None or found[0].fraction != 1 or found[0].argument or found[1].fraction is None:
        return None
    return f"{found[1]} times {path}"


def _other(path: str, got: Mapping[str, RingArray], derivative: Derivative) -> str | None:
    """The argument that this is the derivative by, instead."""
    alike = [other for other in got if other != path and got[other].shape == got[path].shape]
    return next((other for other in alike if derivative.agrees({other: got[path]})), None)

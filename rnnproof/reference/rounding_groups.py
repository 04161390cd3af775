"""Balls of groups of rows, each of a length of its own, put together as those of a whole batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.model.case import Array
from rnnproof.reference.wiring import Group


def sequence_of(
    parts: Sequence[tuple[Group, Bounded]],
    shape: tuple[int, ...],
    padding: float = 0.0,
    put: Callable[[Group, Array, Array], None] = Group.put,
) -> Bounded:
    """Sequences (...,L,b,.) of groups as one of this shape: nothing was put where it is 0, to within ``padding``."""
    if len(parts) == 1 and parts[0][0].whole(*shape[-3:-1]):
        return parts[0][1]
    value = np.zeros(shape)
    radius = np.full_like(value, padding)
    for group, ball in parts:
        put(group, ball.value, value)
        put(group, ball.radius, radius)
    return Bounded(value, radius)


def rows_of(parts: Sequence[tuple[Group, Bounded]]) -> Bounded:
    """States (...,b,.) of groups as one, (...,B,.)."""
    order = np.argsort(np.concatenate([group.rows for group, _ in parts]))
    value, radius = (np.concatenate([getattr(ball, part) for _, ball in parts], -2) for part in ("value", "radius"))
    return Bounded(value[..., order, :], radius[..., order, :])

"""In which format numbers were computed that are right in a lower one than is claimed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import FORMATS, Format
from rnnproof.model.case import Array

Judged = tuple[Array, Bounded, Array]  # an array, what it should be, and where it is not


def computed_in(wrong: Sequence[Judged], form: Format) -> str | None:
    """The format below in which every wrong array was computed: each of its numbers is one of that format's.

    And every wrong one is inside the ball that the format would have; radii grow as units do. The coarsest such
    format: its numbers are most often those of a finer one too. Of true values that are themselves numbers of the
    lower format, such as 1/2, nothing can be told: they are fewer than half.
    """
    return next((other.name for other in below(form) if _computed_in(other, form, wrong)), None)


def below(form: Format) -> Iterator[Format]:
    """The formats of fewer digits than one has, the coarsest first."""
    return (other for other in reversed(tuple(FORMATS.values())) if other.roundoff > form.roundoff)


def _computed_in(other: Format, form: Format, wrong: Sequence[Judged]) -> bool:
    return all(_right_as(other, form, *each) for each in wrong) and 2 * _chance(other, wrong) < _entries(wrong)


def _right_as(other: Format, form: Format, got: Array, ball: Bounded, where: Array) -> bool:
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.float64) - ball.value)[where]
        inside = bool(np.all(error <= other.roundoff / form.roundoff * ball.radius[where]))
    return inside and bool(are_of(other, got).all())


def _chance(other: Format, wrong: Sequence[Judged]) -> int:
    """How many wrong entries should be numbers of the lower format, whatever they were computed in."""
    return sum(int(are_of(other, np.broadcast_to(ball.value, where.shape)[where]).sum()) for _, ball, where in wrong)


def _entries(wrong: Sequence[Judged]) -> int:
    return sum(int(where.sum()) for *_, where in wrong)


def are_of(other: Format, numbers: Array) -> Array:
    """Which numbers are numbers of a format."""
    exact = numbers.astype(np.float64)
    with np.errstate(all="ignore"):
        return np.asarray(exact.astype(other.name).astype(np.float64) == exact)


def told(lower: str, form: Format) -> str:
    """In which format the numbers were computed, and which was claimed."""
    return f"computed in {lower}; {form.name} is claimed: every number is {lower}'s, and right as such"

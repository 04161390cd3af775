"""In which format numbers were computed that are right in a lower one than is claimed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import FORMATS, Format
from rnnproof.model.case import Array

Judged = tuple[Array, Bounded, Array]  # an array, what it should be, and where it is not


def computed_in(wrong: Sequence[Judged], form: Format) -> str | None:
    """The format below in which every wrong array was computed: each of its numbers is one of that format's.

    And every wrong one is inside the ball that the format would have; radii grow as units do. The coarsest such
    format: its numbers are most often those of a finer one too.
    """
    below = (other for other in reversed(tuple(FORMATS.values())) if other.roundoff > form.roundoff)
    return next((other.name for other in below if all(_right_as(other, form, *each) for each in wrong)), None)


def _right_as(other: Format, form: Format, got: Array, ball: Bounded, where: Array) -> bool:
    with np.errstate(all="ignore"):
        numbers = got.astype(np.float64)
        error = np.abs(numbers - ball.value)[where]
        inside = bool(np.all(error <= other.roundoff / form.roundoff * ball.radius[where]))
        return inside and np.array_equal(got.astype(other.name).astype(np.float64), numbers)

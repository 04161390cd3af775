"""Arrays with an axis of gates, where NumPy took a smaller one for all of them.

``x @ W`` with W (I,H) gives every gate the same pre-activation where W (4,I,H) was meant, and nothing raises: a
set of shapes that runs may be too small, and is taken for all that there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from rnnproof.conventions.asked import Shape
from rnnproof.conventions.box import Box
from rnnproof.conventions.shapes import Learned, filled, inputs
from rnnproof.conventions.unread import Given, unread_of
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network

GATES = (4, 3, 2)
MOST = 6  # arrays: each is tried with its axis and without


def wider(box: Box, like: Network, learned: Learned) -> Iterator[Learned]:
    """The sets in which arrays have an axis of gates more and every number is read, the largest first.

    Errors: OutOfTime.
    """
    if learned.unread or box.shapes(like) is not None or len(learned.shapes) > MOST:
        return
    for gates in GATES:
        ways = [[*_with_axis(shape, gates), shape] for shape in learned.shapes.values()]
        for shapes in product(*ways):
            larger = dict(zip(learned.shapes, shapes, strict=True))
            if larger != learned.shapes and _every_number_read(box, like, replace(learned, shapes=larger)):
                yield replace(learned, shapes=larger)


def _with_axis(shape: Shape, gates: int) -> Iterator[Shape]:
    """The shapes that give this one where the axis has length 1: the row of a bias with an axis for the batch too."""
    inner = shape[1:] if shape[0] == 1 else shape
    if len(inner) in (1, 2):
        yield (gates, *inner)
    if len(inner) == 1:
        yield (gates, 1, *inner)


def _every_number_read(box: Box, like: Network, learned: Learned) -> bool:
    given = Given(box, like, learned.form, filled(learned.shapes, box.dtype), *inputs(like, box.sizes, box.dtype))
    try:
        return not unread_of(given, given.run())
    except RnnproofError:
        return False

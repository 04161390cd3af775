"""Arrays with an axis of gates, where NumPy took a smaller one for all of them.

``x @ W`` with W (I,H) gives every gate the same pre-activation where W (4,I,H) was meant, and nothing raises: a
set of shapes that runs may be too small, and is taken for all that there is. So is ``b[0] + b[1]`` with b (H,).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from rnnproof.conventions.asked import Shape
from rnnproof.conventions.box import Box
from rnnproof.conventions.shapes import Learned, candidates, filled, inputs
from rnnproof.conventions.unread import Given, unread_of
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network

GATES = (4, 3, 2)
MOST = 6  # arrays: each is tried with its axis and without


def wider(box: Box, like: Network, learned: Learned) -> Iterator[Learned]:
    """The sets in which an array is larger and every number is read: with an axis of gates more, the largest first.

    Where numbers of one array are not read, that array in any other shape.
    Errors: OutOfTime.
    """
    if box.shapes(like) is not None or len(learned.shapes) > MOST or len(learned.unread) > 1:
        return
    for shapes in _unlike(box, like, learned) if learned.unread else _with_gates(learned):
        larger = replace(learned, shapes=dict(zip(learned.shapes, shapes, strict=True)), unread={})
        if larger.shapes != learned.shapes and _every_number_read(box, like, larger):
            yield larger


def _with_gates(learned: Learned) -> Iterator[tuple[Shape, ...]]:
    for gates in GATES:
        yield from product(*([*_with_axis(shape, gates), shape] for shape in learned.shapes.values()))


def _unlike(box: Box, like: Network, learned: Learned) -> Iterator[tuple[Shape, ...]]:
    """As ``b[0]`` and ``b[1]`` of b (H,) are numbers that NumPy broadcasts, and rows of b (2,H)."""
    return product(
        *(
            candidates(name, like, box.sizes, rare=True) if name in learned.unread else (shape,)
            for name, shape in learned.shapes.items()
        )
    )


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

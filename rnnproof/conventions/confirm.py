"""A reading on fresh cases, judged as any target is; and whether two readings are one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnproof.conventions.box import Box
from rnnproof.conventions.told import in_dialect
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import pack, read
from rnnproof.domains.formats import claimed
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network
from rnnproof.model.verdict import Outcome
from rnnproof.properties import forward
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.trial import Trial
from rnnproof.strategies.cases import Draw, fill

# Of other sizes than those a reading was found at: ordinary, saturated, huge numbers.
CASES = (
    Draw(4, 3, 2, 3, 2, 2, 11, "typical", 8),
    Draw(5, 2, 4, 6, 3, 3, 12, "typical", 8),
    Draw(3, 2, 3, 4, 2, 2, 13, "saturated", 8),
    Draw(2, 2, 2, 3, 2, 2, 14, "huge", 6),
    Draw(1, 1, 5, 2, 1, 1, 15, "exploding", 8),
)


def fits(box: Box, network: Network, dialect: Dialect) -> bool:
    """Whether the target behaves as the network on fresh cases of other sizes, within the derived bounds.

    Errors: OutOfTime.
    """
    return agrees(box, network, in_dialect(box, dialect), [sized(box, draw) for draw in CASES])


def agrees(box: Box, network: Network, told: Any, draws: Sequence[Draw]) -> bool:
    """Whether an implementation passes on each of these cases, and some can be decided. Errors: OutOfTime."""
    form = claimed(box.dtype, box.claims)
    decided = 0
    for draw in draws:
        case = fill(network, draw, box.dtype)
        try:
            verdict = forward.values(Trial(case, told, Bounds(case, form)))
        except RnnproofError:
            return False
        if verdict.outcome in (Outcome.FAILED, Outcome.ERROR):
            return False
        decided += verdict.outcome is Outcome.PASSED
    return decided > 0


def sized(box: Box, draw: Draw) -> Draw:
    """The draw at sizes that the target takes."""
    claimed_sizes = dict(box.claims.sizes or ())
    own: dict[str, Any] = {k: v[0] for k, v in claimed_sizes.items() if getattr(draw, k) not in v}
    return replace(draw, **own)


def one_function(first: tuple[Network, Dialect], second: tuple[Network, Dialect]) -> bool:
    """Whether two readings say the same of the same arrays, by the bounds of both, whatever the target's sizes."""
    (network, dialect), (other, its) = first, second
    if network.states != other.states:
        return False
    for draw in CASES[:3]:
        case = fill(network, draw, "float64")
        shapes = other.shapes(case.sizes)
        arrays = pack(dialect, case.parameters)
        try:
            parameters = read(its, arrays, shapes)
            same = Bounds(replace(case, network=other, parameters=parameters))
        except RnnproofError:
            return False
        mine, theirs = forward.balls(Bounds(case)), forward.balls(same)
        if any(np.any(where) for where in forward.apart(mine, theirs).values()):
            return False
    return True

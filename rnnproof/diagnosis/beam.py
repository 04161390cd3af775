"""Many hypotheses sifted: those that agree, and the best of all, from which a search goes on."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable

from rnnproof.diagnosis.agreement import Score
from rnnproof.diagnosis.hypothesis import Hypothesis


def sifted(
    children: Iterable[Hypothesis],
    width: int,
    points: Callable[[Hypothesis], Score],
    agrees: Callable[[Hypothesis], bool],
) -> tuple[list[Hypothesis], list[Hypothesis]]:
    """The best so many, the earlier of two equal ones first; and those that agree, asked of where nothing is off."""
    scored: list[tuple[Score, int, Hypothesis]] = []
    found: list[Hypothesis] = []
    for child in children:
        scored.append((points(child), -len(scored), child))
        if not scored[-1][0][1] and agrees(child):
            found.append(child)
    return [child for _, _, child in heapq.nlargest(width, scored)], found

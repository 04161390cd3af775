"""The lecture's slot filling: a sentence read word by word, by three witnesses, and a slot for every word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from rnnproof.catalogue import lecture_slots as page
from rnnproof.catalogue import network
from rnnproof.cells import PlainTarget, plain_target
from rnnproof.domains.bounded import Bounded, exact
from rnnproof.domains.formats import FORMATS
from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Sizes
from rnnproof.reference.rounding import run_in_balls
from rnnproof.symbolic import bind, evaluate_exactly, unroll
from rnnproof.usecases.lecture.table import Vector, fractions, vector
from rnnproof.usecases.lecture.words import COMPONENTS, KINDS, Word

Weights = Mapping[str, Any]
Step = Callable[[Vector, int], tuple[Vector, Vector]]
NETWORK = network(page.NETWORK)
UNITS = tuple(f"h_{k}" for k in range(1, len(page.HIDDEN) + 1))
START: Vector = (Fraction(0),) * len(UNITS)


@dataclass(frozen=True)
class Reading:
    """One word read: the hidden layer's output before, its output now, the scores, and the slot that they choose.

    ``lead``: by how much the slot's score exceeds the next one's.
    """

    word: Word
    before: Vector
    hidden: Vector
    scores: Vector
    slot: str
    lead: Fraction


@dataclass(frozen=True)
class Labelled:
    """A sentence, word by word. ``radius``: the largest of any number, how far right code can be off at most."""

    readings: tuple[Reading, ...]
    radius: Fraction


def weights() -> dict[str, Any]:
    """The page's weights as arrays. Shapes: W_h (H,I), U_h (H,H), b_h (H,), W_y (O,H), b_y (O,)."""
    return {
        "W_h": _matrix(page.HIDDEN, KINDS),
        "U_h": _matrix(page.HIDDEN, UNITS),
        "b_h": _matrix(page.HIDDEN, ("1",))[:, 0],
        "W_y": _matrix(page.SCORES, UNITS),
        "b_y": _matrix(page.SCORES, ("1",))[:, 0],
    }


def _matrix(rows: Sequence[Mapping[str, int]], columns: Sequence[str]) -> Any:
    return np.array([[float(row.get(column, 0)) for column in columns] for row in rows])


def one_hot(components: Sequence[int]) -> Any:
    """x, each word 1 in its own component and 0 in all others. Shapes: (T,I)."""
    return np.eye(COMPONENTS)[list(components)]


def cells() -> PlainTarget:
    """The same network, written by hand in NumPy."""
    return plain_target("elman", **dict(NETWORK.options))


def label(words: Sequence[Word], weights: Weights) -> Labelled:
    """Every word's slot: exactly, by SymPy; in floats, by the NumPy cells; in balls, by the reference.

    Errors: VerificationFailed where one of the first two leaves its ball, or where a slot is not ahead of the next
    by more than the radii of both scores.
    """
    readings = _exactly(words, stepper(weights))
    x, memory = one_hot([word.component for word in words])[:, np.newaxis], np.zeros((1, len(UNITS)))
    balls = run_in_balls(NETWORK, weights, x, {"h": exact(memory)}, FORMATS["float64"])
    outputs, _ = cells().run(weights, x, {"h": memory})
    hidden = cells().states(weights, x, {"h": memory})["h"]
    radii = _inside(readings, "hidden", hidden, balls.states()["h"])
    scores = _inside(readings, "scores", outputs, balls.outputs)
    for reading, radius in zip(readings, scores, strict=True):
        if reading.lead <= 2 * radius:
            raise VerificationFailed(
                f"slot filling, {reading.word.text}: the slot {reading.slot} is ahead by {reading.lead}, "
                f"which rounding can undo: each score is known within {float(radius):.1e}"
            )
    return Labelled(readings, max(radii + scores))


def stepper(weights: Weights) -> Step:
    """One step, derived by SymPy from the equations: (memory, component of the word) to (hidden, scores), exactly."""
    program = unroll(NETWORK, Sizes(T=1, B=1, I=COMPONENTS, H=len(UNITS), O=len(page.SLOTS)))
    known = bind(program, weights)
    hidden, scores = program.results["h"], program.results["outputs"]

    @cache
    def step(before: Vector, component: int) -> tuple[Vector, Vector]:
        x = [int(k == component) for k in range(COMPONENTS)]
        values = evaluate_exactly(program, known | bind(program, {"x": x, "h": before}))
        return fractions(values[name] for name in hidden), fractions(values[name] for name in scores)

    return step


def _exactly(words: Sequence[Word], step: Step) -> tuple[Reading, ...]:
    readings, before = [], START
    for word in words:
        hidden, scores = step(before, word.component)
        readings.append(Reading(word, before, hidden, scores, *chosen(scores)))
        before = hidden
    return tuple(readings)


def chosen(scores: Vector) -> tuple[str, Fraction]:
    """The slot with the largest score, and by how much it is ahead of the next; 0 where two share the first place."""
    best, second = sorted(scores, reverse=True)[:2]
    return page.SLOTS[scores.index(best)], best - second


def _inside(readings: Sequence[Reading], column: str, computed: Any, balls: Bounded) -> list[Fraction]:
    """What SymPy derives and what the cells compute is in each ball; the largest radius of each step.

    Shapes: computed and balls (T,1,.).
    """
    radii = []
    for t, reading in enumerate(readings):
        centre, radius = fractions(balls.value[t, 0]), fractions(balls.radius[t, 0])
        derived, found = getattr(reading, column), fractions(computed[t, 0])
        for who, numbers in (("SymPy derives", derived), ("the NumPy cells give", found)):
            if any(abs(a - b) > r for a, b, r in zip(numbers, centre, radius, strict=True)):
                raise VerificationFailed(
                    f"slot filling, word {t + 1}, {reading.word.text}, {column}: {who} {vector(numbers)}, "
                    f"but the reference gives {vector(centre)} within {float(max(radius)):.1e}"
                )
        radii.append(max(radius))
    return radii

"""What holds of slot filling for every sentence, however long: with memory the rule; without it, one slot a word.

The hidden layer reaches only a few values, so every sentence is a walk among them: from each, every word is read once,
exactly, and what holds of these steps holds of all sentences, by induction over their words. The last verb before a
word, which the rule goes by, is carried along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from rnnproof.catalogue import lecture_slots as page
from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Sizes
from rnnproof.symbolic import unroll
from rnnproof.symbolic.program import Line, leading_to
from rnnproof.usecases.lecture.slots import NETWORK, START, UNITS, Step, Weights, cells, chosen, one_hot, stepper
from rnnproof.usecases.lecture.table import Vector, fractions, vector
from rnnproof.usecases.lecture.words import COMPONENTS, KINDS, VOCABULARY

MOST_MEMORIES = 200  # more than that, and nothing is said of every sentence
Situation = tuple[Vector, str]  # what the hidden layer put out, and the kind of the last verb, "" before any


@dataclass(frozen=True)
class EverySentence:
    """What was read: each word from each situation. ``lead``: the smallest by which a slot is ahead of the next."""

    memories: int
    steps: int
    lead: Fraction


def every_sentence(weights: Weights) -> EverySentence:
    """For every sentence, each word's slot is the rule's; and the NumPy cells compute the same numbers, exactly.

    Errors: VerificationFailed with a shortest sentence that gets another slot, or that the cells read otherwise.
    """
    step = stepper(weights)
    paths: dict[Situation, tuple[int, ...]] = {(START, ""): ()}
    waiting, leads = [(START, "")], []
    for situation in waiting:  # grows while it is walked: the shortest sentences come first
        for component, kind in enumerate(KINDS):
            path = (*paths[situation], component)
            leads.append(_follows_the_rule(step, situation, path))
            after = (step(situation[0], component)[0], kind if kind in page.VERBS else situation[1])
            if after not in paths:
                paths[after] = path
                waiting.append(after)
        if len(paths) > MOST_MEMORIES:
            raise VerificationFailed(f"slot filling: the memory takes more than {MOST_MEMORIES} values")
    memories = list(dict.fromkeys(memory for memory, _ in paths))
    _computed_exactly(step, memories, weights)
    return EverySentence(len(memories), len(memories) * COMPONENTS, min(leads))


def _follows_the_rule(step: Step, situation: Situation, path: tuple[int, ...]) -> Fraction:
    """By how much the right slot is ahead."""
    memory, verb = situation
    should = page.RULE.get((verb, KINDS[path[-1]]), page.OTHER)
    slot, lead = chosen(step(memory, path[-1])[1])
    if slot != should or lead <= 0:
        got = slot if lead > 0 else "no slot alone"
        *_, last = texts = [_text(component) for component in path]
        raise VerificationFailed(f'slot filling, "{" ".join(texts)}": {last} gets {got}, but should get {should}')
    return lead


def _text(component: int) -> str:
    return VOCABULARY[component][0] if component < len(VOCABULARY) else "(another word)"


def _computed_exactly(step: Step, memories: list[Vector], weights: Weights) -> None:
    """The hand-written cells, one step from each memory with each word: the very numbers that SymPy derives."""
    pairs = [(memory, component) for memory in memories for component in range(COMPONENTS)]
    x = one_hot([component for _, component in pairs])
    before = np.array([list(map(float, memory)) for memory, _ in pairs])
    scores, after = cells().step(weights, x, {"h": before})
    for (memory, component), hidden, score in zip(pairs, after["h"], scores, strict=True):
        should, got = step(memory, component), (fractions(hidden), fractions(score))
        if got != should:
            raise VerificationFailed(
                f"slot filling, {_text(component)} from the memory {vector(memory)}: the NumPy cells give "
                f"{vector(got[1])}, but should give {vector(should[1])}, as SymPy derives from the equations"
            )


def memoryless(weights: Weights) -> dict[str, object]:
    """The same weights, with U_h = 0."""
    return {**weights, "U_h": np.zeros_like(weights["U_h"])}


def sources(weights: Weights) -> frozenset[str]:
    """Of two words' inputs and the initial memory, what the scores of the second word are made from.

    The equations are unrolled, and the entries of U_h that are 0 put in. Without memory, what is left are entries of
    x[2] alone: equal words get equal scores, whatever the other weights are.
    """
    sizes = Sizes(T=2, B=1, I=COMPONENTS, H=len(UNITS), O=len(page.SLOTS))
    program = unroll(NETWORK, sizes)
    zeros = {
        name: 0 for name, value in zip(program.arguments["U_h"], np.ravel(weights["U_h"]), strict=True) if value == 0
    }
    lines = leading_to(_with(program.lines, zeros), program.results["outputs"][sizes.O :])
    used = frozenset(name for line in lines for name in line.uses)
    return used & {*program.arguments["x"], *program.arguments["h"]}


def _with(lines: tuple[Line, ...], values: Mapping[str, int]) -> Iterator[Line]:
    for line in lines:
        known = {symbol: values[symbol.name] for symbol in line.expression.free_symbols if symbol.name in values}
        yield Line(line.name, line.expression.xreplace(known))

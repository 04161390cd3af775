"""The lecture's slot filling as plain text, 80 columns wide: a sentence, or the lecture's two side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from rnnproof.catalogue import lecture_slots as page
from rnnproof.errors import VerificationFailed
from rnnproof.usecases.lecture.slots import UNITS, Labelled, Reading, Weights, label, weights
from rnnproof.usecases.lecture.slots_network import described
from rnnproof.usecases.lecture.slots_proof import every_sentence, memoryless, sources
from rnnproof.usecases.lecture.table import WIDTH, aligned, cut, folded, listed
from rnnproof.usecases.lecture.words import Word, read

LONGEST = 14  # columns of a word in a table; what is longer is cut


def show_slots(sentence: str | None = None) -> str:
    """A sentence word by word, or without one the lecture's two, side by side.

    Errors: UsageError for a sentence without a word; VerificationFailed where the witnesses do not agree, where some
    sentence gets another slot than the rule's, or where memory makes no difference.
    """
    given = weights()
    shown = _pair(given) if sentence is None else _one(read(sentence), given)
    return "\n".join([*described(given), "", *shown, "", *_every(given), "", *folded(f"From {page.CITATION}.")])


def _one(words: Sequence[Word], given: Weights) -> list[str]:
    found = label(words, given)
    return [
        f'Word by word: "{cut(" ".join(word.text for word in words), WIDTH - 16)}"',
        "",
        *_table(found.readings),
        "",
        *folded(f"The scores, in their order, are those of {listed(page.SLOTS)}. The largest gives the slot."),
        "",
        *_filled(found.readings),
        *_unknown(words),
        "",
        *_agreed([found]),
    ]


def _table(readings: Iterable[Reading]) -> list[str]:
    head = ("word", "memory before", "memory after", "scores", "slot")
    rows = [(_word(r), _digits(r.before), _digits(r.hidden), _digits(r.scores), r.slot) for r in readings]
    return aligned([head, *rows])


def _word(reading: Reading) -> str:
    return cut(reading.word.text, LONGEST)


def _digits(numbers: Iterable[Any]) -> str:
    return " ".join(map(str, numbers))


def _filled(readings: Iterable[Reading]) -> list[str]:
    """What fills each slot, neighbours with the same slot together."""
    runs = [(slot, " ".join(r.word.text for r in run)) for slot, run in groupby(readings, lambda r: r.slot)]
    rows = [(f"    {slot}", cut(text, WIDTH - 24)) for slot, text in runs if slot != page.OTHER]
    if not rows:
        return folded("Every word is labelled other: no place and no date follows a verb.")
    return aligned(rows)


def _unknown(words: Sequence[Word]) -> list[str]:
    unknown = dict.fromkeys(cut(word.text, WIDTH // 2) for word in words if not word.known)
    if not unknown:
        return []
    return ["", *folded(f'Not in the vocabulary, and so read as the component "other": {", ".join(unknown)}.')]


def _agreed(found: Sequence[Labelled]) -> list[str]:
    radius = float(max(one.radius for one in found))
    lead = min(reading.lead for one in found for reading in one.readings)
    return folded(
        f"Derived by SymPy, computed by the hand-written NumPy cells, and bounded by the reference: the first two lie "
        f"in the balls of the third, whose radii (how far any right code can be off) are at most {radius:.1e}. Every "
        f"slot's score is ahead of the next by {lead} or more, so no rounding can change a slot."
    )


def _pair(given: Weights) -> list[str]:
    one, other = found = [label(read(sentence), given) for sentence in page.SENTENCES]
    step = _same_word(one, other)
    seen = [k for k in range(len(UNITS)) if np.any(given["U_h"][:, k])]
    names = [" ".join(r.word.text for r in each.readings[: step + 1]) for each in found]
    return [
        "The lecture's two sentences side by side:",
        "",
        *_beside(one, other, seen),
        "",
        *folded(f"Memory: {_digits(UNITS[k] for k in seen)} before the word, the units that U_h reads."),
        "",
        f"In both, word {step + 1} is {one.readings[step].word.text}:",
        "",
        *_column_each(names, [each.readings[step] for each in found]),
        "",
        *folded("The same word, the same input vector, gets two slots: the memory before it differs."),
        "",
        *_without_memory(given, names, step),
        "",
        *_agreed(found),
    ]


def _same_word(one: Labelled, other: Labelled) -> int:
    """The first step at which both read the same word, and give it different slots."""
    for step, (a, b) in enumerate(zip(one.readings, other.readings, strict=True)):
        if a.word == b.word and a.slot != b.slot:
            return step
    raise VerificationFailed("slot filling: the lecture's two sentences get the same slots, as if without memory")


def _beside(one: Labelled, other: Labelled, seen: Sequence[int]) -> list[str]:
    head = ("word", "memory", "slot")
    sides = [[(_word(r), _digits(r.before[k] for k in seen), r.slot) for r in each.readings] for each in (one, other)]
    return aligned([(*a, "", *b) for a, b in zip([head, *sides[0]], [head, *sides[1]], strict=True)])


def _column_each(names: Sequence[str], readings: Sequence[Reading]) -> list[str]:
    return aligned(
        [
            ("", *(f'"{name}"' for name in names)),
            ("input", *(f"component {r.word.component + 1} is 1" for r in readings)),
            ("memory before", *(_digits(r.before) for r in readings)),
            ("memory after", *(_digits(r.hidden) for r in readings)),
            ("scores", *(_digits(r.scores) for r in readings)),
            ("slot", *(r.slot for r in readings)),
        ]
    )


def _without_memory(given: Weights, names: Sequence[str], step: int) -> list[str]:
    """With U_h = 0, derived and then run."""
    bare = memoryless(given)
    used = sources(bare)
    readings = [label(read(sentence), bare).readings[step] for sentence in page.SENTENCES]
    if any(not name.startswith("x[2]") for name in used) or readings[0].scores != readings[1].scores:
        raise VerificationFailed("slot filling: with U_h = 0 a word's scores still depend on what was read before")
    return [
        *folded(
            f"Without memory, U_h = 0. Of a word's scores, unrolled, there is then left: {len(used)} components of "
            f"its own x and the weights; nothing of the word before, nothing of h. So whatever the other weights, "
            f"equal words get equal scores, and {readings[0].word.text} is labelled wrongly in one of the two "
            f"sentences at least. With the weights above:"
        ),
        "",
        *aligned(
            [
                ("", *(f'"{name}"' for name in names)),
                ("scores, U_h = 0", *(_digits(r.scores) for r in readings)),
                ("slot, U_h = 0", *(r.slot for r in readings)),
            ]
        ),
    ]


def _every(given: Weights) -> list[str]:
    proof = every_sentence(given)
    rule = [(f"    {kind} after {_an(verb)}", slot) for (verb, kind), slot in page.RULE.items()]
    return [
        "And for every sentence, however long, the slots are those of the rule",
        "",
        *aligned([*rule, ("    any other word", page.OTHER)]),
        "",
        *folded(
            f"where the last verb before the word counts. By induction: the memory reaches only {proof.memories} "
            f"values; from each, each component was read once, {proof.steps} steps in all, exactly. Each of these "
            f"gives the rule's slot, ahead by {proof.lead} or more, and one of the {proof.memories} values again. The "
            f"NumPy cells compute the same {proof.steps} steps, equal in every number."
        ),
    ]


def _an(verb: str) -> str:
    return f"{'an' if verb[0] in 'aeiou' else 'a'} {verb}"

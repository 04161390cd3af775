"""The network of slot filling as plain text: its equations, its vocabulary, and its weights read from the arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

from rnnproof.catalogue import lecture_slots as page
from rnnproof.model.equation import Elementwise
from rnnproof.usecases.lecture.slots import NETWORK, UNITS, Weights
from rnnproof.usecases.lecture.table import WIDTH, aligned, folded
from rnnproof.usecases.lecture.words import COMPONENTS, KINDS, VOCABULARY


def described(given: Weights) -> list[str]:
    """The equations, what x and h are, and the rows of the weights that are not 0."""
    kinds = {kind: ", ".join(word for word, its in VOCABULARY if its == kind) for kind in page.WORDS}
    kinds[page.OTHER] += ", and every word not listed"
    named = [row for kind, words in kinds.items() for row in _rows(kind, words)]
    return [
        f"The lecture's slot filling: {NETWORK.name}",
        "",
        *(f"    {equation}" for equation in NETWORK.step.equations),
        "",
        *folded(
            f"x is the word: {COMPONENTS} components, 1 in the word's own and 0 in all others; the last is that of "
            f"every word not in the vocabulary. The vocabulary, by kinds of words:"
        ),
        "",
        *aligned(named),
        "",
        "h is the memory: what the hidden layer put out at the word before, at first 0.",
        'The weights that are not 0, row by row, where "place" is 1 at a place, else 0:',
        "",
        *_weights(given),
    ]


def _rows(kind: str, words: str) -> list[tuple[str, str]]:
    lines = wrap(words, WIDTH - 16)
    return [(f"    {kind if k == 0 else ''}", line) for k, line in enumerate(lines)]


def _weights(given: Weights) -> list[str]:
    """The rows of both affine equations, as the arrays have them."""
    (activation,) = (e for e in NETWORK.cell.equations if isinstance(e, Elementwise))
    (z,) = (symbol.name for symbol in activation.expression.free_symbols)
    words = [*(word for word, _ in VOCABULARY), page.OTHER]
    lines, rows = [], []
    for k, unit in enumerate(UNITS):
        terms = [*zip(UNITS, given["U_h"][k], strict=True), *_by_kind(given["W_h"][k], words), ("", given["b_h"][k])]
        row = f"    {_primed(unit)} = {str(activation.expression).replace(z, _sum(terms))}"
        rows.append((row, page.MEANING[k]))
    for k, slot in enumerate(page.SLOTS):
        terms = [*zip(map(_primed, UNITS), given["W_y"][k], strict=True), ("", given["b_y"][k])]
        lines.append(f"    score of {slot} = {_sum(terms)}")
    return [*aligned(rows), *lines]


def _primed(unit: str) -> str:
    return unit.replace("_", "'_")


def _by_kind(row: Any, words: Sequence[str]) -> Iterable[tuple[str, float]]:
    """A weight for each kind of word; for each word, where those of one kind differ."""
    for kind in dict.fromkeys(KINDS):
        mine = [(word, value) for word, its, value in zip(words, KINDS, row, strict=True) if its == kind]
        values = {value for _, value in mine}
        yield from mine if len(values) > 1 else [(kind, values.pop())]


def _sum(terms: Iterable[tuple[str, float]]) -> str:
    """h_1 + h_2 - arrival - 1; the terms that are subtracted last."""
    parts = sorted(((name, value) for name, value in terms if value), key=lambda term: term[1] < 0)
    text = " ".join(f"{'-' if value < 0 else '+'} {_term(name, abs(value))}" for name, value in parts)
    return text.removeprefix("+ ") or "0"


def _term(name: str, size: float) -> str:
    return " ".join(filter(None, (f"{size:g}" if size != 1 or not name else "", name)))

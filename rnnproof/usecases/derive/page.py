"""Blocks of a Markdown page with LaTeX that GitHub renders: headings, paragraphs, displays, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap

from rnnproof.usecases.derive.layout import aligned

COLUMNS = 98
# A backslash before punctuation is an escape to Markdown, and a < may begin a tag: LaTeX has words for all of these.
_SAFE = {
    r"\,": " ",
    r"\;": " ",
    r"\:": " ",
    r"\!": "",
    r"\{": r"\lbrace ",
    r"\}": r"\rbrace ",
    r"\_": " ",
    r"\#": "",
    " < ": r" \lt ",
    " > ": r" \gt ",
}
# What may begin an emphasis: between backquotes it does not.
_EMPHASIS = re.compile(r"(?<![A-Za-z0-9])_")


def safe(latex: str) -> str:
    """The same formula, nothing in it that Markdown takes for its own."""
    for there, here in _SAFE.items():
        latex = latex.replace(there, here)
    return re.sub(" {2,}", " ", latex).strip()


def heading(level: int, text: str) -> list[str]:
    """## text, and an empty line."""
    return [f"{'#' * level} {text}", ""]


def paragraph(text: str, first: str = "", further: str = "") -> list[str]:
    """Lines of at most COLUMNS; between two dollars a formula is kept whole."""
    glued = _glued(text)
    cut = wrap(
        glued, COLUMNS, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace("\0", " ") for line in cut]


def _glued(text: str) -> str:
    """Spaces inside formulas and code as another character, so that no line ends there."""
    for mark in ("$", "`"):
        parts = text.split(mark)
        parts[1::2] = [part.replace(" ", "\0") for part in parts[1::2]]
        text = mark.join(parts)
    return text


def text(words: str) -> list[str]:
    """A paragraph, and an empty line."""
    return [*paragraph(words), ""]


def display(rows: Iterable[str]) -> list[str]:
    """A displayed formula, and an empty line."""
    return [*aligned(safe(row) for row in rows), ""]


def inline(latex: str) -> str:
    """A formula in a line of text, with backquotes where Markdown would take some of it for its own."""
    shown = safe(latex)
    return f"$`{shown}`$" if _EMPHASIS.search(shown) else f"${shown}$"


def checked(words: str) -> list[str]:
    """What was checked of the formula above."""
    return [*paragraph(f"*{words}*"), ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, and an empty line."""
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]

"""The steps of a derivation, numbered: what is done, and what it gives; steps for the same reason together.

They are paragraphs and no list: GitHub does not show a displayed formula in the item of a list with others in its text.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import sympy

from rnnproof.symbolic.statement import Step
from rnnproof.usecases.derive.layout import rows, width
from rnnproof.usecases.derive.page import COLUMNS, display, inline, text
from rnnproof.usecases.derive.printer import Printer
from rnnproof.usecases.derive.prose import prose
from rnnproof.usecases.derive.subject import Subject

INLINE = 58  # how wide a formula in a line of text may be
DISPLAYED = (sympy.Tuple, sympy.MatrixBase, sympy.Sum, sympy.Product)


def derivation(subject: Subject, steps: Iterable[Step], printer: Printer) -> list[str]:
    """Each step: in a line of text where it fits."""
    found: list[str] = []
    for number, (reason, group) in enumerate(groupby(steps, key=lambda step: step.reason), 1):
        formulas = tuple(step.formula for step in group)
        words = prose(reason, printer, subject.called, (*formulas, *subject.equations))
        found += _step(f"({number}) {words}", formulas, printer)
    return found


def _step(words: str, formulas: tuple[sympy.Basic, ...], printer: Printer) -> list[str]:
    shown = rows(formulas, printer)
    if len(shown) == 1 and not any(map(_displayed, formulas)):
        formula = inline(shown[0].replace("&", ""))
        if width(formula) <= INLINE and len(formula) <= COLUMNS:
            return text(f"{words}: {formula}")
    return [*text(f"{words}:"), *display(shown)]


def _displayed(formula: sympy.Basic) -> bool:
    """Whether it does not go into a line of text: more than one, or higher than a line."""
    inner = (part for part in sympy.preorder_traversal(formula) if part is not formula)
    return isinstance(formula, DISPLAYED) or any(isinstance(part, DISPLAYED[1:]) for part in inner)

"""The steps of a derivation as a list: what is done, and what it gives; steps for the same reason together."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import sympy

from rnnproof.symbolic.statement import Step
from rnnproof.usecases.derive.layout import rows, width
from rnnproof.usecases.derive.page import COLUMNS, display, inline, paragraph
from rnnproof.usecases.derive.printer import Printer
from rnnproof.usecases.derive.prose import prose
from rnnproof.usecases.derive.subject import Subject

INLINE = 58  # how wide a formula in a line of text may be
DISPLAYED = (sympy.Tuple, sympy.MatrixBase, sympy.Sum, sympy.Product)


def derivation(subject: Subject, steps: Iterable[Step], printer: Printer) -> list[str]:
    """Each step: in a line of text where it fits."""
    found: list[str] = []
    for reason, group in groupby(steps, key=lambda step: step.reason):
        found += _step(prose(reason, printer.names, subject.network.name), [step.formula for step in group], printer)
    return found


def _step(words: str, formulas: list[sympy.Basic], printer: Printer) -> list[str]:
    shown = rows(formulas, printer)
    if len(shown) == 1 and not any(map(_displayed, formulas)):
        formula = inline(shown[0].replace("&", ""))
        if width(formula) <= INLINE and len(formula) <= COLUMNS - len("  "):
            return paragraph(f"{words}: {formula}", "- ", "  ")
    return [*paragraph(f"{words}:", "- ", "  "), "", *(f"  {line}" if line else "" for line in display(shown))]


def _displayed(formula: sympy.Basic) -> bool:
    """Whether it does not go into a line of text: more than one, or higher than a line."""
    inner = (part for part in sympy.preorder_traversal(formula) if part is not formula)
    return isinstance(formula, DISPLAYED) or any(isinstance(part, DISPLAYED[1:]) for part in inner)

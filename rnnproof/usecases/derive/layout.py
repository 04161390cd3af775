r"""Formulas on a page: a line that is too wide is broken at its terms, and what stands together is aligned."""

from __future__ import annotations

import re
from collections.abc import Iterable

import sympy

from rnnproof.usecases.derive.printer import Printer, recognised, terms

WIDE = 74  # how many letters a line of a page takes, about
SOURCE = 98
_FRACTION = re.compile(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_COMMAND = re.compile(r"\\(?:operatorname|mathrm|text)\{([^}]*)\}|\\([a-zA-Z]+)")
WORDS = {"tanh", "exp", "lim", "quad"}


def width(latex: str) -> int:
    """About how many letters wide a formula is on the page."""
    while found := _FRACTION.search(latex):
        inner = max(found.groups(), key=width)
        latex = f"{latex[: found.start()]}{inner}{latex[found.end() :]}"
    plain = _COMMAND.sub(
        lambda m: m[1] or ("four" if m[2] in WORDS else "" if m[2] in ("left", "right") else "x"), latex
    )
    return len(re.sub(r"[{}^_ &\\]", "", plain))


def lines(formula: sympy.Basic, printer: Printer) -> list[str]:
    """The formula as lines of an aligned block, & where they are aligned."""
    formula = recognised(formula)
    if isinstance(formula, sympy.Tuple):
        return [line for part in formula.args for line in lines(part, printer)]
    if isinstance(formula, sympy.core.relational.Relational):
        return _relation(formula, printer)
    if isinstance(formula, (sympy.Add, sympy.MatAdd)):
        return [f"&{line}" for line in _sum("", formula, printer)]
    return ["&" + printer.doprint(formula)]


def _relation(formula: sympy.Basic, printer: Printer) -> list[str]:
    left, _, right = printer.doprint(formula).partition(f" {_sign(formula)} ")
    whole = f"{left} &{_sign(formula)} {right}"
    if width(whole) <= WIDE:
        return [whole]
    if isinstance(formula.lhs, (sympy.Add, sympy.MatAdd)) and width(left) > WIDE // 2:
        head = [f"&{line}" for line in _sum("", formula.lhs, printer)]
        return [*head, *(f"&{line}" for line in _sum(f"{_sign(formula)} ", formula.rhs, printer))]
    first, *others = _sum(f"{_sign(formula)} ", formula.rhs, printer)
    return [f"{left} &{first}", *(f"&{line}" for line in others)]


def _sign(formula: sympy.Basic) -> str:
    from rnnproof.usecases.derive.printer import SIGNS

    return SIGNS[formula.rel_op]


def _sum(start: str, expression: sympy.Basic, printer: Printer) -> list[str]:
    """The terms of a sum, as many in a line as it takes."""
    if not isinstance(expression, (sympy.Add, sympy.MatAdd)):
        return [start + printer.doprint(expression)]
    found: list[str] = []
    line = start
    for k, term in enumerate(terms(expression)):
        shown = printer.doprint(term)
        joined = shown if k == 0 else f"- {shown[1:].lstrip()}" if shown.startswith("-") else f"+ {shown}"
        if k and width(line) + width(joined) > WIDE:
            found.append(line.rstrip())
            line = r"\quad "
        line += f"{joined} "
    return [*found, line.rstrip()]


def aligned(rows: Iterable[str]) -> list[str]:
    """A display of several lines, broken in its source too."""
    rows = list(rows)
    if len(rows) == 1:
        return ["$$", *broken(rows[0].partition("&&")[0].replace("&", "").strip() + _beside(rows[0])), "$$"]
    body = [line for k, row in enumerate(rows) for line in broken(row + (r" \\" if k < len(rows) - 1 else ""))]
    return ["$$", r"\begin{aligned}", *body, r"\end{aligned}", "$$"]


def _beside(row: str) -> str:
    """What stands in a further column, after a space."""
    _, column, text = row.partition("&&")
    return rf" \qquad {text.strip()}" if column else ""


def broken(text: str) -> list[str]:
    """A line of the source, cut at spaces where it is too long; a space between two words of LaTeX changes nothing."""
    found: list[str] = []
    while len(text) > SOURCE and (cut := _cut(text)) > 0:
        found.append(text[:cut])
        text = text[cut + 1 :]
    return [*found, text]


def _cut(text: str) -> int:
    """The last space at which the line may end: outside of \\text, and not before a sign that Markdown reads."""
    depth_free = re.sub(r"\\text\{[^}]*\}", lambda m: "x" * len(m[0]), text)
    for place in range(SOURCE, 20, -1):
        if depth_free[place] == " " and depth_free[place + 1 : place + 2] not in ("-", "+", "=", ">", "#", "*"):
            return place
    return 0

r"""Formulas on a page: a line that is too wide is broken at its terms, and what stands together is aligned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import sympy

from rnnproof.model.recognised import recognised
from rnnproof.usecases.derive.printer import Printer
from rnnproof.usecases.derive.typeset import SIGNS, between_ends, chained, terms

WIDE = 74  # how many letters a line of a page takes, about
SOURCE = 98
SHORT = 24
_FRACTION = re.compile(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_MATRIX = re.compile(r"\\left\[\\begin\{matrix\}((?:(?!\\begin).)*?)\\end\{matrix\}\\right\]", re.DOTALL)
_COMMAND = re.compile(r"\\(?:operatorname|mathrm|text)\{([^}]*)\}|\\([a-zA-Z]+)")
WORDS = {"tanh", "exp", "lim", "quad"}


def width(latex: str) -> int:
    """About how many letters wide a formula is on the page."""
    while found := _MATRIX.search(latex):
        inner = "".join(max(column, key=width) for column in zip(*_cells(found[1]), strict=True))
        latex = f"{latex[: found.start()]}xx{inner}{latex[found.end() :]}"
    while found := _FRACTION.search(latex):
        inner = max(found.groups(), key=width)
        latex = f"{latex[: found.start()]}{inner}{latex[found.end() :]}"
    plain = _COMMAND.sub(
        lambda m: m[1] or ("four" if m[2] in WORDS else "" if m[2] in ("left", "right") else "x"), latex
    )
    return len(re.sub(r"[{}^_ &\\]", "", plain))


def _cells(matrix: str) -> list[list[str]]:
    return [row.split("&") for row in matrix.split(r"\\")]


def lines(formula: sympy.Basic, printer: Printer) -> list[str]:
    """The formula as lines of an aligned block, & where they are aligned."""
    formula = recognised(formula)
    if isinstance(formula, sympy.Tuple):
        return _several(formula, printer)
    if isinstance(formula, sympy.core.relational.Relational):
        return _relation(formula, printer)
    if isinstance(formula, (sympy.Add, sympy.MatAdd)):
        return [f"&{line}" for line in _sum("", formula, printer)]
    return ["&" + printer.doprint(formula)]


def rows(formulas: Sequence[sympy.Basic], printer: Printer) -> list[str]:
    """Several formulas, each in lines of its own; short inequalities side by side."""
    formulas = chained(formulas)
    short = [printer.doprint(recognised(formula)) for formula in formulas if _is_inequality(formula)]
    if len(formulas) > 1 and len(short) == len(formulas) and max(map(width, short)) <= SHORT:
        return [f"&{line}" for line in packed(short)]
    return [line for formula in formulas for line in lines(formula, printer)]


def _is_inequality(formula: sympy.Basic) -> bool:
    if isinstance(formula, sympy.And):
        return between_ends(formula, str) is not None
    return isinstance(formula, sympy.core.relational.Relational) and not isinstance(formula, sympy.Eq)


def _several(formulas: sympy.Tuple, printer: Printer) -> list[str]:
    """Each in lines of its own; what says only which number a name has, side by side."""
    if all(isinstance(part, sympy.Eq) and part.lhs.is_Symbol and part.rhs.is_number for part in formulas.args):
        return [f"&{line}" for line in packed(map(printer.doprint, formulas.args))]
    return [line for part in formulas.args for line in _part(part, printer)]


def _part(part: sympy.Basic, printer: Printer) -> list[str]:
    """A number and a matrix are a product."""
    if isinstance(part, sympy.Tuple) and len(part) == 2 and isinstance(part[1], sympy.MatrixBase):
        return ["&" + " ".join(printer.doprint(each) for each in part)]
    return lines(part, printer)


def packed(parts: Iterable[str]) -> list[str]:
    """Parts side by side, as many in a line as it takes."""
    rows: list[str] = []
    for part in parts:
        joined = rf"{rows[-1]}, \quad {part}" if rows else part
        if rows and width(joined) <= WIDE:
            rows[-1] = joined
        else:
            rows.append(part)
    return rows


def _relation(formula: sympy.Basic, printer: Printer) -> list[str]:
    sign, left, right = SIGNS[formula.rel_op], printer.doprint(formula.lhs), printer.doprint(formula.rhs)
    whole = f"{left} &{sign} {right}"
    if width(whole) <= WIDE:
        return [whole]
    if isinstance(formula.lhs, sympy.MatrixBase) and isinstance(formula.rhs, sympy.MatrixBase):
        pairs = zip(formula.lhs, formula.rhs, strict=True)
        return [line for a, b in pairs for line in _relation(sympy.Eq(a, b, evaluate=False), printer)]
    if isinstance(formula.rhs, sympy.MatrixBase) and not isinstance(formula.lhs, sympy.MatAdd):
        return _entries(left, formula.rhs, printer)
    if isinstance(formula.lhs, (sympy.Add, sympy.MatAdd)) and width(left) > WIDE // 2:
        head = [f"&{line}" for line in _sum("", formula.lhs, printer)]
        return [*head, *(f"&{line}" for line in _sum(f"{sign} ", formula.rhs, printer))]
    first, *others = _sum(f"{sign} ", formula.rhs, printer)
    return [f"{left} &{first}", *(f"&{line}" for line in others)]


def _entries(left: str, matrix: sympy.MatrixBase, printer: Printer) -> list[str]:
    """A matrix that is too wide, its entries named."""
    rows, columns = matrix.shape
    places = [(row, column) for row in range(rows) for column in range(columns)]
    names = {place: sympy.Symbol(f"m_{place[0] + 1}{place[1] + 1}") for place in places}
    named = sympy.Matrix(rows, columns, [names[place] for place in places])
    each = [line for place in places for line in _relation(sympy.Eq(names[place], matrix[place]), printer)]
    return [f"{left} &= {printer.doprint(named)}", *each]


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
        return ["```math", *broken(_alone(rows[0])), "```"]
    body = [line for k, row in enumerate(rows) for line in broken(row + (r" \\" if k < len(rows) - 1 else ""))]
    return ["```math", r"\begin{aligned}", *body, r"\end{aligned}", "```"]


def _alone(row: str) -> str:
    """A line without its alignment, a further column after a space; the columns of a matrix stay."""
    parts = re.split(r"(\\begin\{matrix\}.*?\\end\{matrix\})", row, flags=re.DOTALL)
    parts[::2] = [part.replace("&&", r"\qquad").replace("&", "") for part in parts[::2]]
    return "".join(parts).strip()


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

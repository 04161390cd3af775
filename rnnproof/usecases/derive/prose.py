"""Sentences with names and small formulas in them, as Markdown: what is a formula stands between dollars.

What stands between backquotes in a sentence is one: that of the formulas which the sentence is about that is written
so, else its names and signs as they stand. Without them it is a run of names, numbers and signs, with a name in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import sympy

from rnnproof.model.recognised import recognised
from rnnproof.usecases.derive.names import Names
from rnnproof.usecases.derive.page import inline
from rnnproof.usecases.derive.printer import Printer

_TOKEN = re.compile(
    r"[A-Za-z]{2,}'s\b|[A-Za-z]'?_t-1\b|[A-Za-z]_\([^)]*\)|[A-Za-z0-9_.]*[A-Za-z0-9_]'*(?:_[a-z]+)?(?:\[[^\]]*\])*|\*\*|<=|>=|->|[-+*/^()=<>]"
)
_DERIVATIVE = re.compile(r"\bd (\w+) / d (\w+)")
_OPERATORS = {"**": "^", "<=": r"\le", ">=": r"\ge", "<": r"\lt", ">": r"\gt", "->": r"\to", "*": " ", "oo": r"\infty"}
FUNCTIONS = {
    "tanh": r"\tanh",
    "sigmoid": r"\sigma",
    "exp": r"\exp",
    "relu": r"\operatorname{relu}",
    "Abs": r"\abs",
    "adj": r"\operatorname{adj}",
    "det": r"\det",
}
PUT_IN = "put in "  # after this, do is the derivative by o
WORDS = frozenset({"do"})
ARTICLES = {"a", "I"}  # letters that are words too
# What a name may be called too, and sentences have: such a name is one only between backquotes.
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "all an and any are as at be both by each else for from has if in is it its no not of on one or out put same "
        "so step sum than that the these they this to two up we what where with",
    )
)
APART = set(" .,;:()\"'")  # what may stand beside a formula; else it is a part of something that is none
LETTERS = {"T", "H", "B", "O", "n", "s", "t", "k"}


def prose(sentence: str, printer: Printer, code: Collection[str] = (), formulas: tuple[sympy.Basic, ...] = ()) -> str:
    """The sentence with its formulas as LaTeX; ``code`` are networks' names, which are shown as they are typed.

    ``formulas``: what the sentence is about.
    """
    names = printer.names if sentence.startswith(PUT_IN) else replace(printer.names, words=WORDS)
    parts = sentence.split("`")
    parts[::2] = [_formulas(part, names) for part in parts[::2]]
    parts[1::2] = [_marked(part, printer, formulas) if part not in code else f"`{part}`" for part in parts[1::2]]
    return "".join(parts)


def _marked(text: str, printer: Printer, formulas: tuple[sympy.Basic, ...]) -> str:
    known = _by_text(formulas) if re.search(r"\W", text) else {}
    return inline(printer.doprint(recognised(known[text])) if text in known else _latex(text, printer.names))


@lru_cache(maxsize=16)
def _by_text(formulas: tuple[sympy.Basic, ...]) -> dict[str, sympy.Basic]:
    parts = {part for formula in formulas for part in sympy.preorder_traversal(formula)}
    return {f"{part.lhs} = {part.rhs}" if isinstance(part, sympy.Eq) else str(part): part for part in parts}


def _formulas(text: str, names: Names) -> str:
    """Every run of names, numbers and signs that has a name or a sign in it; d y / d x as a derivative."""
    if (derivative := _DERIVATIVE.search(text)) is not None:
        one, other = (names.latex(name) for name in derivative.groups())
        shown = inline(rf"\partial {one} / \partial {other}")
        return f"{_formulas(text[: derivative.start()], names)}{shown}{_formulas(text[derivative.end() :], names)}"
    found, place = "", 0
    for start, end in _runs(text, names):
        found += _plain(text[place:start]) + inline(_latex(text[start:end], names))
        place = end
    return found + _plain(text[place:])


def _plain(text: str) -> str:
    return re.sub(r"([*_<>|])", r"\\\1", text)


def _runs(text: str, names: Names) -> Iterator[tuple[int, int]]:
    """Where the runs of tokens with nothing but spaces between them are, from the first name on to the last."""
    runs: list[list[re.Match[str]]] = []
    last = -1
    for token in _TOKEN.finditer(text):
        if not _belongs(token[0], names, text[token.end() :]) or _hyphen(token, text):
            last = -1
            continue
        if last >= 0 and not text[last : token.start()].strip():
            runs[-1].append(token)
        else:
            runs.append([token])
        last = token.end()
    for run in (part for whole in runs for part in _split(_trimmed(whole), names)):
        start, end = run[0].start(), run[-1].end()
        if set(text[start - 1 : start] + text[end : end + 1]) <= APART:
            yield start, end


def _hyphen(token: re.Match[str], text: str) -> bool:
    """Whether a minus joins two words."""
    return (
        token[0] == "-"
        and text[token.start() - 1 : token.start()].isalpha()
        and text[token.end() : token.end() + 1].isalpha()
    )


def _split(run: list[re.Match[str]], names: Names) -> list[list[re.Match[str]]]:
    """A run that is a formula; where two names stand side by side without a sign, each is one of its own."""
    tokens = [token[0] for token in run]
    if not any(_is_name(token, names) or token in FUNCTIONS or token == "oo" for token in tokens) or tokens in (
        [a] for a in ARTICLES
    ):
        return []
    cuts = [k for k in range(1, len(run)) if _side_by_side(tokens[k - 1], tokens[k])]
    if not cuts:
        return [run]
    ends = [0, *cuts, len(run)]
    return [part for a, b in pairwise(ends) for part in _split(_trimmed(run[a:b]), names)]


def _side_by_side(one: str, other: str) -> bool:
    """Whether two names stand beside each other as words do; after a weight, W_y h, it is a product."""
    weight = one[0].isupper() and "_" in one
    return one[0].isalnum() and other[0].isalnum() and not weight


def _trimmed(run: list[re.Match[str]]) -> list[re.Match[str]]:
    """Without signs that have nothing on one side, and brackets without their partner."""
    while run and run[-1][0] in ("*", "+", "-", "/", "=", "(", "<", ">", "^"):
        run = run[:-1]
    while run and (run[0][0] in ("*", "+", "/", "=", ")", "<", ">", "^") or _closed_before(run)):
        run = run[1:]
    while run and _balance(run) < 0:
        run = run[:-1]
    return run


def _closed_before(run: list[re.Match[str]]) -> bool:
    return run[0][0] == "(" and _balance(run) > 0


def _balance(run: list[re.Match[str]]) -> int:
    return sum((token[0] == "(") - (token[0] == ")") for token in run)


def _belongs(token: str, names: Names, rest: str) -> bool:
    if token in FUNCTIONS:
        return rest.startswith("(")
    return not token[0].isalnum() or token.replace(".", "").isdigit() or token == "oo" or _is_name(token, names)


def _is_name(token: str, names: Names) -> bool:
    bare = token.partition("[")[0]
    if bare in ENGLISH:
        return False
    if bare in names.known or bare in LETTERS or re.match(r"d?[A-Za-z]'?_", bare):
        return True
    by = bare.removesuffix("_later")[1:]
    return len(bare) > 1 and bare.startswith("d") and by in names.known and bare not in names.words


def _latex(text: str, names: Names) -> str:
    """Every name and sign of a formula as LaTeX."""
    text = _TOKEN.sub(lambda token: _shown(token[0], names), text)
    text = re.sub(r" *\^ *(\([^()]*\)|[^\s,;{][^\s,;]*)", lambda m: f"^{{{m[1].strip('()')}}}", text)
    text = re.sub(r"(\\mathrm\{d\}\S*)\^\{T\}", r"\1^{\\top}", text)  # of a column that is a transpose
    return re.sub(r"\\abs\(([^()]*)\)", r"\\lvert \1 \\rvert", text)


def _shown(token: str, names: Names) -> str:
    if token in FUNCTIONS or token in _OPERATORS:
        return FUNCTIONS.get(token) or _OPERATORS[token]
    return _name(token, names) if any(map(str.isalpha, token)) else token


def _name(token: str, names: Names) -> str:
    """x_(s+1) is x at that step."""
    letter, bracket, step = token.partition("_(")
    return names.at(letter, step.rstrip(")")) if bracket else names.latex(token)

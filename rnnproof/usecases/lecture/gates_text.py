"""The lecture's LSTM worked by hand as plain text, 80 columns wide: gate by gate, and the bound."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction

from rnnproof.catalogue import lecture_gates as page
from rnnproof.usecases.lecture.gates import DIGITS, NETWORK, Gated, gated
from rnnproof.usecases.lecture.gates_bound import GATES, Term, telescoped
from rnnproof.usecases.lecture.table import aligned, folded, vector

TARGETS = ("c'", "a")
SHOWN = ("before", "c", "a")
CAPITAL = "C'"


def show_gates() -> str:
    """The lecture's sequence, step by step, beside the whole numbers of gates that are quite open or closed.

    Errors: VerificationFailed where a witness does not agree, or is outside the bound.
    """
    run = gated()
    return "\n".join(
        [
            *_network(),
            "",
            *_table(run),
            "",
            *_whole(run),
            "",
            *_bound(run),
            "",
            *_agreed(run),
            "",
            *folded(f"From {page.CITATION}."),
        ]
    )


def _network() -> list[str]:
    rows = [(f"    z_{name} = {_affine(name)}", purpose) for name, purpose in page.PURPOSE.items()]
    return [
        f"The lecture's LSTM by hand: {NETWORK.name}",
        "",
        *(f"    {equation}" for equation in NETWORK.step.equations),
        "",
        "x = (x_1, x_2, x_3) is the input, c the memory, at first 0, a the output; and",
        "",
        *aligned(rows),
    ]


def _affine(name: str) -> str:
    """100 x_2 - 10."""
    row, bias = page.TRANSFORMS[name]
    terms = [(f"x_{k}", weight) for k, weight in enumerate(row, 1) if weight] + [("", bias)] * (bias != 0)
    text = " ".join(f"{'-' if n < 0 else '+'} {_times(abs(n), symbol)}" for symbol, n in terms)
    return text.removeprefix("+ ")


def _times(size: int, symbol: str) -> str:
    return " ".join([str(size)] * (size != 1 or not symbol) + [symbol] * bool(symbol))


def _table(run: Gated) -> list[str]:
    gates = [word.removesuffix(" gate") for word in page.WORDS.values()]
    rows = [
        (str(t), vector(x), *(_fixed(seen[name], 5) for name in GATES), *(_fixed(seen[name], 4) for name in SHOWN))
        for t, (x, seen) in enumerate(zip(page.SEQUENCE, run.signals, strict=True), 1)
    ]
    head, *lines = aligned([("step", "x", *gates, "c before", "c after", "a"), *rows])
    return ["How far each gate is open, from 0 to 1, and what that does:", "", head, *lines]


def _fixed(number: Fraction, digits: int) -> str:
    return f"{float(number):.{digits}f}"


def _whole(run: Gated) -> list[str]:
    rows = []
    for t, (seen, step, bound) in enumerate(zip(run.signals, run.whole, run.bounds, strict=True), 1):
        off = [f"{float(abs(seen[name] - step[meant])):.1e}" for name, meant in (("c", "C'"), ("a", "A"))]
        rows.append((str(t), str(step["C'"]), str(step["A"]), off[0], above(bound.memory), off[1], above(bound.output)))
    return [
        *folded(
            "Were each gate quite open or closed, 1 or 0, memory and output would be whole numbers, C and A; how far "
            "they are off, and how far they can be at most:"
        ),
        "",
        *aligned([("step", "memory C", "output A", "|c - C|", "at most", "|a - A|", "at most"), *rows]),
    ]


def _bound(run: Gated) -> list[str]:
    last, added = run.bounds[-1], [bound.added for bound in run.bounds]
    value, steps = float(run.smallest), len(added)
    return [
        *folded(
            f"Why at most: |z| of a gate is at least {value:g} at every step, and sigmoid(z) is off from 0 or 1 by "
            f"sigmoid(-|z|), so by at most"
        ),
        "",
        f"    eps = sigmoid(-{value:g}) = 1 / (1 + e^{value:g}) <= {above(run.eps)}",
        "",
        *folded(
            "With I, F, O for gates that are exactly 0 or 1, SymPy derives from the equations, one factor exchanged "
            "at a time:"
        ),
        "",
        *(f"    {target} - {target.upper()} = {_sum(telescoped(target))}" for target in TARGETS),
        "",
        "No gate is more than 1, so, C being the memory before and C' after,",
        "",
        *(f"    |{target} - {target.upper()}| <= {_inequality(telescoped(target))}" for target in TARGETS),
        "",
        f"where what a step adds is the part with eps. After {steps} steps, |c - C| is at most",
        "",
        f"    eps ({' + '.join(map(str, added))}) = {sum(added)} eps <= {above(last.memory)}",
        "",
        *folded("less than 1/2: the nearest whole numbers are C and A."),
    ]


def _sum(terms: Sequence[Term]) -> str:
    return " + ".join(map(str, terms))


def _inequality(terms: Sequence[Term]) -> str:
    """Each term's size, a gate in it being 1 at most; those of a gate's own error together."""
    carried = [f"|{term.difference}|" for term in terms if term.name not in GATES]
    local = [f"|{term.coefficient}|" for term in terms if term.name in GATES]
    return " + ".join([*carried, f"eps ({' + '.join(local)})" if len(local) > 1 else f"eps {local[0]}"])


def _agreed(run: Gated) -> list[str]:
    *_, reference = run.witnesses
    return folded(
        f"Worked by SymPy at {DIGITS} digits (the tables), by the hand-written NumPy cells and by the reference, in "
        f"balls: the first two lie in the balls of the third, whose radii are at most {above(reference.radius)}, and "
        f"all three within the bound of C, {_row(run, CAPITAL)}, and A, {_row(run, 'A')}."
    )


def _row(run: Gated, name: str) -> str:
    return " ".join(str(step[name]) for step in run.whole)


def above(number: Fraction) -> str:
    """In three digits, rounded up, as a bound must be."""
    context = Context(prec=3, rounding=ROUND_CEILING)
    return f"{float(context.divide(Decimal(number.numerator), Decimal(number.denominator))):.2e}"

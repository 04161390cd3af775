"""The derivative by each gate, weight and state: the chain rule step by step, and the recurrences of BPTT."""

from __future__ import annotations

from collections.abc import Iterator

from rnnproof.model.cell import Cell
from rnnproof.symbolic.chain import given
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks.measure import Measured, shown
from rnnproof.usecases.derive.layout import lines
from rnnproof.usecases.derive.page import checked, display, heading, inline, text
from rnnproof.usecases.derive.prose import prose
from rnnproof.usecases.derive.steps import derivation
from rnnproof.usecases.derive.subject import Subject

COTANGENT = r"\mathrm{d}s"
ODOT = r"\odot"


def gradients(subject: Subject, statement: Statement, measured: Measured, who: str, derivation_check: str) -> list[str]:
    """The section: the formulas, how each follows, the recurrences over time."""
    return [
        *heading(2, "3. The gradients"),
        *text(
            f"{inline(COTANGENT)} is the loss' derivative by {inline('s')}, its cotangent. Signals are columns, "
            f"{inline(ODOT)} is the product entry by entry, every other product one of matrices."
        ),
        *heading(3, "The gradients of one step"),
        *display(_formulas(subject, statement, measured)),
        *_conditions(subject, statement),
        *checked(
            f"Checked by {who} at {measured.points} random points, carried back over 3 steps. Beside each formula "
            "stands its worst error over its bound; of a derivative that no code returns, the worst of all that is "
            "made of it."
        ),
        *heading(3, "The chain rule, step by step"),
        *checked(derivation_check),
        *derivation(subject, statement.steps, subject.printer(odot=True)),
        "",
        *heading(3, "Back-propagation through time"),
        *_recurrences(subject),
    ]


def _conditions(subject: Subject, statement: Statement) -> list[str]:
    return text(" ".join(prose(each, subject.printer(), subject.called) for each in statement.conditions))


def _formulas(subject: Subject, statement: Statement, measured: Measured) -> Iterator[str]:
    """Each formula, and beside it the worst error of the arrays that it leads to."""
    leads = led_to(statement)
    for formula in statement.formulas:
        worst = max(measured.ratios[end] for end in leads[formula.lhs.name])
        first, *others = lines(formula, subject.printer(odot=True))
        yield f"{first} && {shown(worst)}"
        yield from others


def led_to(statement: Statement) -> dict[str, list[str]]:
    """For each derivative those that whoever is checked returns, and that are made from it: itself, if it is one."""
    uses = {formula.lhs.name: {s.name for s in formula.rhs.free_symbols} for formula in statement.formulas}
    inner = {name for used in uses.values() for name in used} & uses.keys()
    found: dict[str, list[str]] = {}
    for name in reversed(uses):
        made = [other for other in uses if name in uses[other]]
        own = [] if name in inner else [name]
        found[name] = [*own, *dict.fromkeys(end for other in made for end in found.get(other, []))]
    return {name: found[name] for name in uses}


def _recurrences(subject: Subject) -> list[str]:
    """For every step from the last to the first, what comes from outside; then the formulas above; then the sums."""
    cell, backward = subject.cell, subject.network.direction == "backward"
    after, last, first = ("t-1", "the first", "the last") if backward else ("t+1", "the last", "the first")
    sums = [
        rf"{subject.latex(f'd{name}')} &= \sum_{{t=1}}^{{T}} {_at(subject, f'd{name}', 't')}"
        for name in cell.parameters
    ]
    return [
        *text(
            f"{inline('L')} is the loss. At each step {inline('t')}, {last} step first, what comes from the output and "
            "from the step read after it is"
        ),
        *display(_from_outside(subject, cell, after)),
        *text(f"where after {last} step {_carried(subject, after)}. {GOES_ON}"),
        *display(sums),
        *text(f"and what is carried past {first} step is the loss' derivative by the initial state{_others(cell)}."),
    ]


GOES_ON = (
    "With that the formulas above give every derivative of the step, that by the states before it among them: it is "
    "carried to the step read before. A parameter is used at every step, so its derivative is the sum"
)


def _carried(subject: Subject, after: str) -> str:
    states = [inline(_at(subject, f"d{name}", after)) for name in subject.cell.state_names]
    final = "the final state" + "s" * (len(states) > 1)
    return f"{' and '.join(states)} {'are' if len(states) > 1 else 'is'} the loss' derivative by {final}"


def _others(cell: Cell) -> str:
    return ", and so for each of the states" if len(cell.state_names) > 1 else ""


def _from_outside(subject: Subject, cell: Cell, after: str) -> Iterator[str]:
    for equation in cell.equations:
        name = given(cell, equation.target)
        if name is None:
            continue
        terms = [_at(subject, f"d{state}", after) for state, stored in cell.states if stored == equation.target]
        if equation.target == cell.output:
            output = _at(subject, equation.target, "t")
            terms.insert(0, rf"\frac{{\partial L}}{{\partial {output}}}")
        yield f"{_at(subject, name, 't')} &= {' + '.join(terms)}"


def _at(subject: Subject, name: str, step: str) -> str:
    return subject.names.of_step(name, step)

"""The statements that hold for a network: what is claimed, when, the formulas, the check, and how it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import sympy

from rnnproof.model.network import Network
from rnnproof.symbolic.gate_gradients import gate_gradients
from rnnproof.symbolic.roles import one_layer
from rnnproof.symbolic.statement import Statement, listed
from rnnproof.symbolic.statements_of_gates import GATE_STATEMENTS, OF_ONE_LAYER
from rnnproof.symbolic.statements_of_sequences import SEQUENCE_STATEMENTS
from rnnproof.usecases.derive.layout import rows
from rnnproof.usecases.derive.page import checked, display, heading, paragraph, text
from rnnproof.usecases.derive.prose import prose
from rnnproof.usecases.derive.slots import word_labels
from rnnproof.usecases.derive.steps import derivation
from rnnproof.usecases.derive.subject import Subject

OWN_SECTION = (gate_gradients,)
EVERY: tuple[Callable[[Network], Statement | None], ...] = (*GATE_STATEMENTS, *SEQUENCE_STATEMENTS, word_labels)


@dataclass(frozen=True)
class Proved:
    """A statement with the name of the function that derives it."""

    key: str
    statement: Statement


def proved(network: Network) -> Iterator[Proved]:
    """Every statement that holds for the network, or for each of its layers, and has no section of its own."""
    for derive in EVERY:
        of = one_layer(network) if derive in OF_ONE_LAYER else network
        if derive not in OWN_SECTION and (statement := derive(of)) is not None:
            yield Proved(derive.__name__, statement if of is network else _of_one_layer(statement, network, of))


def _of_one_layer(statement: Statement, network: Network, layer: Network) -> Statement:
    """Said of a layer by itself, whose names stand for those of each layer and direction."""
    output = layer.cell.output
    each = listed([f"`{name}`" for name in network.dimensions if name.endswith(f".{output}")])
    names = f"The cell is that of `{layer.name}`, one layer: a name stands for that of each, `{output}` for {each}."
    return replace(statement, name=f"{statement.name}: one layer", conditions=(*statement.conditions, names))


@dataclass(frozen=True)
class Checked:
    """A statement with what its check says, and what that of its derivation does, where it has formulas of its own."""

    statement: Statement
    check: str
    derivation: str


def statements(subject: Subject, found: list[Checked]) -> list[str]:
    """The section: each statement with the words of its checks."""
    body = [line for k, each in enumerate(found, 1) for line in _one(subject, k, each)]
    return [*heading(2, "4. What holds"), *body]


def _one(subject: Subject, number: int, found: Checked) -> list[str]:
    statement = found.statement
    printer = subject.printer(single=single(statement))
    known = (*statement.formulas, *(step.formula for step in statement.steps))

    def said(sentence: str) -> str:
        return prose(sentence, printer, subject.called, known)

    title = f"4.{number} {_capital(said(statement.name))}"
    claim = said(statement.claim)
    conditions = [line for each in statement.conditions for line in paragraph(said(each), "- ", "  ")]
    return [
        *heading(3, title),
        *text(_capital(claim)),
        *display(rows(statement.formulas, printer)),
        *checked(said(found.check)),
        *([*text("Conditions:"), *conditions, ""] if conditions else []),
        *text("Derivation:"),
        *(checked(said(found.derivation)) if found.derivation else []),
        *derivation(subject, statement.steps, printer),
        "",
    ]


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def single(statement: Statement) -> bool:
    """Whether all entries that a statement names are the first ones: then their index says nothing."""
    every = (*statement.formulas, *(step.formula for step in statement.steps))
    names = {s.name for formula in every for s in formula.atoms(sympy.Symbol)}
    return {name.rpartition("[")[2] for name in names if name.endswith("]")} <= {"0]", "0,0]"}

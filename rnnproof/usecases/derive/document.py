"""The document of a network: what is known about it, derived, checked, and printed."""

from __future__ import annotations

import re

from rnnproof.adapters.results import kind
from rnnproof.catalogue import lecture
from rnnproof.catalogue import network as named
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.network import Network
from rnnproof.symbolic.program import Program
from rnnproof.usecases.derive.backwards import gradients
from rnnproof.usecases.derive.checks import points
from rnnproof.usecases.derive.checks.measure import accepted
from rnnproof.usecases.derive.checks.table import checked as of_statement
from rnnproof.usecases.derive.checks.table import checked_derivation
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.equations import equations
from rnnproof.usecases.derive.example import example_of
from rnnproof.usecases.derive.example_text import worked
from rnnproof.usecases.derive.page import checked, heading, text
from rnnproof.usecases.derive.statements import Checked, Proved, proved, statements
from rnnproof.usecases.derive.subject import Subject
from rnnproof.usecases.derive.unrolled import of_program, program_of, unrolled
from rnnproof.usecases.derive.words import passed

FORMATS = ("md",)
At = tuple[points.Point, ...]


def derive(network: str | Network, steps: int = 2, format: str = "md") -> str:
    """What is known about a network of the catalogue, or one of yours, as Markdown with LaTeX.

    ``steps``: over how many the outputs are unrolled. Every formula was checked, and the check stands beside it.
    Errors: UsageError for an unknown network, fewer than one step or too many to be read; Unsupported for another
    format; VerificationFailed where a formula and whoever computes it do not agree.
    """
    if not isinstance(network, str | Network):
        raise UsageError(f"network is {kind(network)}; expected the name of one, such as lstm, or a Network")
    if not isinstance(steps, int) or isinstance(steps, bool):
        raise UsageError(f"steps is {steps!r}; expected a whole number")
    if format not in FORMATS:
        raise Unsupported(f"format {format} is not built yet; {' and '.join(FORMATS)} is")
    subject = Subject(named(network) if isinstance(network, str) else network)
    program = program_of(subject.network, steps)
    at = points.points(subject.part)
    lines = [
        *_title(subject),
        *_equations(subject, at),
        *_unrolled(subject, program, steps),
        *_gradients(subject, at),
        *statements(subject, [_checked(subject, each) for each in proved(subject.network)]),
        *_example(subject),
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _checked(subject: Subject, found: Proved) -> Checked:
    derivation = checked_derivation(subject, found.key, found.statement)
    return Checked(found.statement, of_statement(subject, found), derivation)


def _title(subject: Subject) -> list[str]:
    network = subject.network
    cited = [text(f"{citation}.") for citation in (network.cell.citation, _lecture(network)) if citation]
    name = f"`{network.name}`" if ":" in network.name else network.name
    titled = [line for each in cited or [text("A cell of your own.")] for line in each]
    return [*heading(1, name), *titled, *text(_how(network))]


def _how(network: Network) -> str:
    """What the words of a check mean."""
    by_hand = (
        "*the hand-written cell*, a NumPy program written apart from the equations below, and *autograd*, which "
        "differentiates it"
    )
    reference = "*the reference*, which executes the equations in NumPy, as nobody wrote this cell by hand"
    return (
        "SymPy derived each formula below from the equations of section 1. At random numbers it is evaluated *in "
        "balls*, numbers with a rigorous bound of their error, and compared with "
        f"{reference if witness_of(network).target is None else by_hand}. *Worst error 0.02 of its bound* says that "
        "the largest difference found is 0.02 times the most that rounding can make of it; if one were larger than 1, "
        "there would be no page."
    )


def _lecture(network: Network) -> str:
    """Where the worked example is from."""
    return lecture.CITATION if network.name == lecture.NETWORK else ""


def _equations(subject: Subject, at: At) -> list[str]:
    part = subject.part
    found = accepted(points.of_equations(part, subject.cell, at), f"{part.name}, the equations")
    who = witness_of(part).name
    return equations(subject, checked(passed(who, "outputs and final states over 3 steps", found)))


def _unrolled(subject: Subject, program: Program, steps: int) -> list[str]:
    network = subject.network
    found = accepted(of_program(network, program, steps), f"{network.name}, unrolled")
    return unrolled(subject, program, found, witness_of(network).name)


def _gradients(subject: Subject, at: At) -> list[str]:
    statement, part = subject.gradients, subject.part
    if statement is None:
        return []
    found = accepted(points.of_gradients(part, subject.cell, statement.formulas, at), f"{part.name}, the gradients")
    who = witness_of(part)
    derivation = checked_derivation(subject, "gate_gradients", statement)
    return gradients(subject, statement, found, f"{who.name}{' and autograd' * (who.target is not None)}", derivation)


def _example(subject: Subject) -> list[str]:
    network = subject.network
    example = example_of(network)
    accepted(example.checked, f"{network.name}, the worked example")
    who = witness_of(network)
    return worked(subject, example, f"{who.name}" + " and autograd" * (who.target is not None))

"""What the check of a statement found, in words; where something does not agree, no document is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnnproof.errors import Unsupported, VerificationFailed
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks.measure import Measured, accepted, merged, shown
from rnnproof.usecases.derive.subject import Subject


@dataclass(frozen=True)
class Account:
    """``who`` computed it, ``how``; the worst error over its bound, where there is a bound."""

    who: str
    how: str
    measured: Measured | None = None

    def __str__(self) -> str:
        if self.measured is None:
            return f"Checked by {self.who}: {self.how}."
        worst = f"worst error {shown(self.measured.worst)} of its bound"
        return f"Checked by {self.who} at {self.measured.points} random points: {self.how}; {worst}."


def measured(name: str, who: str, how: str, parts: Iterable[Measured]) -> Account:
    """Of several points. Errors: VerificationFailed where one is outside its bound."""
    return Account(who, how, accepted(merged(parts), name))


def demand(truth: bool, name: str, told: str) -> None:
    """Errors: VerificationFailed where it is not so."""
    if not truth:
        raise VerificationFailed(f"{name}: {told}; the formula or the code is wrong, and no document is made of it")


def unknown(step: Step) -> Unsupported:
    """For a formula of a derivation that is of no kind for which there is a check."""
    return Unsupported(f"no check of {step.formula}")


def what(subject: Subject, statement: Statement) -> str:
    """How a statement is named where it fails."""
    return f"{subject.network.name}, {statement.name}"

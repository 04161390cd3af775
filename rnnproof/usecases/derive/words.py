"""What a check is called in a document."""

from __future__ import annotations

from rnnproof.usecases.derive.checks.measure import Measured, shown


def passed(who: str, what: str, measured: Measured) -> str:
    """Checked by the hand-written cell at 20 random points: outputs; worst error 0.04 of its bound."""
    worst = f"worst error {shown(measured.worst)} of its bound"
    return f"Checked by {who} at {measured.points} random points: {what}; {worst}."

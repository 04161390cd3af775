"""What a check is called in a document."""

from __future__ import annotations

from rnnproof.usecases.derive.checks.measure import Measured, shown


def passed(who: str, measured: Measured) -> str:
    """Checked: the hand-written cell, 20 random points, worst error 0.04 of its bound."""
    return f"Checked: {who}, {measured.points} random points, worst error {shown(measured.worst)} of its bound."

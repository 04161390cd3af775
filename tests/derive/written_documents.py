"""The documents that are kept in docs/derivations: which, where, and what in them differs from machine to machine."""

import re
from pathlib import Path

KEPT = Path(__file__).parents[2] / "docs" / "derivations"
NETWORKS = {
    "elman": "elman",
    "jordan": "jordan",
    "lecture_lstm": "lecture_lstm",
    "lstm": "lstm",
    "peephole": "peephole",
    "gru": "gru",
    "gru_reset_before": "gru:reset=before",
    "lecture": "lecture",
}
# Measured with the NumPy at hand, these depend on the order in which it sums: how far, not whether.
MEASURED = re.compile(r"(worst\serror\s)[0-9.e+-]*[0-9]|(&& )[0-9.e+-]*[0-9]")


def comparable(text):
    """The text with what was measured left out, each paragraph on one line."""
    lines = [" ".join(block.split()) for block in text.split("\n\n")]
    return [MEASURED.sub(r"\1\2...", line) for line in lines]

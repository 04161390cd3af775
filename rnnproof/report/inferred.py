"""The conventions of a target as text: what it is, its dialect to be pasted, other words for the same."""

from __future__ import annotations

from collections.abc import Iterator

from rnnproof.report.words import folded
from rnnproof.usecases.infer import Inferred

CONFIRMED = "on fresh cases of other sizes, within the derived bounds"
IMPORT = "from rnnproof.dialects import Dialect, Joined, Stack"


def lines(found: Inferred) -> list[str]:
    """Everything that is said of a target."""
    return list(_lines(found))


def _lines(found: Inferred) -> Iterator[str]:
    if found.why:
        yield from folded(f"{found.target}: {found.why}")
    else:
        yield from folded(f"{found.target} behaves as {found.readings[0][0]}, {CONFIRMED}")
    for network, dialect in found.readings:
        yield from ("", f"network: {network}", *_dialect(dialect))
    for network, dialect in found.also:
        yield from ("", f"the same function in other words: {network}", *_dialect(dialect))


def _dialect(text: str) -> list[str]:
    """The name of a dialect, or Python to be pasted; nothing where there is none."""
    if not text:
        return []
    return [IMPORT, *f"dialect = {text}".splitlines()] if "(" in text else [f"dialect: {text}"]

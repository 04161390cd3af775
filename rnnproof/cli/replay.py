"""``rnnproof replay``."""

from __future__ import annotations

from pathlib import Path

from rnnproof import isolate, store
from rnnproof.cli.screen import screen
from rnnproof.report.failure import replayed


def replay(what: str, target: str | None, directory: Path | None) -> int:
    """Run a stored case again in a child process, and say what became of it."""
    document = store.load(what, directory or store.default_directory(), target is not None)
    with screen(silent=False) as shown:
        shown.working(f"{document['property']} {document['dtype']}")
        outcome = isolate.replay(document, target, shown.printed)
        shown.lines(replayed(document, outcome.word, outcome.message))
    return outcome.exit_code

"""``rnnproof replay``."""

from __future__ import annotations

from pathlib import Path

import click

from rnnproof import isolate, store
from rnnproof.cli.outputs import check_writable, write
from rnnproof.cli.screen import screen
from rnnproof.errors import UsageError
from rnnproof.report.failure import replayed


def replay(what: str, target: str | None, directory: Path | None) -> int:
    """Run a stored case again in a child process, and say what became of it."""
    document = store.load(what, directory or store.default_directory(), target is not None)
    with screen(silent=False) as shown:
        shown.working(f"{document['property']} {document['dtype']}")
        outcome = isolate.replay(document, target, shown.printed)
        shown.lines(replayed(document, outcome.word, outcome.message))
    return outcome.exit_code


def script(what: str, target: str | None, directory: Path | None, output: Path | None) -> int:
    """Print a script that shows the failure; where it is fixed, or cannot run, say so on standard error instead.

    The exit code is that of replay, but 0 where a script was written.
    """
    document = store.load(what, directory or store.default_directory(), target is not None)
    if output is not None:
        check_writable(output)
    with screen(silent=True) as shown:
        outcome, text = isolate.script(document, target, shown.printed)
    if not text:
        told = replayed(document, outcome.word, outcome.message)
        click.echo("\n".join([*told, "  no script: there is no failure to show"]), err=True)
        return outcome.exit_code
    click.echo(text, nl=False) if output is None else write(output, text)
    return 0


def refuse_output(output: Path | None) -> None:
    """Errors: UsageError for a file where no script is asked for."""
    if output is not None:
        raise UsageError("-o goes with --script")

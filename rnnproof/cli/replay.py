"""``rnnproof replay``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from rnnproof import store
from rnnproof.cli.outputs import check_writable, write
from rnnproof.cli.screen import screen
from rnnproof.errors import UsageError
from rnnproof.isolate import rerun
from rnnproof.report.failure import replayed


def replay(what: str, target: str | None, directory: Path | None, as_script: bool, output: Path | None) -> int:
    """Run a stored case again in a child process, and say what became of it; or print a script that shows it.

    Errors: UsageError.
    """
    if output is not None and not as_script:
        raise UsageError("-o goes with --script")
    document = store.load(what, directory or store.default_directory(), target is not None)
    if as_script:
        return _script(document, target, output)
    with screen(silent=False) as shown:
        shown.working(f"{document['property']} {document['dtype']}")
        outcome = rerun.replay(document, target, shown.printed)
        shown.lines(replayed(document, outcome.word, outcome.message))
    return outcome.exit_code


def _script(document: Mapping[str, Any], target: str | None, output: Path | None) -> int:
    """0 where a script was written; else why there is none goes to standard error, and the exit code is replay's."""
    if output is not None:
        check_writable(output)
    with screen(silent=True) as shown:
        shown.working(f"a script of {document['property']}")
        outcome, text = rerun.script(document, target, shown.printed)
    if not text:
        told = replayed(document, outcome.word, outcome.message)
        click.echo("\n".join([*told, "  no script: there is no failure to show"]), err=True)
        return outcome.exit_code
    click.echo(text, nl=False) if output is None else write(output, text)
    return 0

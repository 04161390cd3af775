"""``rnnproof check-gradient``: the check in a child, its report as text, the reports asked for, the exit code."""

from __future__ import annotations

from collections.abc import Sequence

import click

from rnnproof.cli.outputs import STDOUT, parse, write_all
from rnnproof.cli.screen import screen
from rnnproof.isolate import gradient as child
from rnnproof.report.text import noted
from rnnproof.usecases.check_gradient import Options

DEFAULT = "arguments"


def check_gradient(
    function: str, gradient: str, arguments: str | None, options: Options, reports: Sequence[str]
) -> int:
    """Check one gradient. Errors: UsageError."""
    outputs = parse(reports)
    where = arguments or f"{place_of(function)}:{DEFAULT}"
    with screen(any(output.place == STDOUT for output in outputs), lasting=bool(outputs)) as shown:
        report = child.check_gradient((function, gradient), where, options, shown.printed, shown.working)
        shown.lines(noted(report))
    write_all(outputs, report)
    return report.exit_code


def place_of(function: str) -> str:
    """The file or the module that a text names an object of. Errors: UsageError where it names no object."""
    place, colon, name = function.rpartition(":")
    if not colon or not name or "/" in name or "\\" in name:
        raise click.UsageError(f"{function} names no function; expected FILE:FUNCTION")
    return place

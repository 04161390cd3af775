"""Where reports go: ``json:FILE``, ``junit:FILE``, ``-`` for standard output."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from rnnproof.errors import Unsupported, UsageError, nearest
from rnnproof.model.report import Matrix, Report

FORMATS = ("json", "junit", "html")
STDOUT = "-"


@dataclass(frozen=True)
class Output:
    """A format and a place."""

    format: str
    place: str


def parse(texts: Sequence[str]) -> tuple[Output, ...]:
    """Each ``FORMAT:FILE``.

    Errors: UsageError for an unknown format, with the nearest, a place that is missing or cannot be written;
    Unsupported for a format that is not built yet.
    """
    outputs = tuple(_parse_one(text) for text in texts)
    if sum(output.place == STDOUT for output in outputs) > 1:
        raise UsageError("--report: only one report can go to standard output")
    return outputs


def parse_json(texts: Sequence[str]) -> tuple[Output, ...]:
    """The same, of what is written as JSON alone. Errors: as ``parse``; Unsupported for another format."""
    outputs = parse(texts)
    for output in outputs:
        if output.format != "json":
            raise Unsupported(f"--report {output.format} of a score is not built yet; json is")
    return outputs


def _parse_one(text: str) -> Output:
    format, colon, place = text.partition(":")
    if format not in FORMATS:
        raise UsageError(f"--report {text}: unknown format {format!r}{nearest(format, FORMATS)}")
    if format not in WRITERS:
        raise Unsupported(f"--report {format} is not built yet; {' and '.join(WRITERS)} are")
    if not colon or not place:
        raise UsageError(f"--report {text} names no file; expected {format}:FILE, or {format}:- for standard output")
    if place != STDOUT:
        check_writable(Path(place))
    return Output(format, place)


def check_writable(file: Path) -> None:
    """Errors: UsageError for a file that certainly cannot be written, before the work is done for it."""
    directory = file.parent
    if file.is_dir():
        raise UsageError(f"{file} cannot be written: it is a directory")
    if not directory.is_dir():
        raise UsageError(f"{file} cannot be written: there is no directory {directory}")
    if not os.access(file if file.exists() else directory, os.W_OK):
        raise UsageError(f"{file} cannot be written: no permission")


def write(file: Path, text: str) -> None:
    """The text as the file's whole content: it is written beside it, and then takes its place.

    So nothing half-written is left where that fails. What is no ordinary file, as /dev/stdout, is written to.
    Errors: UsageError.
    """
    try:
        if file.exists() and not file.is_file():
            file.write_text(text, encoding="utf-8")
        else:
            _replace(file.resolve(), text)
    except OSError as problem:
        raise UsageError(f"{file} cannot be written: {problem.strerror}") from problem


def _replace(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        if file.exists():
            beside.chmod(file.stat().st_mode)
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_all(outputs: Sequence[Output], result: Report | Matrix) -> None:
    """Every output; standard output last, which somebody may read no further."""
    for output in sorted(outputs, key=lambda output: output.place == STDOUT):
        text = WRITERS[output.format](result)
        if output.place == STDOUT:
            click.echo(text)
        else:
            write(Path(output.place), text + "\n")


def _json(result: Report | Matrix) -> str:
    from rnnproof.report.json import as_json

    return as_json(result)


def _junit(result: Report | Matrix) -> str:
    from rnnproof.report.junit import as_junit

    return as_junit(result)


WRITERS: Mapping[str, Callable[[Report | Matrix], str]] = {"json": _json, "junit": _junit}

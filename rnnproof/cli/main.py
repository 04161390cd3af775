"""The command line: parse, call one function, print, exit. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from rnnproof.cli.commands import Commands
from rnnproof.cli.infer import infer
from rnnproof.cli.options import seed_option, timeout_option
from rnnproof.cli.score import score
from rnnproof.errors import RnnproofError, VerificationFailed, nearest

LISTS = ("networks", "properties", "faults", "dialects", "targets")
CASES_OF_ALL = 20  # of each law, where no target is named; for one that is, a profile says how many
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}  # what writing ends in where there is no room


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="rnnproof", message="%(package)s %(version)s")
def cli() -> None:
    """Is this code the recurrent network it says it is? Answered with evidence."""


@cli.command()
@click.argument("target", required=False)
@click.option("--network", metavar="N", help="What it is said to be: lstm, elman:activation=relu, ...")
@click.option("--dialect", metavar="D", help="How it packs its arrays; see: rnnproof list dialects.")
@click.option("--property", "properties", metavar="ID", multiple=True, help="Only this law. May be repeated.")
@click.option("--dtype", "dtypes", metavar="D", multiple=True, help="Only this dtype. May be repeated.")
@seed_option("findings")
@click.option("--max-examples", metavar="N", type=click.IntRange(min=1), help="Cases a law.")
@click.option("--profile", type=click.Choice(["quick", "thorough"]), default="quick", show_default=True)
@timeout_option("Seconds that one run of the target may take.")
@click.option("--report", "reports", metavar="FORMAT:FILE", multiple=True, help="json:FILE, junit:FILE; - is stdout.")
@click.option("--store", metavar="DIR", type=click.Path(path_type=Path), help="Where counterexamples are kept.")
def verify(target: str | None, network: str | None, dialect: str | None, reports: tuple[str, ...], **rest: Any) -> int:
    """Verify TARGET; without one, all that is found here.

    TARGET is torch.nn:LSTM, package.module:object, path/file.py:object, path/file.py or numpy:lstm. All that is found
    here is verified on 20 cases a law.
    """
    from rnnproof.cli.verify import everything, single
    from rnnproof.isolate.request import Place, Request

    options = {
        "properties": list(rest["properties"]) or None,
        "dtypes": list(rest["dtypes"]) or None,
        **{key: rest[key] for key in ("seed", "max_examples", "profile")},
    }
    if target is not None:
        return single(Request(Place(target, network, dialect), options, rest["timeout"]), reports, rest["store"])
    if network or dialect:
        raise click.UsageError(f"--{'network' if network else 'dialect'} goes with a TARGET")
    if rest["profile"] == "quick":
        options["max_examples"] = rest["max_examples"] or CASES_OF_ALL
    return everything(Request(None, options, rest["timeout"]), reports, rest["store"])


@cli.command()
@click.argument("network")
@click.option("--steps", metavar="T", type=int, default=2, show_default=True, help="Over how many steps.")
@click.option("--format", default="md", show_default=True, help="The document's format.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Instead of standard output.")
def derive(network: str, steps: int, format: str, output: Path | None) -> int:
    """Print the mathematics of NETWORK as a document."""
    from rnnproof.cli.outputs import check_writable, write
    from rnnproof.usecases.derive import derive

    if output is not None:
        check_writable(output)
    document = derive(network, steps, format)
    click.echo(document, nl=False) if output is None else write(output, document)
    return 0


@cli.command(context_settings={"ignore_unknown_options": True})  # a sentence may begin with a dash
@click.argument("part", metavar="[slots [SENTENCE] | lstm]", nargs=-1)
def lecture(part: tuple[str, ...]) -> int:
    """Show what the lecture works by hand.

    \b
    lecture                 the same input, two outputs: a network with memory
    lecture slots           "arrive Taipei" and "leave Taipei": is Taipei the
                            destination? The memory of the verb tells
    lecture slots SENTENCE  a sentence of yours, word by word
    lecture lstm            three gates that store, keep, show and reset
    """
    from rnnproof.cli.lecture import shown

    click.echo(shown(part))
    return 0


@cli.command("list")
@click.argument("what")
@click.option("--network", metavar="N", help="Of this network (faults).")
def list_(what: str, network: str | None) -> int:
    """List networks, properties, faults, dialects or targets."""
    from rnnproof.cli.listing import listed

    if what not in LISTS:
        raise click.UsageError(f"there is no list of {what}{nearest(what, LISTS)}")
    for line in listed(what, network):
        click.echo(line)
    return 0


@cli.command()
@click.argument("counterexample", metavar="ID|FILE")
@click.argument("target", required=False)
@click.option("--script", is_flag=True, help="Print a script that shows it without rnnproof, for a bug report.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where the script goes.")
@click.option("--store", metavar="DIR", type=click.Path(path_type=Path), help="Where counterexamples are kept.")
def replay(counterexample: str, target: str | None, script: bool, output: Path | None, store: Path | None) -> int:
    """Run a stored counterexample again: is it fixed?"""
    from rnnproof.cli.replay import replay

    return replay(counterexample, target, store, script, output)


@cli.command("check-gradient")
@click.argument("function", metavar="FILE:FUNCTION")
@click.argument("gradient", metavar="FILE:GRADIENT")
@click.option("--arguments", metavar="FILE:NAME", help="A dict, or a function that returns one. [default: arguments]")
@click.option("--wrt", metavar="NAMES", help="Only the gradients by these arguments: W,b")
@click.option("--returns", metavar="NAMES", help="What GRADIENT returns, in order: loss,W,b")
@click.option("--outputs", metavar="NAMES", help="What FUNCTION returns, in order: out,cache")
@seed_option("findings")
@timeout_option("Seconds for one call, and for each exact execution.")
@click.option("--report", "reports", metavar="FORMAT:FILE", multiple=True, help="json:FILE, junit:FILE; - is stdout.")
def check_gradient(function: str, gradient: str, reports: tuple[str, ...], **rest: Any) -> int:
    """Check a hand-written gradient, exactly.

    Is it the derivative of FUNCTION? FUNCTION returns a scalar loss; GRADIENT returns the gradients, or updates
    its arguments in place. Both may be one function. The arguments are the object of that name in FUNCTION's file.
    """
    from rnnproof.cli.check_gradient import check_gradient
    from rnnproof.usecases.check_gradient import Options

    named = {key: None if rest[key] is None else _names(rest[key]) for key in ("wrt", "returns", "outputs")}
    options = Options(**named, seed=rest["seed"], timeout=rest["timeout"])
    return check_gradient(function, gradient, rest["arguments"], options, reports)


@cli.command()
@seed_option("cases")
@click.option("--cases", metavar="N", type=click.IntRange(min=1), help="So many in each format.")
@click.option("--dtype", "dtypes", metavar="D", multiple=True, help="Only this format. May be repeated.")
@click.option("--case", metavar="FORMAT:N", help="This one again, alone.")
@click.option("--units", is_flag=True, help="Measure the libraries' sigmoid and tanh instead, through their layers.")
def calibrate(seed: int, cases: int | None, dtypes: tuple[str, ...], case: str | None, units: bool) -> int:
    """Look for false alarms among right implementations.

    Thousands of them, written in many ways: is any said to be wrong? Shows how
    large errors are, in units of their bounds, and which faults would show.
    """
    from rnnproof.cli.calibrate import calibrate, measure

    return measure(cases, dtypes) if units else calibrate(seed, cases, dtypes, case)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


cli.add_command(infer)
cli.add_command(score)


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 ok, 1 not ok, 2 usage or nothing decided, 130 interrupted. Never a traceback of ours."""
    try:
        return int(cli.main(arguments, prog_name="rnnproof", standalone_mode=False) or 0)
    except click.ClickException as problem:
        where = problem.ctx.command_path if isinstance(problem, click.UsageError) and problem.ctx else "rnnproof"
        return complain(problem.format_message(), f"{where} --help tells more")
    except VerificationFailed as problem:
        complain(str(problem))
        return 1
    except RnnproofError as problem:
        return complain(str(problem), problem.details)
    except (click.Abort, KeyboardInterrupt):
        click.echo("rnnproof: interrupted", err=True)
        return 130
    except BrokenPipeError:  # who read the output has stopped
        _write_no_more()
        return 1
    except OSError as problem:  # of what is opened by name, whoever opens it says so himself
        if problem.errno not in FULL:
            return complain(f"the operating system says no: {problem.strerror}")
        _write_no_more()
        return complain(f"standard output cannot be written: {problem.strerror}")


def _write_no_more() -> None:
    """What is still to be flushed to standard output goes nowhere, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str, details: str = "") -> int:
    """A sentence on standard error, and what belongs below it."""
    from rnnproof.report.words import folded, visible

    first, *further = message.splitlines() or [""]
    for line in [*folded(f"rnnproof: {first}"), *further, *details.splitlines()]:
        click.echo(visible(line), err=True)
    return 2


def main() -> None:
    """What the console script runs."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run())

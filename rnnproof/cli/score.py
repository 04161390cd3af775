"""``rnnproof score``: how good is a test suite?"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnproof.cli.options import seed_option, timeout_option

if TYPE_CHECKING:
    from rnnproof.isolate.score import Known
    from rnnproof.usecases.score.result import Score

ONNX = "onnx:"
SAVED_EVERY_S = 1.0


@click.command()
@click.argument("suite")
@click.option("--target", metavar="T", help="What the suite tests: path/file.py:object or package.module:object.")
@click.option("--network", metavar="N", help="What that is: lstm, elman:activation=relu, ...")
@click.option("--dialect", metavar="D", help="How it packs its arrays; see: rnnproof list dialects.")
@click.option("--sample", metavar="N", type=click.IntRange(min=1), help="So many of the faults. [default: all]")
@seed_option("sample")
@timeout_option("Seconds that one run of the suite may take.")
@click.option("--report", "reports", metavar="json:FILE", multiple=True, help="The score as JSON; - is stdout.")
@click.option("--store", metavar="DIR", type=click.Path(path_type=Path), help="Where what is known is kept.")
@click.option("--fresh", is_flag=True, help="Begin anew, whatever is known from before.")
def score(
    suite: str, target: str | None, reports: tuple[str, ...], store: Path | None, fresh: bool, **rest: Any
) -> int:
    """Score a test suite by the faults that it finds.

    Single faults are put in the place of what the suite tests, one after the other: which does it let pass?

    \b
    SUITE is
      tests/test_lstm.py[::test]   run by pytest, in one process
      "make check"                 a command that ends with 0 if its tests pass
      onnx:LSTM, onnx:GRU, onnx:RNN   the node tests of the onnx package
    """
    from rnnproof.cli.outputs import parse_json
    from rnnproof.errors import UsageError

    outputs = parse_json(reports)
    if suite.startswith(ONNX):
        return _of_onnx(suite, outputs)
    if target is None:
        raise UsageError("--target says which implementation the suite tests: path/file.py:object")
    asked = {"suite": suite, "target": target, **{k: rest[k] for k in ("network", "dialect", "seed", "sample")}}
    asked["timeout_s"] = rest["timeout"]
    return _of_suite(asked, outputs, _file(asked, store), fresh)


def _of_suite(asked: Mapping[str, Any], outputs: Any, file: Path, fresh: bool) -> int:
    from rnnproof.cli.screen import screen
    from rnnproof.isolate.score import score
    from rnnproof.report import score as told

    begun, known, saved = time.monotonic(), _load(file, fresh), [0.0]

    def kept(now: Known) -> None:
        if time.monotonic() - saved[0] > SAVED_EVERY_S:
            _save(file, now)
            saved[0] = time.monotonic()

    interrupted, before = False, len(known.caught_by)
    with screen(silent=any(output.place == "-" for output in outputs)) as shown:
        try:
            score(asked, known, shown.working, kept)
        except KeyboardInterrupt:
            interrupted = True
        if known.plan is None:
            raise KeyboardInterrupt  # there is no score to show
        _save(file, known)
        result = _result(asked, known, time.monotonic() - begun, interrupted, before)
        shown.lines([*told.header(result), *told.table(result), *told.closing(result)])
    _report(result, outputs)
    return result.exit_code


def _report(result: Score, outputs: Any) -> None:
    from rnnproof.cli.outputs import write
    from rnnproof.usecases.score.result import as_json

    text = json.dumps(as_json(result), indent=2, allow_nan=False)
    for output in outputs:
        click.echo(text) if output.place == "-" else write(Path(output.place), text + "\n")


def _result(asked: Mapping[str, Any], known: Known, elapsed: float, interrupted: bool, before: int) -> Score:
    from rnnproof.usecases.score.result import Score, Tried, need_from_json

    plan = known.plan
    assert plan is not None
    tried = tuple(
        Tried(
            each["text"],
            each["operator"],
            each["place"],
            tuple(each["others"]),
            known.caught_by.get(each["text"]),
            None if each["text"] not in known.needs else need_from_json(known.needs[each["text"]]),
        )
        for each in plan["planned"]
    )
    return Score(
        asked["suite"],
        asked["target"],
        plan["network"],
        asked["seed"],
        known.tests or 0,
        plan["faults"],
        plan["behaviours"],
        tried,
        round(elapsed, 3),
        interrupted,
        before,
        {"rnnproof": version("rnnproof"), **plan["versions"]},
    )


def _file(asked: Mapping[str, Any], store: Path | None) -> Path:
    """Where what is known of this suite is kept: another file as soon as the suite or the target is another."""
    from rnnproof.store import cache
    from rnnproof.usecases.score.placed import site_of
    from rnnproof.usecases.score.suites import suite_of

    files = [*suite_of(asked["suite"]).files(), site_of(asked["target"]).file]
    contents = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    told = [version("rnnproof"), str(Path.cwd()), asked, contents]
    name = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return (store or cache() / "scores") / f"{name}.json"


def _load(file: Path, fresh: bool) -> Known:
    from rnnproof.isolate.score import Known
    from rnnproof.usecases.score.result import need_from_json

    if fresh or not file.is_file():
        return Known()
    try:
        known = Known(**json.loads(file.read_text()))
        for need in known.needs.values():
            need_from_json(need)
    except (OSError, ValueError, TypeError, KeyError):  # cut off, or of another version: begin anew
        return Known()
    return known


def _save(file: Path, known: Known) -> None:
    from rnnproof.cli.outputs import write

    file.parent.mkdir(parents=True, exist_ok=True)
    write(file, json.dumps(vars(known)))


def _of_onnx(suite: str, outputs: Any) -> int:
    from rnnproof.cli.screen import screen
    from rnnproof.report import score as told
    from rnnproof.usecases.score.onnx_suite import scored

    with screen(silent=any(output.place == "-" for output in outputs)) as shown:
        result = scored(suite.removeprefix(ONNX), shown.working)
        shown.lines([*told.header(result), *told.table(result), *told.closing(result)])
    _report(result, outputs)
    return result.exit_code

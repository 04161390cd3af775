"""``rnnproof verify``: what happens in the child, shown as it happens, then the reports and the exit code."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from rnnproof import store
from rnnproof.cli.outputs import Output, parse, write_all
from rnnproof.cli.screen import Screen, screen
from rnnproof.isolate import together
from rnnproof.isolate.request import Request
from rnnproof.model.event import Event, Found, Judged, Printed, Read, Refusal, Running, Started, Unfit
from rnnproof.model.report import Matrix, Report
from rnnproof.model.verdict import Finding
from rnnproof.report import overview
from rnnproof.report.text import header, summary, table

INTERRUPTED = 130
AS_READ = "  (its arrays have other names: read in a dialect that fits, as infer prints it)"


@dataclass(eq=False)
class Record:
    """What has been found so far."""

    screen: Screen
    request: Request
    directory: Path | None
    reports: list[Report] = field(default_factory=list)
    planned: int = 0
    unfit: dict[str, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    interrupted: bool = False

    def __post_init__(self) -> None:
        self.begun = self.since = time.monotonic()
        where = self.directory or store.default_directory()
        self.kept = store.keeper(where, lambda problem: self.screen.printed(f"rnnproof: {problem}\n"))

    @property
    def suffix(self) -> str:
        """How a replay finds counterexamples that are kept elsewhere."""
        return "" if self.directory is None else f" --store {self.directory}"

    def watch(self, events: Iterator[Event]) -> Iterator[Event]:
        """Everything but what is only shown; ends where the user interrupts."""
        try:
            for event in events:
                if isinstance(event, Printed):
                    self.screen.printed(event.text)
                elif isinstance(event, Running):
                    self.screen.working(self._work(event))
                elif isinstance(event, Judged):
                    self.screen.working(
                        f"{event.finding.property} failed: what explains it is looked for, ten seconds at most"
                    )
                else:
                    yield self._recorded(event)
        except KeyboardInterrupt:
            self.interrupted = True
            if self.reports:
                took = round(time.monotonic() - self.since, 3)
                self.reports[-1] = replace(self.reports[-1], elapsed_s=took)

    def _work(self, event: Running) -> str:
        where = "" if self.request.place is not None else f"{self.reports[-1].target}: "
        return f"{where}{event.property} {event.dtype or ''}".rstrip()

    def _recorded(self, event: Event) -> Event:
        if isinstance(event, Started):
            self.since, self.planned = event.at, self.planned + len(event.plan)
            seed = self.request.options["seed"]
            self.reports.append(Report(event.target, event.network, (), event.dialect, event.versions, seed))
        elif isinstance(event, Read):
            if self.reports[-1].dialect is None:
                self.screen.lines([AS_READ])
            self.reports[-1] = replace(self.reports[-1], dialect=event.dialect)
        elif isinstance(event, Found):
            report = self.reports[-1]
            event = replace(event, finding=self.kept(event.finding, report.target))
            took = max(report.elapsed_s, round(event.at - self.since, 3))
            self.reports[-1] = replace(report, findings=(*report.findings, event.finding), elapsed_s=took)
        elif isinstance(event, Unfit):
            self.unfit[event.target] = event.reason
            self.reports.append(Report(event.target, "", ()))
        elif isinstance(event, Refusal):
            self.refusals.append(event)
            self.screen.working(f"planted faults: {event.property}")
        return event


def single(request: Request, reports: Sequence[str], directory: Path | None) -> int:
    """Verify one target: the text as it comes, the reports asked for, the exit code."""
    outputs = parse(reports)
    with screen(_taken(outputs), lasting=bool(outputs)) as shown:
        record = Record(shown, request, directory)
        with closing(together.verify_target(request)) as events:
            _show_single(record, record.watch(events))
    if not record.reports:
        raise KeyboardInterrupt
    record.reports[-1] = replace(record.reports[-1], interrupted=record.interrupted)
    write_all(outputs, record.reports[-1])
    return INTERRUPTED if record.interrupted else record.reports[-1].exit_code


def _show_single(record: Record, events: Iterator[Event]) -> None:
    for event in events:
        if isinstance(event, Started):
            dtypes = tuple(dict.fromkeys(dtype for _, dtype in event.plan if dtype))
            record.screen.lines(header(record.reports[-1], dtypes))
            record.screen.lines(table(_findings(events), several=len(dtypes) > 1))
            asked = record.planned if record.interrupted else None
            record.screen.lines(summary(record.reports[-1], asked, record.suffix))


def _findings(events: Iterator[Event]) -> Iterator[Finding]:
    return (event.finding for event in events if isinstance(event, Found))


def everything(request: Request, reports: Sequence[str], directory: Path | None) -> int:
    """Verify every target that is found; then show that each law refuses its planted fault."""
    outputs = parse(reports)
    with screen(_taken(outputs), lasting=bool(outputs)) as shown:
        record = Record(shown, request, directory)
        with closing(together.verify_everything(request)) as events:
            _show_everything(record, record.watch(events))
    matrix = Matrix(tuple(replace(report, interrupted=record.interrupted) for report in record.reports))
    write_all(outputs, matrix)
    return INTERRUPTED if record.interrupted else matrix.exit_code


def _show_everything(record: Record, events: Iterator[Event]) -> None:
    """A target's rows once it is done; then what is wrong, the planted faults, how sure, and the last line."""
    shown = 0
    for event in events:
        if isinstance(event, Started | Unfit | Refusal):
            done = len(record.reports) - isinstance(event, Started)
            _show_rows(record, shown, done)
            shown = done
    _show_rows(record, shown, len(record.reports))
    for report in record.reports:
        record.screen.lines(overview.wrong(report, record.suffix))
    record.screen.lines(overview.refusals(record.refusals))
    record.screen.lines(overview.sure(record.reports))
    took = time.monotonic() - record.begun
    record.screen.lines(["", overview.closing(Matrix(tuple(record.reports)), took, record.interrupted)])


def _show_rows(record: Record, first: int, end: int) -> None:
    for report in record.reports[first:end]:
        reason = record.unfit.get(report.target)
        record.screen.lines(overview.rows(report) if reason is None else overview.unfit(report.target, reason))


def _taken(outputs: Sequence[Output]) -> bool:
    return any(output.place == "-" for output in outputs)

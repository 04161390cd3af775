"""The course of a verification in child processes: when one dies, its law is an error and the next goes on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from rnnproof import errors
from rnnproof.isolate.ending import Died
from rnnproof.isolate.process import Message, Said, converse, never
from rnnproof.isolate.request import Request
from rnnproof.model.event import Event, Found, Item, Judged, Printed, Read, Refusal, Running, Started, Unfit
from rnnproof.model.report import finding_from_json
from rnnproof.model.verdict import Finding, Outcome

PATIENCE = 3  # deaths of one kind in a row, with nothing found yet, before the rest is given up


def verify(request: Request, stopped: Callable[[], bool] = never) -> Generator[Event, None, None]:
    """What happens, as it happens; a law during which the process ends is an error, and the others go on.

    Soon after ``stopped`` it is over.
    Errors: UsageError or Unsupported, as the child says, for a single target that cannot be verified at all.
    """
    course = _Course(request)
    while not course.ended and not stopped():
        with closing(converse(course.asked(), stopped)) as messages:
            for message in messages:
                yield from course.take(message)


class _Course:
    """Where the verification stands."""

    def __init__(self, request: Request) -> None:
        self.request, self.alone = request, request.place is not None
        self.plans: dict[str, tuple[Item, ...]] = {}
        self.aside: dict[Item, Finding] = {}  # of the target at work: what is known before anything runs
        self.done: set[tuple[str, str, str | None]] = set()
        self.unfit: set[str] = set()
        self.running: Item | None = None
        self.judged: Finding | None = None  # whose diagnosis is looked for
        self.diagnosing = True
        self.read = False  # whether the target is read in the dialect that its behaviour shows
        self.deaths: list[str] = []
        self.target = ""
        self.alive = False  # whether any law gave a result
        self.ended = False

    def asked(self) -> dict[str, Any]:
        """What to ask of the next child: what is not done yet."""
        known = {"alone": self.alone, "done": sorted(self.done, key=str), "unfit": sorted(self.unfit)}
        return {
            **self.request.as_json(),
            **known,
            "diagnosing": self.diagnosing,
            "reading": self.diagnosing or self.read,
        }

    def take(self, message: Message) -> Iterator[Event]:
        """What a message of the child, or its death, means."""
        if isinstance(message, Printed):
            yield message
        elif isinstance(message, Died):
            yield from self._death(message)
        else:
            yield from self._said(message)

    def _said(self, said: Said) -> Iterator[Event]:
        match said["event"]:
            case "opening":
                self.target, self.running = said["target"], None
            case "started":
                yield from self._start(said)
            case "running":
                self.running = (said["property"], said["dtype"])
                yield Running(*self.running)
            case "read":
                self.read = True
                yield Read(said["dialect"])
            case "judged":
                self.judged = finding_from_json(said["finding"])
                yield Judged(self.judged)
            case "found":
                self.alive, self.deaths = True, []
                yield self._found(finding_from_json(said["finding"]))
            case "planted":
                yield Refusal(said["property"], said["fault"], said["refused"], said["message"])
            case "unfit":
                yield self._unfit(said["reason"])
            case "problem":
                raise problem(said)
            case "end":
                self.ended = True

    def _start(self, said: Said) -> Iterator[Event]:
        """A target's beginning, told once however many processes it takes."""
        if self.target in self.plans:
            return
        self.alive, self.deaths = False, []
        plan, mine = (tuple((law, dtype) for law, dtype in said[part]) for part in ("plan", "mine"))
        self.plans[self.target] = mine
        known = map(finding_from_json, said["aside"])
        self.aside = {(finding.property, finding.dtype): finding for finding in known}
        yield Started(self.target, said["network"], plan, said["dialect"], said["versions"])

    def _found(self, finding: Finding) -> Found:
        self.done.add((self.target, finding.property, finding.dtype))
        self.running = self.judged = None
        return Found(finding)

    def _left(self) -> list[Item]:
        return [item for item in self.plans.get(self.target, ()) if (self.target, *item) not in self.done]

    def _death(self, died: Died) -> Iterator[Event]:
        """The law at work, or else the next one, is an error; after too many deaths so is what applies of the rest."""
        if self.judged is not None:  # what was found stands; no more is looked for
            ended = f"no diagnosis: while one was looked for, {died.message}"
            stands = replace(self.judged, diagnosis={"text": ended, "names": [], "explains": []})
            yield self._found(stands if self.judged.outcome is Outcome.FAILED else self.judged)
            self.diagnosing = False
            self.ended = self.alone and not self._left()
            return
        left = self._left()
        if not left:
            yield self._cannot(died)
            return
        yield self._error(self.running or left[0], died.message, died.kind)
        self.deaths.append(died.reason)
        last = self.deaths[-PATIENCE:]
        if not self.alive and len(last) == PATIENCE and len(set(last)) == 1:
            yield from self._given_up(died)
        self.ended = self.alone and not self._left()

    def _given_up(self, died: Died) -> Iterator[Event]:
        message = f"not tried, since {PATIENCE} laws in a row ended so: {died.reason}"
        for item in self._left():
            known = self.aside.get(item)
            yield self._error(item, message, died.kind) if known is None else self._found(known)

    def _cannot(self, died: Died) -> Unfit:
        """The process ended before the target could be asked anything."""
        if self.alone or not self.target or self.target in self.plans:
            raise errors.UsageError(f"{self.target or 'this'} cannot be verified: {died.message}")
        return self._unfit(died.message)

    def _unfit(self, reason: str) -> Unfit:
        self.unfit.add(self.target)
        return Unfit(self.target, reason)

    def _error(self, item: Item, message: str, kind: str) -> Found:
        return self._found(Finding(*item, Outcome.ERROR, message, kind))


def problem(said: dict[str, Any]) -> errors.RnnproofError:
    """The exception that a child told of."""
    kind = getattr(errors, said["type"], errors.RnnproofError)
    return kind(said["message"], said["details"])

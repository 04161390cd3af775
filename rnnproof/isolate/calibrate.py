"""A calibration in as many child processes as there are processors."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any

from rnnproof.errors import UsageError
from rnnproof.isolate.course import problem
from rnnproof.isolate.ending import Died
from rnnproof.isolate.process import converse
from rnnproof.isolate.request import TIMEOUT_S
from rnnproof.model.event import Printed
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.usecases.calibrate import Judged, Plan

Told = SimpleQueue[Judged | BaseException | None]  # None: one process has no more


def calibrate(plan: Plan, processes: int | None = None) -> Generator[Judged, None, None]:
    """What each law said of each case, as it comes.

    Errors: UsageError where a process ends before it is done.
    """
    count = min(processes or os.cpu_count() or 1, max(plan.total, 1))
    told: Told = SimpleQueue()
    stop = Flag()
    workers = [Thread(target=_work, args=(plan, n, count, told, stop), daemon=True) for n in range(count)]
    for worker in workers:
        worker.start()
    try:
        while count:
            one = told.get()
            if isinstance(one, BaseException):
                raise one
            if one is None:
                count -= 1
            else:
                yield one
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def _work(plan: Plan, which: int, of: int, told: Told, stop: Flag) -> None:
    """One process's cases into the queue, until there are no more or nobody wants them."""
    request = {"do": "calibrate", "plan": asdict(plan), "which": which, "of": of, "timeout_s": TIMEOUT_S}
    try:
        with closing(converse(request, stop.is_set)) as messages:
            for message in messages:
                if isinstance(message, Died):
                    raise UsageError(f"the calibration ended: {message.message}")
                if isinstance(message, Printed):
                    continue
                if message["event"] == "problem":
                    raise problem(message)
                if message["event"] == "judged":
                    told.put(judged_from_json(message))
        told.put(None)
    except BaseException as raised:  # it is raised where what is told is read
        told.put(raised)


def judged_as_json(one: Judged) -> dict[str, Any]:
    """As plain data; numbers as text, because they need not be finite."""
    verdict = asdict(one.verdict) | {"outcome": one.verdict.outcome.value}
    return asdict(one) | {"verdict": {k: repr(v) if isinstance(v, float) else v for k, v in verdict.items()}}


def judged_from_json(data: Mapping[str, Any]) -> Judged:
    """What ``judged_as_json`` was given."""
    verdict = dict(data["verdict"])
    numbers = {key: None if verdict[key] is None else float(verdict[key]) for key in ("ratio", "sensitivity")}
    said = Verdict(**verdict | numbers | {"outcome": Outcome(verdict["outcome"])})
    return Judged(data["dtype"], data["number"], data["law"], said, data["words"], data["two_tiers"])

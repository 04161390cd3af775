"""Groups of targets verified at the same time, each group in a child process of its own."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from queue import SimpleQueue
from threading import Event as Flag
from threading import Semaphore, Thread

from rnnproof.isolate.course import verify
from rnnproof.isolate.request import Request
from rnnproof.model.event import Event

GROUPS = 3  # as many as ``usecases.verify.targets_found`` makes

Told = SimpleQueue[Event | BaseException | None]  # None: no more


def verify_everything(request: Request) -> Generator[Event, None, None]:
    """What happens to every target that is found: groups at work together, as many as there are processors.

    What they say is told group by group.
    """
    stop, free = Flag(), Semaphore(os.cpu_count() or 1)
    told: list[Told] = [SimpleQueue() for _ in range(GROUPS)]
    workers = [
        Thread(target=_work, args=(replace(request, group=n), queue, stop, free), daemon=True)
        for n, queue in enumerate(told)
    ]
    for worker in workers:
        worker.start()
    try:
        for queue in told:
            while (event := queue.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def _work(request: Request, told: Told, stop: Flag, free: Semaphore) -> None:
    """One group's events into its queue, until there are no more or nobody wants them."""
    try:
        with free, closing(verify(request)) as events:
            while not stop.is_set() and (event := next(events, None)) is not None:
                told.put(event)
        told.put(None)
    except BaseException as problem:  # it is raised where the events are read
        told.put(problem)

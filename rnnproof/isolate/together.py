"""Several verifications at the same time, each in a child process of its own, told one after the other."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Semaphore, Thread

from rnnproof.isolate.course import verify
from rnnproof.isolate.request import Request
from rnnproof.model.event import Event, Found, Started

GROUPS = 3  # as many as ``usecases.verify.targets_found`` makes
SHARES = 2  # of one target's plan, as ``usecases.verify.share_of`` makes them
FEW = 20  # fewer cases a law are examined sooner than another process has started

Told = SimpleQueue[Event | BaseException | None]  # None: no more


def verify_everything(request: Request) -> Generator[Event, None, None]:
    """What happens to every target that is found: groups at work together, as many as there are processors.

    What they say is told group by group.
    """
    yield from _together([replace(request, group=n) for n in range(GROUPS)])


def verify_target(request: Request) -> Generator[Event, None, None]:
    """What happens to one target: where every law is looked at in several float formats, the first beside the rest.

    What was found in the first is told first, then the rest.
    """
    if not _is_long(request) or (os.cpu_count() or 1) == 1:
        yield from verify(request)
        return
    yield from _together([replace(request, share=n) for n in range(SHARES)])


def _is_long(request: Request) -> bool:
    options = request.options
    formats = options.get("dtypes")
    most = options.get("max_examples")
    return options.get("properties") is None and (formats is None or len(formats) > 1) and (most or FEW) >= FEW


def _together(requests: Sequence[Request]) -> Generator[Event, None, None]:
    """The events of each, one request after the other; where it is interrupted, what the others found is told too."""
    stop, free = Flag(), Semaphore(os.cpu_count() or 1)
    told: list[Told] = [SimpleQueue() for _ in requests]
    workers = [
        Thread(target=_work, args=(one, queue, stop, free), daemon=True)
        for one, queue in zip(requests, told, strict=True)
    ]
    for worker in workers:
        worker.start()
    try:
        for queue in told:
            while (event := queue.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
    except KeyboardInterrupt:
        yield from (event for queue in told for event in _left(queue))
        raise
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def _left(queue: Told) -> Iterator[Event]:
    """What was found and not told yet."""
    while True:
        try:
            event = queue.get_nowait()
        except Empty:
            return
        if isinstance(event, Started | Found):
            yield event


def _events(request: Request, stop: Flag) -> Generator[Event, None, None]:
    """What happens; of a share that is not the first, what was told with the first is left out."""
    with closing(verify(request, stop.is_set)) as events:
        if request.share:
            any(isinstance(event, Started) for event in events)
        yield from events


def _work(request: Request, told: Told, stop: Flag, free: Semaphore) -> None:
    """One request's events into its queue, until there are no more or nobody wants them."""
    try:
        with free, closing(_events(request, stop)) as events:
            while not stop.is_set() and (event := next(events, None)) is not None:
                told.put(event)
        told.put(None)
    except BaseException as problem:  # it is raised where the events are read
        told.put(problem)

"""The conventions of a target looked for in a child process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from rnnproof.conventions.clock import SECONDS
from rnnproof.errors import UsageError
from rnnproof.isolate.course import problem
from rnnproof.isolate.ending import Died
from rnnproof.isolate.process import converse
from rnnproof.model.event import Printed
from rnnproof.usecases.infer import Inferred, inferred_from_json

Hear = Callable[[str], object]
TIMEOUT_S = 60.0  # for loading it


def infer(target: str, network: str | None, printed: Hear, working: Hear) -> Inferred:
    """What was found; ``printed`` is given what the target prints, ``working`` what is looked at.

    Errors: UsageError or Unsupported, as the child says; UsageError where the process ends before it is done.
    """
    request = {"do": "infer", "target": target, "network": network, "timeout_s": TIMEOUT_S}
    running = False
    with closing(converse(request)) as messages:
        for message in messages:
            if isinstance(message, Printed):
                printed(message.text)
            elif isinstance(message, Died):
                raise UsageError(f"{target}: its conventions cannot be told: {_why(message, running)}")
            elif message["event"] == "working":
                running = True
                working(message["what"])
            elif message["event"] == "problem":
                raise problem(message)
            elif message["event"] == "inferred":
                return inferred_from_json(message)
    raise UsageError(f"{target}: the process that looked at it ended without an answer")


def _why(died: Died, running: bool) -> str:
    """How the process ended, in words; a run that is ended by the clock has less time than loading."""
    if running and died.kind == "timeout":
        died = replace(died, reason=f"one of its runs did not end in the {SECONDS:g} s that there are")
    return died.message

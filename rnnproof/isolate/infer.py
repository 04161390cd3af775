"""The conventions of a target looked for in a child process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from rnnproof.errors import UsageError
from rnnproof.isolate.course import problem
from rnnproof.isolate.ending import Died
from rnnproof.isolate.process import converse
from rnnproof.model.event import Printed
from rnnproof.usecases.infer import Inferred, inferred_from_json

Hear = Callable[[str], object]
TIMEOUT_S = 120.0


def infer(target: str, network: str | None, printed: Hear, working: Hear) -> Inferred:
    """What was found; ``printed`` is given what the target prints, ``working`` what is looked at.

    Errors: UsageError or Unsupported, as the child says; UsageError where the process ends before it is done.
    """
    request = {"do": "infer", "target": target, "network": network, "timeout_s": TIMEOUT_S}
    with closing(converse(request)) as messages:
        for message in messages:
            if isinstance(message, Printed):
                printed(message.text)
            elif isinstance(message, Died):
                raise UsageError(f"{target}: its conventions cannot be told: {message.message}")
            elif message["event"] == "working":
                working(message["what"])
            elif message["event"] == "problem":
                raise problem(message)
            elif message["event"] == "inferred":
                return inferred_from_json(message)
    raise UsageError(f"{target}: the process that looked at it ended without an answer")

"""One stored counterexample run again in a child process, or made a script there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from rnnproof.errors import UsageError
from rnnproof.isolate.course import problem
from rnnproof.isolate.ending import Died
from rnnproof.isolate.process import converse
from rnnproof.isolate.request import TIMEOUT_S
from rnnproof.model.event import Printed
from rnnproof.usecases.replay import CANNOT_RUN, Replayed

Printer = Callable[[str], object]


def replay(document: Mapping[str, Any], target: str | None, printed: Printer, timeout_s: float = TIMEOUT_S) -> Replayed:
    """What the stored case says now; ``printed`` is given what the target prints.

    Errors: UsageError or Unsupported, as the child says, for a target that cannot be found or built.
    """
    return _asked("replay", document, target, printed, timeout_s)[0]


def script(
    document: Mapping[str, Any], target: str | None, printed: Printer, timeout_s: float = TIMEOUT_S
) -> tuple[Replayed, str]:
    """The same, and a script that shows the failure: empty where there is none.

    Errors: UsageError or Unsupported, as the child says; Unsupported where no script can show it.
    """
    return _asked("script", document, target, printed, timeout_s)


def _asked(
    do: str, document: Mapping[str, Any], target: str | None, printed: Printer, timeout_s: float
) -> tuple[Replayed, str]:
    asked = {"do": do, "document": document, "target": target, "timeout_s": timeout_s}
    with closing(converse(asked)) as messages:
        for message in messages:
            if isinstance(message, Printed):
                printed(message.text)
            elif isinstance(message, Died):
                return Replayed(CANNOT_RUN, message.message), ""
            elif message["event"] == "problem":
                raise problem(message)
            elif message["event"] == "replayed":
                return Replayed(message["word"], message["message"]), message.get("text", "")
    raise UsageError("the process that ran the stored case ended without an answer")

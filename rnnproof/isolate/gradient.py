"""A gradient checked in a child process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from typing import Any

from rnnproof.errors import UsageError
from rnnproof.isolate.course import problem
from rnnproof.isolate.ending import Died
from rnnproof.isolate.process import Said, converse
from rnnproof.model.event import Printed
from rnnproof.model.report import Report, finding_from_json
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases.check_gradient import IN_FLOATS, PROPERTY, Options, target_of

Hear = Callable[[str], object]


def check_gradient(names: tuple[str, str], arguments: str, options: Options, printed: Hear, working: Hear) -> Report:
    """The report on ``FILE:function`` and ``FILE:gradient``; ``printed`` is given what they print.

    A hang while it runs in plain floats, and any crash, is an error; a hang of the exact execution is undecided.

    Errors: UsageError, as the child says, for what cannot be found, or cannot be asked.
    """
    begun, what = time.monotonic(), ""
    with closing(converse(_asked(names, arguments, options))) as messages:
        for message in messages:
            if isinstance(message, Printed):
                printed(message.text)
            elif isinstance(message, Died):
                return _report(names, options, _ended(message, what, options.timeout), {}, begun)
            elif message["event"] == "working":
                what = message["what"]
                working(what)
            elif message["event"] == "problem":
                raise problem(message)
            elif message["event"] == "reported":
                finding = finding_from_json(message["finding"])
                return _report(names, options, finding, message["versions"], begun)
    raise UsageError("the process that checked the gradient ended without an answer")


def _asked(names: tuple[str, str], arguments: str, options: Options) -> Said:
    named = {"function": names[0], "gradient": names[1], "arguments": arguments}
    return {"do": "check_gradient", **named, "options": asdict(options), "timeout_s": options.timeout}


def _ended(died: Died, what: str, timeout_s: float) -> Finding:
    """The finding where the process ended before it could say one. Errors: UsageError before anything was run."""
    if not what:
        raise UsageError(died.message)
    if died.kind != "timeout" or what == IN_FLOATS:
        return Finding(PROPERTY, None, Outcome.ERROR, died.message, died.kind, 1)
    told = f"exact execution ({what}) took longer than {timeout_s:g} s: raise --timeout, or give smaller arguments"
    message = "\n".join([told, *(f"  {frame}" for frame in died.frames)])
    return Finding(PROPERTY, None, Outcome.UNDECIDED, message, died.kind, 1)


def _report(
    names: tuple[str, str], options: Options, finding: Finding, versions: Mapping[str, Any], begun: float
) -> Report:
    took = round(time.monotonic() - begun, 3)
    return Report(target_of(names), "", (finding,), None, versions, options.seed, took)

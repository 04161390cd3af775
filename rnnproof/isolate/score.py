"""A suite scored in a child process; where that ends on the way, a new one goes on with the next fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

from rnnproof.errors import UsageError
from rnnproof.isolate.course import problem
from rnnproof.isolate.ending import Died
from rnnproof.isolate.process import converse
from rnnproof.model.event import Printed
from rnnproof.usecases.score.session import Asked

Said = dict[str, Any]


@dataclass(eq=False)
class Known:
    """What is known so far: the plan, who caught each fault ("" nobody), what is needed to see it."""

    caught_by: dict[str, str] = field(default_factory=dict)
    needs: dict[str, Any] = field(default_factory=dict)
    tests: int | None = None
    plan: Said | None = None


def score(
    asked: Mapping[str, Any], known: Known, working: Callable[[str], object], kept: Callable[[Known], object]
) -> None:
    """Fill what is known, until all is; ``kept`` is given it whenever there is more.

    Errors: UsageError or Unsupported, as the child says, and where the suite ends the process of a right target.
    """
    while not _one_process(asked, known, working, kept):
        pass


def _one_process(
    asked: Mapping[str, Any], known: Known, working: Callable[[str], object], kept: Callable[[Known], object]
) -> bool:
    """Whether the child came to its end."""
    trying = None
    request = Asked(**asked, known=known.caught_by, needs=known.needs, tests=known.tests, plan=known.plan)
    with closing(converse({"do": "score", "timeout_s": asked["timeout_s"], "asked": asdict(request)})) as messages:
        for message in messages:
            if isinstance(message, Printed):
                continue
            if isinstance(message, Died):
                if trying is None:
                    told = f"with a right implementation in the place of {asked['target']}, {_ended(message, asked)}"
                    raise UsageError(f"{asked['suite']}: no score: {told}")
                known.caught_by[trying] = _ended(message, asked).splitlines()[0]
                kept(known)
                return False
            trying = message["text"] if message["event"] == "trying" else trying
            _hear(message, known, working, kept)
    return True


def _ended(died: Died, asked: Mapping[str, Any]) -> str:
    """How the process ended; where the suite did not, it is the suite that takes too long, whatever it waits for."""
    if died.kind != "timeout":
        return died.message
    return "\n  ".join([f"the suite did not end in {asked['timeout_s']:g} s (--timeout)", *died.frames[:1]])


def _hear(message: Said, known: Known, working: Callable[[str], object], kept: Callable[[Known], object]) -> None:
    event = message["event"]
    if event == "problem":
        raise problem(message)
    if event == "working":
        working(message["what"])
    elif event == "baseline":
        known.tests = message["tests"]
    elif event == "planned":
        known.plan = {key: value for key, value in message.items() if key != "event"}
        kept(known)
    elif event == "trying" and known.plan is not None:
        done = sum(each["text"] in known.caught_by for each in known.plan["planned"])
        working(f"{done} of {len(known.plan['planned'])} faults tried")
    elif event == "tried":
        known.caught_by[message["text"]] = message["caught_by"]
        kept(known)
    elif event == "need":
        known.needs[message["text"]] = {"needs": message["needs"], "smallest": message["smallest"]}
        kept(known)

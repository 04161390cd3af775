"""One exact execution of a plan, and what stopped it: the limits of exact execution, or the code itself."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rnnproof.domains.execution import Budget, execute
from rnnproof.domains.place import between
from rnnproof.domains.ring import Ring
from rnnproof.errors import TargetError, Unsupported, Untraceable
from rnnproof.usecases.gradients.check import Plan, check
from rnnproof.usecases.gradients.compare import Found

FRAME = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+), in (?P<name>.*)')
T = TypeVar("T")
Judged = tuple[Found, Ring]


def executed(plan: Plan, reading: str = "simplest") -> Judged:
    """One exact execution.

    Errors: Untraceable also for what is raised in it that the floats did not raise; TargetError; OutOfBudget.
    """
    return run_exactly(plan, lambda ring: check(plan, ring), reading)


def run_exactly(plan: Plan, run: Callable[[Ring], T], reading: str = "simplest") -> tuple[T, Ring]:
    """What ``run`` returns of a ring, the same one for the same plan's seed. Errors: as of ``executed``."""
    seed = zlib.crc32(str(plan.seed).encode())
    try:
        return execute(run, seed, reading, Budget(seconds=plan.seconds), plan.bits)
    except (TargetError, Unsupported) as problem:
        if problem.__cause__ is None:  # a gradient of another shape: ours to say
            raise
        raise Untraceable(f"{problem}{_where(problem.details)}") from problem


def _where(traceback: str) -> str:
    """The line that raised, as ``  (rnn.py:12, in loss)``."""
    frames = [found for line in traceback.splitlines() if (found := FRAME.fullmatch(line.strip()))]
    theirs = [frame for frame in frames if not between(frame["file"])]
    return f"  ({Path(theirs[-1]['file']).name}:{theirs[-1]['line']}, in {theirs[-1]['name']})" if theirs else ""


def bits_of(ring: Ring) -> int:
    """How many bits its numbers have: as many as a further execution of the same code needs."""
    return int(ring.residues.modulus.bit_length())


def looked_at(found: Found) -> bool:
    """Whether anything was compared."""
    return not found.idle and bool(found.got or (found.update and found.update.factors))

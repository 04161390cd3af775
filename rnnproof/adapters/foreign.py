"""Calling somebody else's code: what it raises becomes an error naming the call, with its own traceback."""

from __future__ import annotations

import functools
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from rnnproof.errors import TargetError, Unsupported

OURS = Path(__file__).parents[1]
BETWEEN = ("<string>", functools.__file__)  # a dataclass's own methods, and cached properties
IMPORT_MACHINERY = ("<frozen importlib", str(Path("importlib") / "__init__.py"))
OF_A_FILE = re.compile(r"\b_rnnproof_target_\d+_")  # what begins the name under which ``loading`` imports a file
MOST_FRAMES = 12


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Whatever is raised inside is the target's, and told so; Ctrl-C passes.

    Errors: Unsupported for NotImplementedError; TargetError for whatever else is raised, sys.exit and exceptions
    that are no Exception included, the target's own traceback in its ``details``.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except NotImplementedError as problem:
        raise Unsupported(f"{what} says that it does not do this: {said(problem)}") from problem
    except SystemExit as problem:
        raise TargetError(f"{what} called sys.exit({problem.code!r})", own_traceback(problem)) from problem
    except BaseException as problem:
        raise TargetError(f"{what} raised {said(problem)}", own_traceback(problem)) from problem


def call(what: str, function: Callable[..., Any], positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """What the function returns. Errors: as ``calling``; the traceback begins in the function."""
    with calling(what):
        return function(*positional, **named)


def attribute(target: object, name: str) -> Any:
    """What a target has under that name; None where it has nothing. Errors: as ``calling``, where asking raises."""
    with calling(f"asked for its {name}, the target"):
        return getattr(target, name, None)


def said(problem: BaseException) -> str:
    """The exception's type and the first line of its message, as Python prints them."""
    lines = "".join(traceback.TracebackException.from_exception(problem).format_exception_only()).splitlines()
    return OF_A_FILE.sub("", next(line for line in lines if not line.startswith(" ")))


def own_traceback(problem: BaseException) -> str:
    """The traceback without the frames that are ours, its middle left out where it is long."""
    told = traceback.TracebackException.from_exception(problem)
    part: traceback.TracebackException | None = told
    while part is not None:
        part.stack = _trimmed(part.stack)
        part.__context__ = None  # what was being handled when the target was called is not its own
        part = part.__cause__
    return OF_A_FILE.sub("", "".join(told.format()).rstrip())


def last_line(problem: BaseException) -> str | None:
    """The last line that is not ours on the way to where it was raised: "mine.py, line 3"; None where all are ours."""
    frames = _theirs(traceback.TracebackException.from_exception(problem).stack)
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else None


def _theirs(stack: traceback.StackSummary) -> list[traceback.FrameSummary]:
    """The frames that are not ours, nor generated for what is ours, nor the machinery of imports."""
    pairs = pairwise([*stack, None])
    return [frame for frame, inner in pairs if frame and not (_is_ours(frame, inner) or _imports(frame))]


def _trimmed(stack: traceback.StackSummary) -> traceback.StackSummary:
    frames = _theirs(stack)
    half = MOST_FRAMES // 2
    if len(frames) > MOST_FRAMES:
        between = traceback.FrameSummary("...", 0, f"{len(frames) - 2 * half} more frames", line="")
        frames = [*frames[:half], between, *frames[-half:]]
    return traceback.StackSummary.from_list(frames)


def _is_ours(frame: traceback.FrameSummary, inner: traceback.FrameSummary | None) -> bool:
    if frame.filename in BETWEEN:
        return inner is not None and _is_ours(inner, None)
    return OURS in Path(frame.filename).parents


def _imports(frame: traceback.FrameSummary) -> bool:
    return any(part in frame.filename for part in IMPORT_MACHINERY)

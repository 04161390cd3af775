"""How a child process came to its end, in words."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

PACKAGE = Path(__file__).parents[1]
FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+) in (?P<name>.*)')
TIMEOUT = "Timeout ("  # what faulthandler's watchdog says first
MOST_FRAMES = 4
CUT_OFF = 113  # the exit code of a child that cannot say anything any more


@dataclass(frozen=True)
class Died:
    """A child ended before it was done: why, and where in the target (one line a frame, innermost first).

    ``details``: the target's own traceback, where it raised what ended the child.
    """

    reason: str
    frames: tuple[str, ...] = ()
    kind: str = "crash"
    details: str = ""

    @property
    def message(self) -> str:
        """All of it, as a finding's message."""
        return "\n".join([self.reason, *(f"  {frame}" for frame in self.frames), *self.details.splitlines()])


def how_it_ended(code: int | None, words: str, timeout_s: float) -> Died:
    """From the exit status (None: it cannot be told) and faulthandler's last words."""
    frames = frames_of(words)
    if code in (None, CUT_OFF):
        return Died("the target cut the connection to its process", frames)
    assert code is not None
    if words.startswith(TIMEOUT):
        return Died(f"no answer for {timeout_s:g} s: the target hangs", frames, "timeout")
    if code < 0:
        return Died(f"the target crashed the interpreter: {_signal(-code)}", frames)
    return Died(f"the target ended the process with exit code {code}", frames)


def _signal(number: int) -> str:
    """SIGSEGV (Segmentation fault)."""
    try:
        return f"{signal.Signals(number).name} ({signal.strsignal(number)})"
    except ValueError:
        return f"signal {number}"


def frames_of(words: str) -> tuple[str, ...]:
    """The target's innermost frames in a traceback of faulthandler: ``crash.py, line 5, in run``."""
    frames: list[str] = []
    for line in words.splitlines():
        matched = FRAME.fullmatch(line)
        if matched is None:
            if frames:
                break
        elif _ends(Path(matched["file"])):
            break
        else:
            frames.append(f"{_short(Path(matched['file']))}, line {matched['line']}, in {matched['name']}")
    return tuple(frames[:MOST_FRAMES])


def _ends(file: Path) -> bool:
    """Is the frame one that called the target: ours, or the import's?"""
    return PACKAGE in file.parents or str(file).startswith("<frozen importlib")


def _short(file: Path) -> str:
    """A file as seen from here, or from where libraries are."""
    places = [Path.cwd(), *(Path(get_path(name)) for name in ("purelib", "platlib", "stdlib"))]
    return next((str(file.relative_to(place)) for place in places if place in file.parents), str(file))

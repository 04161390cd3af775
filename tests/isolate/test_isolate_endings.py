"""How a process ended, in words."""

import os
import signal
from pathlib import Path

import pytest

from rnnproof.isolate import child
from rnnproof.isolate.ending import CUT_OFF, PACKAGE, Died, frames_of, how_it_ended

OURS = PACKAGE / "adapters" / "plain.py"
WORDS = f"""\
Fatal Python error: Segmentation fault

Current thread 0x00007f0e20049b80 (most recent call first):
  File "{Path(os.__file__).parent / "ctypes" / "__init__.py"}", line 519 in string_at
  File "{Path.cwd() / "crash.py"}", line 5 in run
  File "{OURS}", line 99 in run
  File "<string>", line 6 in <module>

Extension modules: numpy._core (total: 1)
"""
IMPORTING = """\
Stack (most recent call first):
  File "/elsewhere/hang.py", line 1 in <module>
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
"""


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (-signal.SIGSEGV, "the target crashed the interpreter: SIGSEGV (Segmentation fault)", "crash"),
        (-signal.SIGABRT, "the target crashed the interpreter: SIGABRT (Aborted)", "crash"),
        (-99, "the target crashed the interpreter: signal 99", "crash"),
        (-signal.SIGALRM, "the target crashed the interpreter: SIGALRM (Alarm clock)", "crash"),
        (0, "the target ended the process with exit code 0", "crash"),
        (7, "the target ended the process with exit code 7", "crash"),
        (CUT_OFF, "the target cut the connection to its process", "crash"),
        (None, "the target cut the connection to its process", "crash"),
    ],
)
def test_an_exit_status_in_words(code, message, kind):
    assert how_it_ended(code, "", 0.5) == Died(message, (), kind)


def test_the_watchdog_says_that_it_ended_the_process():
    words = "Timeout (0:00:00.500000)!\n" + WORDS
    died = how_it_ended(1, words, 0.5)
    assert (died.reason, died.kind) == ("no answer for 0.5 s: the target hangs", "timeout")
    assert died.frames[-1] == "crash.py, line 5, in run"


def test_the_frames_are_the_targets_own():
    library = str(Path("ctypes") / "__init__.py")
    assert frames_of(WORDS) == (f"{library}, line 519, in string_at", "crash.py, line 5, in run")
    assert frames_of(IMPORTING) == ("/elsewhere/hang.py, line 1, in <module>",)
    assert frames_of("") == ()
    assert frames_of("killed\n") == ()


def test_a_long_traceback_is_cut():
    deep = "\n".join(f'  File "/x/deep.py", line {n} in f' for n in range(50))
    assert frames_of(deep) == tuple(f"/x/deep.py, line {n}, in f" for n in range(4))


def test_the_message_has_a_line_for_each_frame():
    assert Died("crashed", ("a.py, line 1, in f", "b.py, line 2, in g")).message == (
        "crashed\n  a.py, line 1, in f\n  b.py, line 2, in g"
    )


def test_a_mistake_of_ours_is_called_one(monkeypatch):
    def slip(request, say):
        raise ZeroDivisionError("division by zero")

    said = []
    monkeypatch.setattr(child, "TASKS", {"slip": slip})
    child._serve({"do": "slip"}, said.append)
    (told,) = said
    assert told["event"] == "raised"
    assert told["reason"].startswith(
        "a mistake in rnnproof itself, please report it: ZeroDivisionError: division by zero (slip, line "
    )

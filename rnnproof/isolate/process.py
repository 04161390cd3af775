"""A child process: what it says on a pipe of its own, what it prints, and how it ended.

The request is JSON on its standard input; events come as JSON lines on a pipe that only we know, so that
whatever the target prints is only printed. A second pipe takes the last words of a crash (faulthandler).
"""

from __future__ import annotations

import codecs
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnproof.isolate.ending import Died, how_it_ended
from rnnproof.model.event import Printed

ROOT = str(Path(__file__).parents[2])
# -P: a file of the current directory must not stand for a module of the standard library.
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); import rnnproof; del sys.path[0]; "
    "from rnnproof.isolate.child import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)
# Cases are small: more than one thread a product only waits. Whoever wants more says so in the environment.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
LOOK_S = 1.0  # how often to look whether the child is still there, if it says nothing
LAST = ("end", "problem")
GRACE_S = 5.0  # how long a child may take to end after its last word

Said = dict[str, Any]  # one event of the child
Message = Said | Printed | Died


def never() -> bool:
    """Nobody has asked to stop."""
    return False


def converse(request: Mapping[str, Any], stopped: Callable[[], bool] = never) -> Generator[Message, None, None]:
    """Ask a new child; everything it says and prints, and Died unless its last word was ``end`` or ``problem``.

    Where ``stopped``, which is asked once in a while, it is over. The child, and whatever it started, is ended when
    this iterator is closed.
    """
    (events, tell), (words, cry) = os.pipe(), os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", BOOT, ROOT, str(tell), str(cry)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(tell, cry),
        env={**ONE_THREAD, **os.environ},
        start_new_session=True,  # Ctrl-C is ours: what was found so far is reported
    )
    os.close(tell)
    os.close(cry)
    try:
        _ask(process, request)
        yield from _Ears(process, events, words, stopped).hear(float(request["timeout_s"]))
    finally:
        _end(process)
        os.close(events)
        os.close(words)


def _ask(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(json.dumps(request).encode())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child and of what it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@dataclass(eq=False)
class _Ears:
    """The three pipes of a child."""

    process: subprocess.Popen[bytes]
    events: int
    words: int
    stopped: Callable[[], bool]

    def __post_init__(self) -> None:
        assert self.process.stdout is not None
        self.printed = self.process.stdout.fileno()
        self.line, self.cry, self.ended = b"", b"", False
        self.raised: Died | None = None
        self.text = codecs.getincrementaldecoder("utf-8")("replace")

    def hear(self, timeout_s: float) -> Iterator[Message]:
        """Everything, until the child has said ``end`` or is gone."""
        with selectors.DefaultSelector() as selector:
            for pipe in (self.events, self.printed, self.words):
                selector.register(pipe, selectors.EVENT_READ)
            while self.events in selector.get_map() and not self.ended:
                ready = selector.select(LOOK_S)
                yield from self._read(selector, ready)
                if self.stopped():
                    return
                if not ready and self.process.poll() is not None:
                    break  # a process that it started holds its pipes open
            yield from self._rest(selector)
        if self.raised is not None:
            yield self.raised
        elif not self.ended:
            yield how_it_ended(self.process.returncode, self.cry.decode("utf-8", "replace"), timeout_s)

    def _rest(self, selector: selectors.BaseSelector) -> Iterator[Message]:
        """What is still in the pipes once the child has ended."""
        with suppress(subprocess.TimeoutExpired):
            while self.process.poll() is None and selector.get_map():
                ready = selector.select(GRACE_S)
                if not ready:
                    break
                yield from self._read(selector, ready)
            self.process.wait(GRACE_S)
        while selector.get_map() and (ready := selector.select(0)):
            yield from self._read(selector, ready)

    def _read(self, selector: selectors.BaseSelector, ready: Any) -> Iterator[Message]:
        for key, _ in ready:
            data = os.read(key.fd, 1 << 16)
            if not data:
                selector.unregister(key.fd)
            elif key.fd == self.events:
                yield from self._events(data)
            elif key.fd == self.words:
                self.cry += data
            elif text := self.text.decode(data):
                yield Printed(text)

    def _events(self, data: bytes) -> Iterator[Said]:
        *lines, self.line = (self.line + data).split(b"\n")
        for said in map(json.loads, lines):
            if said["event"] == "raised":
                self.raised = Died(said["reason"], kind="raised", details=said["details"])
            else:
                self.ended |= said["event"] in LAST
                yield said

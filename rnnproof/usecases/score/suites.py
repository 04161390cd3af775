"""A test suite that can be run again and again: a pytest file in this process, or a command in another."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnproof.errors import UsageError

OK, TESTS_FAILED, NONE_COLLECTED = 0, 1, 5


@dataclass(frozen=True)
class Ran:
    """How a run of a suite ended: tests that passed, the first that failed, and why."""

    passed: int
    failed: str = ""
    why: str = ""


@dataclass(frozen=True)
class Pytest:
    """A file or directory of tests, or one test: ``tests/test_lstm.py::test_values``."""

    text: str

    @property
    def file(self) -> Path:
        """Without the test."""
        return Path(self.text.partition("::")[0])

    def files(self) -> list[Path]:
        """Every file whose content decides."""
        found = sorted(self.file.rglob("*.py")) if self.file.is_dir() else [self.file]
        return [*found, *(file for file in (self.file.parent / "conftest.py",) if file.is_file())]


@dataclass(frozen=True)
class Command:
    """A command that ends with 0 where its tests pass."""

    words: tuple[str, ...]

    def files(self) -> list[Path]:
        """Those of its words that are files."""
        return [Path(word) for word in self.words if Path(word).is_file()]


Suite = Pytest | Command


def suite_of(text: str) -> Suite:
    """A pytest file or test if there is such a file, else a command.

    Errors: UsageError for a text that is neither.
    """
    file = Path(text.partition("::")[0])
    if file.exists():
        if importlib.util.find_spec("pytest") is None:
            raise UsageError("pytest is not installed here: pip install pytest")
        return Pytest(text)
    words = tuple(shlex.split(text))
    if len(words) < 2 and (not words or file.suffix == ".py" or "/" in text or shutil.which(words[0]) is None):
        raise UsageError(f"no suite {text}: there is no such file, and no such command")
    if shutil.which(words[0]) is None:
        raise UsageError(f"no suite {text!r}: there is no command {words[0]}")
    return Command(words)


@dataclass(eq=False)
class _Watcher:
    """What pytest reports: a plugin."""

    passed: int = 0
    failed: str = ""
    why: str = ""
    skipped: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test's."""
        if report.failed and not self.failed:
            self.failed, self.why = report.nodeid, _reason(report)
        self.passed += report.when == "call" and report.passed

    def pytest_collectreport(self, report: Any) -> None:
        """A file's, where it cannot be imported."""
        if report.failed and not self.failed:
            self.failed, self.why = report.nodeid or "collection", _reason(report)


def _reason(report: Any) -> str:
    """The line that says what was wrong: the first, but where that is a place in a file, the last."""
    lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
    told = [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]
    told = told or lines or [""]
    return told[-1] if told[0].startswith("File ") else told[0]


def run_pytest(suite: Pytest) -> Ran:
    """The suite in this process, up to its first failing test; what it prints goes nowhere."""
    import pytest

    watcher = _Watcher()
    options = ["-x", "-q", "-p", "no:cacheprovider", *(["-n0"] if importlib.util.find_spec("xdist") else [])]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = int(pytest.main([*options, suite.text], plugins=[watcher]))
    if code not in (OK, NONE_COLLECTED) and not watcher.failed:
        return Ran(watcher.passed, "pytest", f"it ended with exit code {code}")
    return Ran(watcher.passed, watcher.failed, watcher.why)


def run_command(suite: Command, environment: dict[str, str], timeout_s: float) -> Ran:
    """The command in a process of its own."""
    try:
        done = subprocess.run(
            suite.words,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(0, shlex.join(suite.words), f"it did not end in {timeout_s:g} s")
    if done.returncode == 0:
        return Ran(1)
    lines = [line for line in (done.stdout + "\n" + done.stderr).splitlines() if line.strip()]
    return Ran(0, shlex.join(suite.words), (lines or [f"exit code {done.returncode}"])[-1])

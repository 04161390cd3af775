"""What is seen while it works: lines as they come and, on a terminal, a live line below them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.live import Live
from rich.spinner import Spinner
from rich.theme import Theme

from rnnproof.report.words import visible

THEME = Theme({"rnnproof.good": "green", "rnnproof.bad": "bold red", "rnnproof.open": "yellow"})


MOST_LINES = 10


class Words(RegexHighlighter):
    """Outcomes in colour; what they say can be read without."""

    base_style = "rnnproof."
    highlights = [  # noqa: RUF012
        r"(?<= )(?P<good>ok)(?=   |$)",
        r"^(?P<good>PASSED|FIXED)\b",
        r"\b(?P<bad>FAILED|ERROR|STILL FAILS)\b",
        r"\b(?P<open>suspicious|undecided|INTERRUPTED|UNDECIDED|CANNOT RUN)\b",
    ]


@dataclass(frozen=True)
class Screen:
    """Lines of text, and what is being worked on; both are silent where a report has standard output.

    ``lasting``: there is more to do than to print, so who reads no further does not end it.
    """

    console: Console
    live: Live
    silent: bool
    lasting: bool = False

    def lines(self, lines: Iterable[str]) -> None:
        """Print lines."""
        for line in lines:
            if not self.silent:
                self._print(line)

    def _print(self, line: str) -> None:
        try:
            self.console.print(visible(line), markup=False, emoji=False, soft_wrap=True)
        except (BrokenPipeError, SystemExit):  # the second is what rich makes of the first
            if not self.lasting:
                raise
            self.console.quiet = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def working(self, what: str) -> None:
        """Show what is being worked on."""
        if self.console.is_terminal:
            self.live.update(Spinner("dots", f"{what} ..."))

    def printed(self, text: str) -> None:
        """What the target prints goes to standard error."""
        sys.stderr.write(text)
        sys.stderr.flush()


def first_lines(printed: Callable[[str], None], most: int = MOST_LINES) -> Callable[[str], None]:
    """``printed`` for what a target prints first: one that is run thousands of times would fill the screen."""
    left = [most]

    def some(text: str) -> None:
        lines = text.split("\n")
        if len(lines) <= left[0]:
            printed(text)
        elif left[0]:
            printed("\n".join([*lines[: left[0]], f"({most} lines of what it prints; the rest is left out)", ""]))
        left[0] = max(left[0] - (len(lines) - 1), 0)

    return some


@contextmanager
def screen(silent: bool, lasting: bool = False) -> Iterator[Screen]:
    """A screen on standard output; on standard error, and without lines, where that belongs to a report."""
    console = Console(stderr=silent, theme=THEME, highlighter=Words())
    live = Live(console=console, transient=True, redirect_stdout=False, redirect_stderr=sys.stderr.isatty())
    if not console.is_terminal:
        yield Screen(console, live, silent, lasting)
        return
    with live:
        yield Screen(console, live, silent, lasting)

"""How far libraries' functions are off, as a page in Markdown: what was measured, with which versions, where."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from typing import Protocol

from rnnproof.domains.formats import LIBRARY_UNITS, digits


class Row(Protocol):
    """A row of the measurement."""

    @property
    def target(self) -> str:
        """The layer."""

    @property
    def function(self) -> str:
        """sigmoid or tanh."""

    @property
    def place(self) -> str:
        """The gate, or what else is computed by it."""

    @property
    def dtype(self) -> str:
        """The format."""

    @property
    def points(self) -> int:
        """How many."""

    @property
    def absolute(self) -> float:
        """The largest error, in units roundoff."""

    @property
    def relative(self) -> float:
        """The same of the value."""

    @property
    def kept_to(self) -> float:
        """From which point on that is as small as assumed."""


Shown = Callable[[Row], str]


def page(rows: Sequence[Row]) -> str:
    """The page."""
    dtypes = list(dict.fromkeys(row.dtype for row in rows))
    lines = ["# What libraries' sigmoid and tanh are off by", "", *_said(rows, dtypes), ""]
    lines += _table("Absolute errors, in units of u", rows, dtypes, _absolute)
    lines += ["", *_table("Relative errors, in units of u", rows, dtypes, _relative)]
    return "\n".join(lines)


def _said(rows: Sequence[Row], dtypes: Sequence[str]) -> list[str]:
    here = ", ".join(f"{name} {version(name)}" for name in ("numpy", "ml_dtypes", "torch") if find_spec(name))
    counts = {dtype: max(row.points for row in rows if row.dtype == dtype) for dtype in dtypes}
    told = ", ".join(f"{dtype} {count:,}" for dtype, count in counts.items())
    worst = max(row.absolute for row in rows)
    return [
        "Printed by `rnnproof calibrate --units`; no line is written by hand.",
        "",
        "Each layer's own weights pass one pre-activation straight to c' or h', the other gates being open or shut, so",
        "that the function is seen as that layer computes it. True values are Arb's at 160 bits. Of float16 and",
        "bfloat16 every finite number is tried; of float32 and float64 as many in each octave, into the tails.",
        "Relative errors are those of values no smaller than the smallest normal number; where they exceed what is",
        "assumed, it is said from which z on they do not, and the largest of all.",
        "",
        f"- with {here}, on {platform.machine()}",
        f"- points: {told}",
        f"- u: {', '.join(f'{name} 2^-{digits(name)}' for name in dtypes)}",
        f"- assumed of sigmoid and tanh: {LIBRARY_UNITS:g} u, absolute; the largest error found: {worst:.3g} u",
    ]


def _table(title: str, rows: Sequence[Row], dtypes: Sequence[str], shown: Shown) -> list[str]:
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row.target, f"{row.function}: {row.place}"), {})[row.dtype] = row
    lines = [f"## {title}", "", f"| layer | function | {' | '.join(dtypes)} |", f"|---|---|{'---|' * len(dtypes)}"]
    for (target, name), by in found.items():
        lines.append(f"| {target} | {name} | {' | '.join(_cell(by, dtype, shown) for dtype in dtypes)} |")
    return lines


def _cell(by: Mapping[str, Row], dtype: str, shown: Shown) -> str:
    return shown(by[dtype]) if dtype in by else "-"


def _absolute(row: Row) -> str:
    return f"{row.absolute:.2f}"


def _relative(row: Row) -> str:
    if row.relative <= LIBRARY_UNITS:
        return f"{row.relative:.2f}"
    return f"{LIBRARY_UNITS:g} from {row.kept_to:.4g} on, else {row.relative:.2g}"

"""Which cases of a calibration are judged: how many in each format, or a single one again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rnnproof.domains.formats import FORMATS, unknown_dtype
from rnnproof.errors import UsageError

FULL: Mapping[str, int] = {"float64": 20000, "float32": 20000, "float16": 2000, "bfloat16": 2000}
Item = tuple[str, int]  # a format and the number of a case


@dataclass(frozen=True)
class Plan:
    """The numbers of the cases in each format, from ``first`` on."""

    seed: int
    cases: Mapping[str, int]
    first: int = 0

    @property
    def total(self) -> int:
        """How many cases in all."""
        return sum(self.cases.values())


def plan_of(seed: int, count: int | None = None, dtypes: Sequence[str] = (), case: str | None = None) -> Plan:
    """The plan: in all formats that are built, or those named, the full number of cases, or ``count`` in each.

    ``case`` is a single one, FORMAT:NUMBER. Errors: UsageError for a format that does not exist, or no number.
    """
    if case is not None:
        dtype, _, number = case.partition(":")
        if not number.isdecimal():
            raise UsageError(f"case {case!r}; expected FORMAT:NUMBER, as in float32:17")
        return Plan(seed, {_known(dtype): 1}, int(number))
    chosen = [_known(dtype) for dtype in dtypes] or [dtype for dtype in FULL if dtype in FORMATS]
    return Plan(seed, {dtype: FULL[dtype] if count is None else count for dtype in chosen})


def _known(dtype: str) -> str:
    if dtype not in FORMATS:
        raise UsageError(unknown_dtype(dtype))
    return dtype


def share(plan: Plan, which: int, of: int) -> Iterator[Item]:
    """Every ``of``-th case: those of one process of several. The formats take turns, so that all end together."""
    every = [(n / count, dtype, plan.first + n) for dtype, count in plan.cases.items() for n in range(count)]
    return ((dtype, number) for _, dtype, number in sorted(every, key=lambda item: item[0])[which::of])

"""``rnnproof calibrate``: right implementations judged, a line for each false alarm, the distribution of errors."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from importlib.metadata import version
from importlib.util import find_spec

from rnnproof.cli.screen import Screen, screen
from rnnproof.domains.formats import LIBRARY_UNITS
from rnnproof.isolate.calibrate import calibrate as in_children
from rnnproof.report import calibration as told
from rnnproof.usecases.calibrate import Plan, Tally, plan_of

INTERRUPTED = 130
LIBRARIES = ("numpy", "torch")


def calibrate(seed: int, count: int | None, dtypes: Sequence[str], case: str | None) -> int:
    """Judge right implementations; 0 without a false alarm, 1 with one. Errors: UsageError."""
    plan = plan_of(seed, count, dtypes, case)
    begun, tally, interrupted = time.monotonic(), Tally(), False
    with screen(silent=False) as shown:
        shown.lines(told.header(plan, [f"{name} {version(name)}" for name in LIBRARIES if find_spec(name)]))
        try:
            _watch(plan, tally, shown)
        except KeyboardInterrupt:
            interrupted = True
        shown.lines(told.table(tally))
        shown.lines(told.closing(tally, plan, time.monotonic() - begun, interrupted))
    if interrupted:
        return INTERRUPTED
    return 1 if tally.false_alarms else 0


def measure(most: int | None, dtypes: Sequence[str]) -> int:
    """Print how far the libraries' functions are off, as a table in Markdown; 0 where no more than is assumed.

    Errors: UsageError.
    """
    from rnnproof.report.library_units import page
    from rnnproof.usecases.units import measured_here

    rows = []
    with screen(silent=False) as shown:
        for one in measured_here(tuple(dtypes), most):
            rows.append(one)
            shown.working(f"{one.target}, {one.place}, {one.dtype}")
        found = page(rows)
    print(found)  # noqa: T201
    return 1 if any(row.absolute > LIBRARY_UNITS for row in rows) else 0


def _watch(plan: Plan, tally: Tally, shown: Screen) -> None:
    """Every verdict into the tally; an alarm is shown as soon as it is there."""
    with closing(in_children(plan)) as found:
        for one in found:
            tally.add(one)
            if one.alarm:
                shown.lines(told.alarm(one, plan.seed))
            shown.working(f"{one.dtype}: {tally.total} of {plan.total} cases")

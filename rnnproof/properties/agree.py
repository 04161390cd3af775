"""Comparison: arrays against balls, and runs against runs; never with a tolerance that anybody chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import Format
from rnnproof.model.case import Array, Case
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.numerals import digits
from rnnproof.properties.precision import Judged, computed_in
from rnnproof.properties.precision import told as in_lower
from rnnproof.properties.refutation import Refutation, refutation, told
from rnnproof.properties.scale import Entries, factors, said
from rnnproof.reference.enclosure import MOST_BITS, negligible

Compared = Mapping[str, tuple[Array, Bounded]]  # name -> (got, what it should be)
UNTOLD = f";\n  of some true values {MOST_BITS} bits do not tell on which side of a kink they are"
Radii = Callable[[], Mapping[str, Array]]
NONE: Mapping[str, int] = {}


@dataclass(frozen=True, eq=False)
class Difference:
    """One array that leaves its balls, and in which entries; ``order`` is that of its steps and rows, (T,B)."""

    name: str
    got: Array
    ball: Bounded
    wrong: Array
    order: NDArray[np.integer] | None = None

    @property
    def count(self) -> int:
        """How many entries are wrong."""
        return int(self.wrong.sum())

    @property
    def first(self) -> tuple[int, ...]:
        """The first wrong entry, in its order."""
        places = np.argwhere(self.wrong)
        first = 0 if self.order is None else np.argmin(self.order[tuple(places[:, :2].T)])
        return tuple(int(n) for n in places[first])

    @property
    def place(self) -> str:
        """The first wrong entry by its name."""
        return f"{self.name}[{','.join(map(str, self.first))}]"

    @property
    def entries(self) -> Entries:
        """The wrong entries."""
        got, ball = self.got[self.wrong].astype(np.float64), self.ball
        true, radius = (np.broadcast_to(part, self.wrong.shape)[self.wrong] for part in (ball.value, ball.radius))
        return Entries(self.name, got, true, radius)

    @property
    def refutation(self) -> Refutation | None:
        """The first wrong entry beside its true value, where that is enclosed."""
        return refutation(self.place, float(self.got[self.first]), self.ball, self.first)


def agree(
    compared: Compared,
    form: Format,
    where: str,
    note: str = "",
    orders: Mapping[str, NDArray[np.integer]] | None = None,
    constants: Mapping[str, int] = NONE,
) -> Verdict:
    """Every entry inside its ball: failed if one is outside, undecided if most are smaller than their own radius.

    ``orders`` gives the order in which the steps and rows of an array are looked at, where it is not that of its axes;
    ``constants`` names the numbers that a factor common to all wrong entries may be.
    """
    ratio, found_wrong = _measured(compared)
    wrong = [replace(d, order=(orders or {}).get(d.name)) for d in found_wrong]
    decided, sensitivity = _decided(compared, form)
    if wrong:
        kind = _kind(wrong)
        lower = computed_in(judged(wrong), form) if kind == "value" else None
        notes = [note, "" if lower is None else in_lower(lower, form)]
        message = describe(wrong, sum(got.size for got, _ in compared.values()), where, notes, constants)
        found = wrong[0].refutation
        refuted = None if found is None else found.as_json()
        kind = kind if lower is None else "precision"
        return Verdict(Outcome.FAILED, message, kind, "rigorous", ratio, sensitivity, refuted)
    if not decided:
        kind = _undecided_kind(compared)
        message = f"most entries are smaller than their own error bound [{where}]" + (UNTOLD if kind == "kink" else "")
        return Verdict(Outcome.UNDECIDED, message, kind, "rigorous", ratio)
    return Verdict(Outcome.PASSED, "", None, "rigorous", ratio, sensitivity)


def judged(differences: list[Difference]) -> list[Judged]:
    """The arrays that leave their balls, and where."""
    return [(d.got, d.ball, d.wrong) for d in differences]


def differences(compared: Compared) -> list[Difference]:
    """The arrays that leave their balls."""
    return [d for name, (got, ball) in compared.items() if (d := _difference(name, got, ball)) is not None]


def _measured(compared: Compared) -> tuple[float, list[Difference]]:
    """The largest ratio of an error to its radius, and the arrays that leave their balls: those of no ratio below 1."""
    ratios = {name: _ratio(got, ball) for name, (got, ball) in compared.items()}
    wrong = differences({name: compared[name] for name, ratio in ratios.items() if not ratio < 1})
    return max(ratios.values(), default=0.0), wrong


def _difference(name: str, got: Array, ball: Bounded) -> Difference | None:
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.float64) - ball.value)
        wrong = ~(error <= ball.radius) & np.isfinite(ball.radius)  # an infinite ball holds everything, NaN too
    return Difference(name, got, ball, np.asarray(wrong)) if wrong.any() else None


def _ratio(got: Array, ball: Bounded) -> float:
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.float64) - ball.value)
        ratio = np.where((error == 0) | ~np.isfinite(ball.radius), 0.0, error / ball.radius)
    finite = np.where(np.isnan(ratio), np.inf, ratio)
    return float(finite.max()) if finite.size else 0.0


def _decided(compared: Compared, form: Format) -> tuple[bool, float | None]:
    """Whether at least half the entries that are not exactly zero are larger than their radius; the sensitivity.

    The sensitivity is the median over those entries of radius / |value|: half of them would show that fault.
    """
    relative: list[Array] = []
    for _, ball in compared.values():
        with np.errstate(all="ignore"):
            exactly_zero = (ball.value == 0) & (ball.radius <= min(form.lost * 2**20, form.roundoff))
            relative.append((ball.radius / np.abs(ball.value))[~exactly_zero])
    flat = np.concatenate([part.ravel() for part in relative]) if relative else np.zeros(0)
    large = flat[flat < 1]
    if not len(large):
        return False, None
    return 2 * len(large) >= len(flat), float(np.median(large))


def _undecided_kind(compared: Compared) -> str:
    if not all(ball.true is None or negligible(ball.true, ball.radius) for _, ball in compared.values()):
        return "kink"
    kink = any(bool(np.any(ball.radius >= 0.5)) for _, ball in compared.values())
    return "ill-conditioned" if kink else "small"


def _kind(differences: list[Difference]) -> str:
    """What the wrong entries have in common."""
    got = np.concatenate([d.got[d.wrong].astype(np.float64).ravel() for d in differences])
    true = np.concatenate([np.broadcast_to(d.ball.value, d.wrong.shape)[d.wrong].ravel() for d in differences])
    if not np.isfinite(got).all():
        return "overflow" if np.isfinite(true).all() else "value"
    if not got.any():
        return "ignored"
    return "scale" if factors([d.entries for d in differences]) else "value"


def describe(
    differences: list[Difference], total: int, where: str, notes: Sequence[str], constants: Mapping[str, int] = NONE
) -> str:
    """Where, got, should be, how sure; the first difference in data-flow order, all of them counted.

    ``constants`` names the numbers that a common factor may be.
    """
    first = differences[0]
    index = first.first
    true, radius = float(first.ball.value[index]), float(first.ball.radius[index])
    got, shown = digits(float(first.got[index]), true)
    expected = f"{shown} ± {radius:.1g}" if radius else f"exactly {shown}"
    lines = [f"{first.place}: got {got}, but should be {expected}", f"  {where}"]
    if (found := first.refutation) is not None:
        lines.append(f"  {told(found, true)}")
    wrong = sum(d.count for d in differences)
    names = ", ".join(d.name for d in differences[:4]) + (", ..." if len(differences) > 4 else "")
    lines.append(f"  {wrong} of {total} entries differ: {names}")
    if found_factors := factors([d.entries for d in differences]):
        lines.append(f"  {said(found_factors, constants)}")
    return "\n".join([*lines, *(f"  {note}" for note in notes if note)])


def same_bits(first: Mapping[str, Array], second: Mapping[str, Array]) -> bool:
    """Whether two sets of arrays hold the same numbers, NaN equal to NaN."""
    return all(np.array_equal(first[n], second[n], equal_nan=True) for n in first)


def alike(first: Mapping[str, Array], second: Mapping[str, Array], radii: Radii, where: str, what: str) -> Verdict:
    """Two runs that should give the same: same bits, passed; within twice the bound, suspicious; else failed."""
    verdict = within(first, second, radii, where, what)
    if verdict.outcome is Outcome.FAILED or same_bits(first, second):
        return verdict
    message = f"{what}: the results differ in their last bits, though nothing they depend on changed [{where}]"
    return Verdict(Outcome.SUSPICIOUS, message, "leak", "rigorous", verdict.ratio)


def within(first: Mapping[str, Array], second: Mapping[str, Array], radii: Radii, where: str, what: str) -> Verdict:
    """Two runs of one truth: each within its radius of it, so within twice that of each other.

    ``radii`` is called only where bits differ, or are not finite: most runs never need their bound.
    """
    if same_bits(first, second) and all(np.isfinite(value).all() for value in first.values()):
        return Verdict(Outcome.PASSED, "", None, "rigorous", 0.0)
    known = radii()
    lost = not_finite(second, known, where)
    if lost is not None:
        return lost
    compared = {n: (first[n], Bounded(second[n].astype(np.float64), 2 * known[n])) for n in first}
    ratio, wrong = _measured(compared)
    if not wrong:
        return Verdict(Outcome.PASSED, "", None, "rigorous", ratio)
    text = describe(wrong, sum(got.size for got, _ in compared.values()), where, [what])
    return Verdict(Outcome.FAILED, text, _kind(wrong), "rigorous", ratio)


def not_finite(results: Mapping[str, Array], radii: Mapping[str, Array], where: str) -> Verdict | None:
    """Failed, kind overflow, where a result is not finite though the truth, so its radius, is; else None."""
    for name, value in results.items():
        wrong = ~np.isfinite(value) & np.isfinite(radii[name])
        if wrong.any():
            index = tuple(int(n) for n in np.argwhere(wrong)[0])
            place = f"{name}[{','.join(map(str, index))}]"
            text = f"{place}: got {value[index]}, but should be finite, as the true value is\n  {where}"
            return Verdict(Outcome.FAILED, text, "overflow", "rigorous")
    return None


def place_of(case: Case, detail: str = "") -> str:
    """The case in words: lstm, T=3 B=1 I=2 H=3, float64."""
    return str(case) + (f", {detail}" if detail else "")

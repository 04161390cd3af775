"""The score of a test suite as text: what it lets pass, grouped by what it would take to see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnproof.report.words import folded, justified, many
from rnnproof.usecases.score.needs import Need
from rnnproof.usecases.score.result import Score, Tried

SHOWN = 3  # faults of a group, and groups of one fault that are told in full
MOST_SEEN = 3


def header(score: Score) -> list[str]:
    """What is scored."""
    versions = " · ".join(f"{name} {version}" for name, version in score.versions.items())
    told = f"{score.suite} of {score.target} as {score.network} · {versions} · seed {score.seed}"
    return [*folded(told), ""]


def table(score: Score) -> list[str]:
    """The groups of faults that were let pass, the largest first."""
    groups: dict[tuple[str, ...], list[Tried]] = {}
    for tried in score.let_pass:
        if tried.need is not None:
            groups.setdefault(label(tried.need), []).append(tried)
    if not groups:
        return []
    lines = ["  Let pass, by what a test would need to see them:"]
    for needs, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines += ["", justified(f"  {', '.join(needs)}", str(len(members)))]
        lines += list(_members(members))
    return [*lines, ""]


def label(need: Need) -> tuple[str, ...]:
    """What a test needs; where each single thing can be done without, what is left when all else is.

    Where nothing is left, any case shows it: the suite does not compare what it changes.
    """
    return need.needs or need.looking or (_comparison(need.seen_in),)


def _comparison(seen_in: Sequence[str]) -> str:
    """A comparison of the outputs or of final h with the true values."""
    named = [f"the {name}" if name == "outputs" else name for name in seen_in[:MOST_SEEN]]
    return f"a comparison of {' or of '.join(named)} with the true values"


def _members(members: Sequence[Tried]) -> Iterator[str]:
    for tried in members[:SHOWN]:
        yield from folded(tried.text, "    ")
    if len(members) > SHOWN:
        yield f"    and {len(members) - SHOWN} more"
    if members[0].need is not None:
        yield from folded(f"smallest case of the first: {smallest(members[0].need)}", "      ")


def smallest(need: Need) -> str:
    """T=1 B=1 I=1 H=1; not zero: W_i, x; looking at a gradient."""
    sizes = " ".join(f"{letter}={size}" for letter, size in need.sizes)
    others = [each for each in need.looking if each not in label(need)]
    told = [sizes]
    told += [f"not zero: {', '.join(need.non_zero)}"] if need.non_zero else []
    told += [f"with {', '.join(others)}"] if others else []
    more = ", ..." if len(need.seen_in) > MOST_SEEN else ""
    told += [f"seen in {', '.join(need.seen_in[:MOST_SEEN])}{more}"] if need.seen_in else []
    return "; ".join(told)


def closing(score: Score) -> list[str]:
    """How many were caught."""
    caught, passed = len(score.caught), len(score.let_pass)
    total = caught + passed
    if not total:
        return ["nothing was tried"]
    share = f"{caught} of {total} faults caught ({caught / total:.0%}), {passed} let pass"
    head = "INTERRUPTED  " if score.interrupted else ""
    told = f"by {many(score.tests, 'test')}"
    if score.behaviours < score.faults:
        tried = "all" if total == score.behaviours else str(total)
        told += f"; tried: {tried} of the {score.behaviours} that behave differently, of {score.faults} single faults"
    if score.known_before:
        told += f"; {score.known_before} of them in an earlier run (--fresh forgets it)"
    return [justified(f"{head}{share}", f"{score.elapsed_s:.1f} s"), *folded(told, "  ")]

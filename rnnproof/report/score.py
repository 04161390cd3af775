"""The score of a test suite as text: what it lets pass, grouped by what it would take to see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rnnproof.report.words import folded, justified, many
from rnnproof.usecases.score.looks import BIASES, ON_OUTPUTS, ON_STATES, STATE
from rnnproof.usecases.score.needs import Need
from rnnproof.usecases.score.result import Score, Tried

SHOWN = 3  # faults of a group that are told
MOST_SEEN = 3
FOR_COUNTS, FOR_FAULTS = 74, 61  # columns that leave room for a number, and for the sizes of a case
NOTHING = "nothing special: true values of any run whose weights and x are not zero"
NOT_YET = "not looked for yet: the same command goes on"
EVERY = ["", "  Every fault, with its smallest case: --report json:FILE"]
NAMED = {
    STATE: "the initial",
    BIASES: "b_",
    ON_OUTPUTS: "the cotangent of the outputs",
    ON_STATES: "the cotangent of the final",
}


def header(score: Score) -> list[str]:
    """What is scored."""
    versions = " · ".join(f"{name} {version}" for name, version in score.versions.items())
    told = f"{score.suite} of {score.target} as {score.network} · {versions} · seed {score.seed}"
    return [*folded(told), ""]


def table(score: Score) -> list[str]:
    """The groups of faults that were let pass, the largest first."""
    groups: dict[str, list[Tried]] = {}
    for tried in score.let_pass:
        groups.setdefault(NOT_YET if tried.need is None else label(tried.need), []).append(tried)
    if not groups:
        return []
    lines = ["  Let pass, by what a test would need to see them, each with its smallest case:"]
    for needed, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines += ["", *_with(f"  {needed}", str(len(members)), FOR_COUNTS), *_members(members)]
    return [*lines, *(EVERY if any(len(members) > SHOWN for members in groups.values()) else []), ""]


def label(need: Need) -> str:
    """What a test needs: a gradient, T > 1; or: B > 1, and a non-zero initial state or T > 1."""
    choices = any(" or " in each for each in need.needs)
    return (", and " if choices else ", ").join(need.needs) or NOTHING


def _with(line: str, right: str, width: int) -> list[str]:
    """The line, with something at the right margin."""
    first, *rest = folded(line, width=width)
    return [justified(first, right), *rest]


def _members(members: Sequence[Tried]) -> Iterator[str]:
    for tried in members[:SHOWN]:
        yield from _with(f"    {tried.text}", "" if tried.need is None else sizes(tried.need), FOR_FAULTS)
    if rest := members[SHOWN:]:
        yield from folded(f"and {len(rest)} more{_counted([each.need for each in rest if each.need])}", "    ")
    if members[0].need:
        which = "the first case" if len(members) > 1 else "the case"
        yield from folded(f"{which}: {case(members[0].need)}", "      ")


def _counted(needs: Sequence[Need]) -> str:
    """, at T=1 B=1 I=1 H=1; of several sizes, how many at each."""
    counts = Counter(map(sizes, needs)).most_common()
    return "".join(f", {number} at {told}" if len(counts) > 1 else f", at {told}" for told, number in counts)


def sizes(need: Need) -> str:
    """T=1 B=1 I=1 H=1."""
    return " ".join(f"{letter}={size}" for letter, size in need.sizes)


def case(need: Need) -> str:
    """All zero but W_i, x; with a loss on the outputs; seen in dW_i."""
    named = [name.rpartition(".")[2] for name in need.non_zero]
    told_so = {each for each, begin in NAMED.items() if any(name.startswith(begin) for name in named)}
    others = [each for each in need.looking if each not in {*need.needs, *told_so}]
    told = [f"all zero but {', '.join(need.non_zero)}" if need.non_zero else "all zero"]
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

"""What is wrong, law by law: where, got, should be, how sure, how to see it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnnproof.model.verdict import Finding, Outcome
from rnnproof.report.words import WIDTH, WORDS, folded, joined, justified, name_of

SHOWN = (Outcome.FAILED, Outcome.ERROR, Outcome.SUSPICIOUS)
ENDED = " ended so: "  # of a law that was not tried: what ended those before it follows
COMPUTED_IN = "computed in "  # a lower format than the one that is claimed
TRACEBACK = "Traceback (most recent call last):"


def blocks(findings: Sequence[Finding], several: bool, suffix: str = "") -> Iterator[str]:
    """A block for each cause; below it, the laws that fail on the same case or have the same cause."""
    shown = [finding for finding in findings if finding.outcome in SHOWN]
    told: list[Finding] = []
    diagnosed: dict[object, str] = {}  # each diagnosis, and under which finding it stands
    for finding in shown:
        if finding in told:
            continue
        told += (followers := [other for other in shown if other is not finding and _follows(other, finding)])
        yield ""
        yield from block(finding, several, suffix, diagnosed)
        if finding.diagnosis is not None:
            diagnosed.setdefault(_same_as(finding.diagnosis), name_of(finding, several))
        if followers:
            yield from _followed(finding, followers, several)


def block(finding: Finding, several: bool, suffix: str = "", diagnosed: Mapping[object, str] = {}) -> list[str]:
    """One finding in full; ``suffix`` ends the command that replays it, ``diagnosed`` is what was said above, where."""
    head = f"{name_of(finding, several)} {WORDS[finding.outcome]}"
    when = _when(finding)
    lines = [justified(head, when)] if len(head) + 2 + len(when) <= WIDTH else [head, justified("", when)]
    lines += body(finding.message)
    lines += [line for told in _second_biases(finding.message) for line in folded(told, "  ")]
    if finding.diagnosis is not None:
        lines += _diagnosis(finding.diagnosis, diagnosed)
    if finding.replay is not None:
        needed = "" if (finding.counterexample or {}).get("target") else " TARGET"
        lines.append(f"  again: rnnproof replay {finding.replay}{needed}{suffix}")
    return lines


def _diagnosis(told: Mapping[str, Any], diagnosed: Mapping[object, str]) -> list[str]:
    """A diagnosis in full where it is told first, then where that was."""
    above = diagnosed.get(_same_as(told))
    if above is not None:
        return folded(f"what is said of it under {above}, above, is all that was found", "  ")
    return [line for part in str(told["text"]).splitlines() for line in folded(part, "  ")]


def _same_as(told: Mapping[str, Any]) -> object:
    """What two tellings of one diagnosis share: its changes; or, of one that has none, its first words."""
    return tuple(told["names"]) or str(told["text"]).partition("\n")[0]


def _second_biases(message: str) -> list[str]:
    """What db_g@bias_hh_l0 is: a bias that a target keeps as the sum of two has two gradients."""
    found = dict.fromkeys(re.findall(r"\bd([\w.]+)@([\w.]+)", message.partition(TRACEBACK)[0]))
    told = [f"{bias} is the sum of two biases; this is the gradient of the second, {array}" for bias, array in found]
    return told[:1]


def body(message: str) -> list[str]:
    """The message's lines, each folded; a traceback of the target's is left as it is."""
    lines: list[str] = []
    quoted = False
    for line in message.splitlines():
        quoted |= line.endswith(TRACEBACK)  # of a group of exceptions more stands before it
        lines += [f"  {line}"] if quoted else folded(line, "  ")
    return lines


def replayed(document: Mapping[str, Any], word: str, message: str) -> list[str]:
    """What became of a counterexample."""
    about = f"{document['property']} {document['dtype'] or ''}".rstrip()
    return [f"{word}  {about}, as {document['network']}", *body(message)]


def _when(finding: Finding) -> str:
    """(overflow, at case 2)."""
    told = [finding.kind] if finding.kind else []
    if finding.outcome is Outcome.SUSPICIOUS and finding.bound:
        told.append(f"{finding.bound} bound")
    if finding.cases:
        many = f"in {finding.cases} cases" if finding.outcome is Outcome.SUSPICIOUS else f"at case {finding.cases}"
        told.append(many)
    return f"({', '.join(told)})" if told else ""


def _follows(other: Finding, first: Finding) -> bool:
    """Whether a finding has the cause of another: by the other's diagnosis, by its case, or as the same error."""
    if first.outcome is other.outcome is Outcome.ERROR:
        return _cause(first) == _cause(other)
    same_case = first.dtype == other.dtype and other.same_case_as == first.property
    own = other.diagnosis
    alike = own is None or (first.diagnosis is not None and _same_as(own) == _same_as(first.diagnosis))
    return (same_case and alike) or _explained(other, first)


def _explained(other: Finding, first: Finding) -> bool:
    """Whether what a finding's diagnosis names is said to be another's cause."""
    if first.diagnosis is None:
        return False
    same = other.diagnosis is not None and other.diagnosis["names"] == first.diagnosis["names"]
    if same and (other.diagnosis or {}).get("whole"):
        return True
    return other.property in first.diagnosis["explains"] and (same or other.dtype in (first.dtype, None))


def _cause(finding: Finding) -> str:
    """An error's first line; what was not tried after deaths of one kind has their cause."""
    first = (finding.message.splitlines() or [""])[0]
    return first.rpartition(ENDED)[2]


def _followed(first: Finding, followers: Sequence[Finding], several: bool) -> list[str]:
    """The followers by name; of those that fail on the same case, what is said first too."""
    if first.outcome is Outcome.ERROR:
        told = {name_of(follower, several): _why(follower) for follower in followers}
        alike = {why: [name for name in told if told[name] == why] for why in told.values()}
        return ["", *(line for why, members in alike.items() for line in _listed(members, why))]
    explained = [name_of(follower, several) for follower in followers if _explained(follower, first)]
    others = [follower for follower in followers if not _explained(follower, first)]
    lines = ["  on the same case:"] * bool(others)
    for follower in others:
        lines += folded(f"{name_of(follower, several)}: {_head(follower, first)}", "    ")
    return [*lines, *(["", *_listed(explained, "the same cause")] if explained else [])]


def _head(follower: Finding, first: Finding) -> str:
    """Its message's first line; and in which format it was computed, where that was not said of the first."""
    head, *others = follower.message.splitlines()
    lower = [line.strip() for line in others if line.strip().startswith(COMPUTED_IN)]
    return "; ".join([head, *(lower if first.kind != follower.kind else ())])


def _why(follower: Finding) -> str:
    untried, ended, _ = follower.message.partition(ENDED)
    return untried + ended.rstrip(": ") if ended else "the same cause"


def _listed(names: Sequence[str], what: str) -> list[str]:
    """a, b, c: what."""
    return joined([f"{name}," for name in names[:-1]] + [f"{names[-1]}:", what], "", " ")

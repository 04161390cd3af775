"""The words, lines and widths that every text report shares: 80 columns, readable without colour."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from textwrap import wrap

from rnnproof.model.report import Report
from rnnproof.model.verdict import Finding, Outcome

WIDTH = 80
WORDS = {
    Outcome.PROVED: "proved",
    Outcome.PASSED: "ok",
    Outcome.SUSPICIOUS: "suspicious",
    Outcome.FAILED: "FAILED",
    Outcome.UNDECIDED: "undecided",
    Outcome.NOT_APPLICABLE: "n/a",
    Outcome.REFUSED: "refused",
    Outcome.ERROR: "ERROR",
}
# In a count: what is wrong first, then what is right, then what could not be told.
COUNTED = {
    Outcome.FAILED: "failed",
    Outcome.ERROR: "ended in an error",
    Outcome.PASSED: "passed",
    Outcome.PROVED: "proved",
    Outcome.SUSPICIOUS: "suspicious",
    Outcome.UNDECIDED: "undecided",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.REFUSED: "refused",
}


def visible(line: str) -> str:
    """The line with what would steer a terminal written out: ESC is \\x1b."""
    return "".join(letter if letter.isprintable() or letter == "\t" else _written(letter) for letter in line)


def _written(letter: str) -> str:
    steers = unicodedata.category(letter) in ("Cc", "Cf")  # not a space of another width, nor a lone surrogate
    return letter.encode("unicode_escape").decode() if steers else letter


def justified(left: str, right: str) -> str:
    """Both on one line, the second at the right margin."""
    return f"{left}  {right:>{max(WIDTH - len(left) - 2, 0)}}".rstrip()


def folded(line: str, indent: str = "", further: str = "  ", width: int = WIDTH) -> list[str]:
    """A line cut between words into lines of at most ``width``; its own indent and ``further`` indent the rest."""
    own = indent + line[: len(line) - len(line.lstrip())]
    text = wrap(
        line.strip(), width - len(own), subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
    return [own + part for part in text] or [""]


def joined(items: Iterable[str], indent: str, gap: str = "   ") -> list[str]:
    """Items side by side, as many as fit on a line, each line after ``indent``."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(gap) + len(item) <= WIDTH:
            lines[-1] += gap + item
        else:
            lines.append(indent + item)
    return lines


def dtypes_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The dtypes of some findings, in order."""
    return tuple(dict.fromkeys(finding.dtype for finding in findings if finding.dtype is not None))


EXACT = "exact"  # in the place of a dtype: the laws of no float format


def kinds_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The dtypes of some findings, in order, and ``exact`` for those that have none."""
    return tuple(dict.fromkeys(finding.dtype or EXACT for finding in findings))


def arithmetics(findings: Iterable[Finding]) -> str:
    """float64, float32 and exact arithmetic."""
    kinds = kinds_of(findings)
    return sentence([f"{kind} arithmetic" if kind == EXACT else kind for kind in kinds])


def named(report: Report) -> str:
    """torch.nn:LSTM as lstm; our own cells are named by their network."""
    target, network = report.target, report.network
    told = not network or target.endswith(f":{network}") or _options(target.partition(":")[2]) == _options(network)
    return target if told else f"{target} as {network}"


def _options(network: str) -> tuple[str, list[str]]:
    """A network string, its options in no order."""
    head, _, options = network.partition(":")
    return head, sorted(options.split(","))


def cut(name: str) -> list[str]:
    """A target's name, in several lines where it is long: cut at commas, and before "as"."""
    if len(name) <= WIDTH:
        return [name]
    pieces = name.replace(",", ",\0").replace(" as ", " \0as ").split("\0")
    lines = joined(pieces, "  ", "")
    return [line.rstrip() for line in (lines[0].lstrip(), *lines[1:])]


def name_of(finding: Finding, several: bool) -> str:
    """A finding's law, with its dtype where there are several."""
    return f"{finding.property} {finding.dtype}" if several and finding.dtype else finding.property


def counted(findings: Sequence[Finding]) -> str:
    """4 failed, 15 passed, 3 not applicable."""
    outcomes = [finding.outcome for finding in findings]
    return ", ".join(f"{outcomes.count(o)} {word}" for o, word in COUNTED.items() if o in outcomes)


def many(number: int, what: str) -> str:
    """1 law, 2 laws."""
    return f"{number} {what}{'s' * (number != 1)}"


def sentence(parts: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

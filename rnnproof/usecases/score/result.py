"""What became of each fault: caught by a test, or let pass; and the whole score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rnnproof.usecases.score.needs import Need

SCHEMA = "rnnproof-score/1"
UNDECIDED = "not tried"


@dataclass(frozen=True)
class Tried:
    """A fault in the place of the target, and the test that caught it; "" where the suite let it pass.

    ``others`` are faults that behave alike; ``need``: what a test needs to see it, where it was looked for.
    """

    text: str
    operator: str
    place: str
    others: tuple[str, ...]
    caught_by: str | None
    need: Need | None = None

    @property
    def passed(self) -> bool:
        """Whether the suite let it pass."""
        return self.caught_by == ""


@dataclass(frozen=True)
class Score:
    """A suite's score. ``faults`` in the bank; ``behaviours`` of them that a test of this target can see.

    ``known_before``: how many of those tried an earlier run had tried.
    """

    suite: str
    target: str
    network: str
    seed: int
    tests: int
    faults: int
    behaviours: int
    tried: tuple[Tried, ...]
    elapsed_s: float = 0.0
    interrupted: bool = False
    known_before: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def let_pass(self) -> tuple[Tried, ...]:
        """The faults that the suite did not notice."""
        return tuple(each for each in self.tried if each.passed)

    @property
    def caught(self) -> tuple[Tried, ...]:
        """The faults that a test noticed."""
        return tuple(each for each in self.tried if each.caught_by)

    @property
    def exit_code(self) -> int:
        """0 where every fault was caught, 1 where one was let pass, 130 interrupted."""
        return 130 if self.interrupted else 1 if self.let_pass else 0


def as_json(score: Score) -> dict[str, Any]:
    """As plain data."""
    told = {key: value for key, value in asdict(score).items() if key not in ("tried", "versions")}
    counts = {"caught": len(score.caught), "let_pass": len(score.let_pass)}
    tried = [_tried_as_json(each) for each in score.tried if each.caught_by is not None]
    return {"schema": SCHEMA, **told, "versions": dict(score.versions), **counts, "tried": tried}


def _tried_as_json(tried: Tried) -> dict[str, Any]:
    need = None if tried.need is None else need_as_json(tried.need)
    told = {"fault": tried.text, "operator": tried.operator, "place": tried.place, "alike": list(tried.others)}
    return {**told, "caught_by": tried.caught_by or None, "need": need}


def need_as_json(need: Need) -> dict[str, Any]:
    """As plain data."""
    listed = {"non_zero": need.non_zero, "looking_at": need.looking, "seen_in": need.seen_in}
    smallest = {"sizes": dict(need.sizes), **{key: list(value) for key, value in listed.items()}}
    return {"needs": list(need.needs), "smallest": smallest}


def need_from_json(data: Mapping[str, Any]) -> Need:
    """What ``need_as_json`` was given."""
    smallest = data["smallest"]
    sizes = tuple((str(letter), int(size)) for letter, size in smallest["sizes"].items())
    listed = (tuple(smallest[key]) for key in ("non_zero", "looking_at", "seen_in"))
    return Need(tuple(data["needs"]), sizes, *listed)

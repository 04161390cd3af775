"""What a child process is asked to do, as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Place:
    """A target as the command line names it, and what is said of it."""

    target: str
    network: str | None = None
    dialect: str | None = None


@dataclass(frozen=True)
class Request:
    """A target to verify; or, with None, a group of those that are found, and with the first our planted faults.

    ``options`` are those of the use case; ``timeout_s`` is the longest that one run of a target may take.
    ``share``: of what is to be found, what is found in the first float format (0), or all the rest (1).
    """

    place: Place | None
    options: Mapping[str, Any] = field(default_factory=dict)
    timeout_s: float = TIMEOUT_S
    group: int | None = None
    share: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        places = None if self.place is None else [asdict(self.place)]
        asked = {"do": "verify", "places": places, "group": self.group, "share": self.share}
        return {**asked, "options": dict(self.options), "timeout_s": self.timeout_s}

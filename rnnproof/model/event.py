"""What happens while targets are verified, told as it happens. ``at``: when, in seconds of the monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from rnnproof.model.verdict import Finding

Item = tuple[str, str | None]  # a property, and the dtype in which it is looked at


@dataclass(frozen=True)
class Started:
    """Work on a target begins; ``plan`` holds everything that will be found, in order."""

    target: str
    network: str
    plan: tuple[Item, ...]
    dialect: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic, compare=False)


@dataclass(frozen=True)
class Running:
    """Work on a law begins."""

    property: str
    dtype: str | None


@dataclass(frozen=True)
class Found:
    """A law's finding."""

    finding: Finding
    at: float = field(default_factory=time.monotonic, compare=False)


@dataclass(frozen=True)
class Judged:
    """A law's finding, whose diagnosis is still looked for: ``Found`` follows."""

    finding: Finding


@dataclass(frozen=True)
class Read:
    """A target that declares no dialect is read in the one that its behaviour shows."""

    dialect: str


@dataclass(frozen=True)
class Unfit:
    """A target that cannot be verified at all, and why."""

    target: str
    reason: str


@dataclass(frozen=True)
class Printed:
    """What the target printed."""

    text: str


@dataclass(frozen=True)
class Refusal:
    """A fault planted in our own network, and what the law that must refuse it said."""

    property: str
    fault: str
    refused: bool
    message: str


Event = Started | Running | Judged | Read | Found | Unfit | Printed | Refusal

"""What a file of this package says of the cell that it holds: a function ``written`` of its options returns this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rnnproof.cells.contract import Backward, Forward


@dataclass(frozen=True)
class Written:
    """A cell with the names of its parameters and states, a readout's activation, and the options that differ."""

    forward: Forward
    backward: Backward
    parameters: tuple[str, ...]
    memory: tuple[str, ...]
    options: dict[str, str]
    readout: str = "none"


def changed(defaults: Mapping[str, str], **values: str) -> dict[str, str]:
    """The options whose values are not the defaults."""
    return {name: value for name, value in values.items() if value != defaults[name]}

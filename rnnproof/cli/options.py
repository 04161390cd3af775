"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Any], Any]


def seed_option(what: str) -> Decorator:
    """--seed N: the same seed gives the same ``what``."""
    help = f"The same seed, the same {what}."
    return click.option("--seed", metavar="N", type=int, default=0, show_default=True, help=help)


def timeout_option(help: str) -> Decorator:
    """--timeout S: more than 0 seconds, 60 if nothing is said."""
    seconds = click.FloatRange(min=0, min_open=True)
    return click.option("--timeout", metavar="S", type=seconds, default=60.0, show_default=True, help=help)

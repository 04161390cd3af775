"""The parts of the lecture by name, and what each is given."""

from __future__ import annotations

from collections.abc import Sequence

import click

from rnnproof.errors import nearest

PARTS = ("slots", "lstm")


def shown(arguments: Sequence[str]) -> str:
    """The text of a part; without a part, of the worked example. The words of a sentence need no quotes.

    Errors: UsageError for a part that the lecture has not, and for what a part does not take.
    """
    from rnnproof.usecases import lecture

    if not arguments:
        return lecture.show(lecture.lecture())
    name, *words = arguments
    if name == "slots":
        return lecture.show_slots(" ".join(words) if words else None)
    if name != "lstm":
        raise click.UsageError(f"the lecture has no part {name!r}{nearest(name, PARTS)}")
    if words:
        raise click.UsageError(f"lecture lstm takes nothing more; got {' '.join(words)}")
    return lecture.show_gates()

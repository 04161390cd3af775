"""A dialect as it is pasted into code: an array a line, parts that are joined below one another."""

from __future__ import annotations

from rnnproof.dialects.dialect import CANONICAL_LAYOUT, Dialect
from rnnproof.dialects.stack import Held, Joined, Stack

WIDTH = 80
STEP = "    "


def pasted(dialect: Dialect) -> str:
    """Python that gives the dialect, where Dialect, Stack and Joined are imported from rnnproof.dialects."""
    arrays = [f'"{name}": {_held(held, STEP * 2)},' for name, held in dialect.arrays.items()]
    body = [f"{STEP}arrays={{", *(f"{STEP * 2}{line}" for line in arrays), f"{STEP}}},"]
    body += [] if dialect.state is None else [f"{STEP}state={dialect.state!r},"]
    body += [] if dialect.layout == CANONICAL_LAYOUT else [f"{STEP}layout={dialect.layout!r},"]
    return "\n".join(["Dialect(", *body, ")"])


def _held(held: Held, indent: str) -> str:
    """On one line if it fits."""
    flat = repr(held)
    if isinstance(held, Stack) or len(indent) + len(flat) < WIDTH:
        return flat
    parts = [f"\n{indent}{STEP}{_held(part, indent + STEP)}," for part in _parts(held)]
    if isinstance(held, Joined):
        return f"Joined(({''.join(parts)}\n{indent}), axis={held.axis}{', new=True' * held.new})"
    return f"({''.join(parts)}\n{indent})"


def _parts(held: tuple[Held, ...] | Joined) -> tuple[Held, ...]:
    return held.parts if isinstance(held, Joined) else held

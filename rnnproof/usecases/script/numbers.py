"""Numbers as Python text: each reads back as the same float."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np

from rnnproof.domains.ball import float_ends
from rnnproof.domains.bounded import Bounded
from rnnproof.model.case import Array

WIDTH = 100


def nested(array: Any) -> str:
    """An array as nested lists: Python's shortest decimals, which are exact; -0 is written 0."""
    return repr((np.asarray(array, dtype=np.float64) + 0.0).tolist())


def quoted(text: str) -> str:
    """A text as Python has it."""
    return json.dumps(text, ensure_ascii=False)


def literal(array: Array) -> str:
    """An array as an expression: ``array([[0.5]])``; zeros by their shape alone."""
    value = np.asarray(array, dtype=np.float64)
    if value.size == 0 or (value.size > 1 and not value.any()):
        return f"array(np.zeros({value.shape}))"
    return f"array({nested(value)})"


def ends(ball: Bounded) -> tuple[Array, Array, Array]:
    """(low, high, off): floats with the true value between, and how far from it right code may be.

    Where nothing is known of the true value, ``off`` is infinite.
    """
    if ball.true is None:
        return ball.value, ball.value, _short(ball.radius)
    low, high = (np.empty(ball.value.shape) for _ in range(2))
    for index in np.ndindex(ball.value.shape):
        low[index], high[index] = float_ends(ball.true[index])
    unknown = ~np.isfinite(low + high)
    off = np.where(unknown, np.inf, _short(ball.radius))
    return np.where(unknown, 0.0, low) + 0.0, np.where(unknown, 0.0, high) + 0.0, off


def _short(radius: Array) -> Array:
    """Three digits of each, rounded up."""
    return np.vectorize(_up, otypes=[np.float64])(radius) if radius.size else radius


def _up(radius: float) -> float:
    short = float(f"{radius:.3g}")
    if short >= radius:
        return short
    digit = 10.0 ** (math.floor(math.log10(radius)) - 2)
    return max(float(f"{radius + digit:.3g}"), radius)


def broken(line: str, indent: str = "    ") -> list[str]:
    """A line of code, cut after commas where it is long."""
    own = line[: len(line) - len(line.lstrip())]
    if len(line) <= WIDTH:
        return [line]
    whole = re.sub(r"(?<!,) ", "\0", line.strip())  # no other space is a place to cut
    lines = wrap(
        whole,
        WIDTH,
        initial_indent=own,
        subsequent_indent=own + indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [each.replace("\0", " ") for each in lines]


def block(opening: str, items: Sequence[str], closing: str) -> list[str]:
    """A bracketed expression, an item a line."""
    return [opening, *(line for item in items for line in broken(f"    {item},")), closing]

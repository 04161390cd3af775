"""Numbers in a message."""

from __future__ import annotations


def number(value: float) -> str:
    """A number in a message: 17 digits are for files, 6 for people."""
    return f"{value:.6g}"


def digits(got: float, true: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    got, true = got + 0.0, true + 0.0  # -0 is shown as 0
    if number(got) != number(true):
        return number(got), number(true)
    for precision in range(7, 17):
        pair = f"{got:#.{precision}g}", f"{true:#.{precision}g}"
        if pair[0] != pair[1]:
            return pair
    return repr(got), repr(true)

"""Sums of balls, with the rounding of every order of summation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnproof.domains.bounded import Bounded, Format, inflate
from rnnproof.domains.likely import units
from rnnproof.model.case import Array


def rounded(value: Array, radius: Array, size: Array, count: int, products: int, form: Format) -> Bounded:
    """A sum of terms, some of them products: count u times ``size``, the sum of their absolute values, or as is likely.

    ``radius`` is what the operands' own radii bring. A product that underflows is off by half a subnormal
    spacing here, half a spacing in the format, and as much in the radius itself.
    """
    total = radius + (units(count, form.unit, form.confidence) * size + 4 * products * form.subnormal)
    return Bounded(value, inflate(total, 2 * count))


@dataclass(eq=False)
class Sum:
    """A sum of balls in any order: values, propagated radii, absolute values; its terms, how many are products."""

    value: Array
    radius: Array
    size: Array
    terms: int
    products: int

    def add(self, other: Sum) -> None:
        """More terms."""
        self.value = self.value + other.value
        self.radius = self.radius + other.radius
        self.size = self.size + other.size
        self.terms += other.terms
        self.products += other.products

    def __getitem__(self, index: Any) -> Sum:
        return Sum(self.value[index], self.radius[index], self.size[index], self.terms, self.products)

    def part(self, rows: slice) -> Sum:
        """Some rows of a sum of matrices."""
        return self[..., rows, :]

    def ball(self, form: Format) -> Bounded:
        """n - 1 additions round, and a product once; one term alone is not rounded."""
        count = self.terms - 1 + (self.products > 0)
        if not count:
            return Bounded(self.value, self.radius)
        return rounded(self.value, self.radius, self.size, count, self.products, form)


def one(ball: Bounded) -> Sum:
    """A ball as a sum of one term."""
    return Sum(ball.value, ball.radius, ball.magnitude, 1, 0)


def added(first: Sum, second: Sum) -> Sum:
    """The terms of both."""
    both = Sum(first.value, first.radius, first.size, first.terms, first.products)
    both.add(second)
    return both


def total(ball: Bounded) -> Sum:
    """The sum over rows."""
    value, radius, size = (part.sum(axis=-2) for part in (ball.value, ball.radius, ball.magnitude))
    return Sum(value, radius, size, ball.value.shape[-2], 0)


def into(sums: dict[str, Sum], name: str, term: Sum) -> None:
    """sums[name] += terms."""
    if name in sums:
        sums[name].add(term)
    else:
        sums[name] = term

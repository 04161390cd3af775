"""Sums of balls, with the rounding of every order of summation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.domains.bounded import Bounded, inflate
from rnnproof.domains.formats import Format, of_a_sum
from rnnproof.model.case import Array


def rounded(
    value: Array, radius: Array, size: Array, terms: int, products: int, form: Format, parts: int = 1
) -> Bounded:
    """A sum of terms, some of them products, put together of so many parts, or as is likely; ``size``: of absolute
    values.

    ``radius`` is what the operands' own radii bring. A product that underflows is off by half a subnormal
    spacing here, half a spacing in the format, and as much in the radius itself; where results are flushed to 0,
    a sum is off by as much as a product.
    """
    flushed = products + terms * form.flushed
    total = radius + (of_a_sum(form, terms, products, parts) * size + 4 * flushed * form.lost)
    radius = inflate(total, 2 * (terms + products))
    return Bounded(value, radius if within(size, form) else np.where(size < form.largest / 4, radius, np.inf))


def within(size: Array, form: Format) -> bool:
    """Whether no sum of terms of so large absolute values can overflow, in whatever order."""
    return bool(np.max(size, initial=0.0) < form.largest / 4)


def known_within(sizes: Iterable[Array], form: Format) -> bool:
    """The same of all those that are known; of the others, nothing is known anyway."""
    return all(within(size[np.isfinite(size)], form) for size in sizes)


@dataclass(eq=False)
class Sum:
    """A sum of balls in any order: values, propagated radii, absolute values; its terms, how many are products.

    ``parts``: how many sums of their own it is put together of, each of them rounded to the format.
    """

    value: Array
    radius: Array
    size: Array
    terms: int
    products: int
    parts: int = 1

    def add(self, other: Sum) -> None:
        """More terms."""
        self.value = self.value + other.value
        self.radius = self.radius + other.radius
        self.size = self.size + other.size
        self.terms += other.terms
        self.products += other.products
        self.parts += other.parts

    def __getitem__(self, index: Any) -> Sum:
        return Sum(self.value[index], self.radius[index], self.size[index], self.terms, self.products, self.parts)

    def part(self, rows: slice) -> Sum:
        """Some rows of a sum of matrices."""
        return self[..., rows, :]

    def ball(self, form: Format) -> Bounded:
        """n - 1 additions round, and a product once; one term alone is not rounded."""
        if self.terms <= 1 and not self.products:
            return Bounded(self.value, self.radius)
        return rounded(self.value, self.radius, self.size, self.terms, self.products, form, self.parts)


def one(ball: Bounded) -> Sum:
    """A ball as a sum of one term."""
    return Sum(ball.value, ball.radius, ball.magnitude, 1, 0)


def added(first: Sum, second: Sum) -> Sum:
    """The terms of both."""
    both = Sum(first.value, first.radius, first.size, first.terms, first.products, first.parts)
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

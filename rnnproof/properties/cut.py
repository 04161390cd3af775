"""Where a gradient is cut off: nothing arrives any more after k steps of the backward pass, though the truth does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.bounded import Bounded, Format
from rnnproof.model.case import Array

Order = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Page:
    """What arrived at each step and row beside its ball; ``order``: after how many steps of the backward pass.

    Shapes: got and ball (T,B,.); order (T,B), -1 where a row has ended.
    """

    got: Array
    ball: Bounded
    order: Order

    @property
    def steps(self) -> int:
        """How many steps the longest backward pass has."""
        return int(self.order.max(initial=-1)) + 1

    @property
    def arrived(self) -> int:
        """After how many steps of the backward pass the last number arrives that is not exactly zero."""
        return 1 + int(self.order[(self.got != 0).any(-1) & (self.order >= 0)].max(initial=-1))

    def unknown(self, form: Format) -> list[int]:
        """The orders at which most entries that are not exactly zero are smaller than their radius."""
        value, radius = np.abs(self.ball.value), self.ball.radius
        counted = ~((value == 0) & (radius <= form.subnormal * 2**20)) & (self.order >= 0)[..., None]
        large = np.bincount(self.order[np.nonzero(counted & (value > radius))[:2]], minlength=self.steps)
        every = np.bincount(self.order[np.nonzero(counted)[:2]], minlength=self.steps)
        return [int(n) for n in np.flatnonzero(2 * large < every)]

    def decided(self, form: Format) -> bool:
        """Whether anything is larger than its radius."""
        return bool((np.abs(self.ball.value) > self.ball.radius).any())


def cut_after(page: Page) -> int | None:
    """k where all is right that arrives within k >= 1 steps of the backward pass, nothing later, and something should.

    None where it is not so.
    """
    k = page.arrived
    error = np.abs(page.got - page.ball.value)
    wrong = ~(error <= page.ball.radius).all(-1)
    missing = (np.abs(page.ball.value) > page.ball.radius).any(-1) & (page.order >= k)
    return k if k and missing.any() and not wrong[(page.order >= 0) & (page.order < k)].any() else None


def said(page: Page, k: int) -> str:
    """The gradient is cut off after k of T steps, and how large what is missing would be."""
    size = np.abs(page.ball.value).max(-1)
    share = size[page.order >= k].max(initial=0.0) / size[page.order >= 0].max(initial=0.0)
    small = f"; what is missing is at most {share:.1g} of its largest entry" if share < 1 else ""
    return f"the gradient is cut off after {k} of {page.steps} steps{small}"


def manner(reached: Callable[[int], int], steps: int) -> str:
    """Whether the cut moves with the end of the run, or the state is detached at steps of its own.

    ``reached`` says after how many steps nothing arrives any more in a run of so many steps.
    """
    k = reached(steps)
    if steps < 3 or reached(steps - 1) == k:
        return ""
    before = steps - k  # the first step that is reached
    length = reached(before)
    every = f"every {length} steps" if length < before else f"before step {before}"
    return f"the state is detached {every}, wherever the run ends"

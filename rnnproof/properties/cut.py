"""Where a gradient is cut off: nothing arrives any more after k steps of the backward pass, though the truth does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.bounded import Bounded
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

    @property
    def seen(self) -> bool:
        """Whether anything should arrive that is certainly not zero."""
        return bool(np.any(np.abs(self.ball.value) > self.ball.radius))

    @property
    def right(self) -> int:
        """How many steps of the backward pass are right before the first that is not; all of them, if all are."""
        with np.errstate(all="ignore"):
            inside = np.abs(self.got - self.ball.value) <= self.ball.radius
        wrong = np.any(~inside & np.isfinite(self.ball.radius), axis=-1) & (self.order >= 0)
        return int(self.order[wrong].min(initial=self.steps))

    def missing(self, k: int) -> bool:
        """Whether something should arrive after k steps, and then or later something that is certainly not zero."""
        size = np.abs(self.ball.value)
        next_one, certain = (np.any(size > least, axis=-1) for least in (0, self.ball.radius))
        return bool(np.any(next_one & (self.order == k)) and np.any(certain & (self.order >= k)))

    def ends(self, k: int) -> bool:
        """Whether all is right that arrives within k steps of the backward pass, and nothing arrives later."""
        return self.arrived <= k <= self.right

    @property
    def unknown(self) -> list[int]:
        """After how many steps most of what should arrive is smaller than its radius; 0 should not arrive."""
        size = np.abs(self.ball.value)
        counted = (size != 0) & (self.order >= 0)[..., None]
        large = np.bincount(self.order[np.nonzero(counted & (size > self.ball.radius))[:2]], minlength=self.steps)
        every = np.bincount(self.order[np.nonzero(counted)[:2]], minlength=self.steps)
        return [int(n) for n in np.flatnonzero(2 * large < every)]


def cut_after(page: Page) -> int | None:
    """k >= 1 where all is right that arrives within k steps, the last of them something, and nothing arrives later.

    After k steps something should. None where it is not so.
    """
    k = page.arrived
    return k if k and page.ends(k) and page.missing(k) else None


def said(page: Page, k: int) -> str:
    """The gradient is cut off after k of T steps, and how large what is missing would be."""
    size = np.abs(page.ball.value).max(-1)
    share = size[page.order >= k].max(initial=0.0) / size[page.order >= 0].max(initial=0.0)
    small = f"; what is missing is {share:.1g} of its largest entry" if share < 1 else ""
    return f"the gradient is cut off after {k} of {page.steps} steps{small}"


def manner(run: Callable[[int], Page], k: int, steps: int) -> str:
    """Where the state is detached, if a cut after k steps does not follow the end of the run; "" if it does.

    ``run`` gives the page of a run of so many steps: what is detached there is so in a shorter run too.
    """
    shorter = run(steps - 1)
    if shorter.ends(k) or (k > 1 and not shorter.ends(k - 1)):
        return ""
    every = cut_after(before := run(steps - k))
    told = f"every {every} steps" if every else f"after {before.steps} step{'s' * (before.steps > 1)}"
    return f"the state is detached {told}, wherever the run ends"

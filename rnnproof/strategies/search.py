"""Hypothesis as a source of draws and as their shrinker, outside any test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.internal.conjecture.providers import HypothesisProvider

from rnnproof.strategies.cases import Draw


def use_own_home(directory: str) -> None:
    """Keep Hypothesis's files out of the working directory; under pytest its own settings stand."""
    if "pytest" not in sys.modules:
        from hypothesis.configuration import set_hypothesis_home_dir

        set_hypothesis_home_dir(directory)


def sample(strategy: st.SearchStrategy[Draw], count: int, number: int) -> list[Draw]:
    """``count`` draws at the most, the same for the same seed ``number``."""
    found: list[Draw] = []
    _run(strategy, found.append, count, number, (Phase.generate,))
    return list(dict.fromkeys(found))


def smallest(strategy: st.SearchStrategy[Draw], fails: Callable[[Draw], bool], count: int, number: int) -> Draw | None:
    """The smallest draw on which ``fails`` is true, shrunk from the first that ``sample`` gives; None where none is.

    None also where a draw fails once, but not again.
    """
    failing: list[Draw] = []

    def check(draw: Draw) -> None:
        if fails(draw):
            failing.append(draw)
            raise _FoundError

    try:
        _run(strategy, check, count, number, (Phase.generate, Phase.shrink))
    except _FoundError:
        return failing[-1]
    except Flaky:
        return None
    return None


class _FoundError(Exception):
    """Tells Hypothesis that a draw fails."""


def _run(
    strategy: st.SearchStrategy[Draw],
    check: Callable[[Draw], object],
    count: int,
    number: int,
    phases: tuple[Phase, ...],
) -> None:
    def body(draw: Draw) -> None:
        check(draw)

    configured = settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    with _no_constants():
        seed(number)(configured(given(strategy)(body)))()


@contextmanager
def _no_constants() -> Iterator[None]:
    """Hypothesis takes numbers that stand in the source of whatever modules are loaded; here it does not.

    Else a draw would depend on who has imported what, and a seed would not say which cases are looked at.
    """
    kept = HypothesisProvider._maybe_draw_constant
    HypothesisProvider._maybe_draw_constant = _none  # type: ignore[method-assign]
    try:
        yield
    finally:
        HypothesisProvider._maybe_draw_constant = kept  # type: ignore[method-assign]


def _none(self: HypothesisProvider, *arguments: object, **options: object) -> None:
    """No constant; asked whether there is to be one, as Hypothesis asks."""
    del arguments, options
    assert self._random is not None
    self._random.random()

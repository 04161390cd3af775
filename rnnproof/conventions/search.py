"""The readings of a target: every network and dialect under which it behaves as the equations say."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product

from rnnproof.conventions.box import Box, box_of, ordered
from rnnproof.conventions.described import dialect_of
from rnnproof.conventions.entries import Hypothesis, Probe, distance, places
from rnnproof.conventions.networks import backward, family, hypotheses
from rnnproof.conventions.shapes import Learned, Search
from rnnproof.adapters.resolve import Target
from rnnproof.dialects.dialect import Dialect
from rnnproof.domains.formats import claimed
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network
from rnnproof.model.verdict import Outcome
from rnnproof.properties import forward
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.trial import Trial
from rnnproof.strategies.cases import Draw, fill

SECONDS = 8.0  # no new form is tried after so long
# Fresh cases on which a reading is confirmed: of other sizes than those it was found at, small, saturated and huge.
CASES = (
    Draw(4, 3, 2, 3, 2, 2, 11, "typical", 8),
    Draw(5, 2, 4, 6, 3, 3, 12, "typical", 8),
    Draw(3, 2, 3, 4, 2, 2, 13, "saturated", 8),
    Draw(2, 2, 2, 3, 2, 2, 14, "huge", 6),
    Draw(1, 1, 5, 2, 1, 1, 15, "exploding", 8),
)
Working = Callable[[str], object]


@dataclass(frozen=True)
class Reading:
    """A network and a dialect under which a target behaves as the network's equations say."""

    network: Network
    dialect: Dialect


@dataclass(frozen=True)
class Answer:
    """The readings of a target, the plainest first; without one, what is known of why."""

    readings: tuple[Reading, ...]
    learned: Learned | None = None
    why: str = ""


def silent(what: str) -> None:
    """Nobody watches."""
    del what


def readings(target: Target, asked: Network | None, working: Working = silent) -> Answer:
    """Every reading of a target as the network asked for, or as any of the catalogue.

    Errors: Unsupported for a target that takes no arrays of ours.
    """
    box, begun = box_of(target), time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for like, learned in _learned(box, asked, begun, working):
            found = tuple(_readings(box, like, learned, asked, working))
            if found:
                return Answer(found, learned)
    return Answer((), None)


def _learned(box: Box, asked: Network | None, begun: float, working: Working) -> Iterator[tuple[Network, Learned]]:
    """The forms in which the target runs, with the shapes of its arrays: ordinary shapes and layouts first."""
    for layouts, shapes, like in product((False, True), (False, True), family(asked)):
        known = box.shapes(like)
        for form in box.forms(like, layouts):
            if time.monotonic() - begun > SECONDS:
                return
            if known is not None:
                yield like, Learned(form, known)
                continue
            working(f"which arrays it takes: {like.name}, {form.layout}, states {form.state or 'by name'}")
            found = Search(box, like, form, shapes).go()
            if found is not None:
                yield like, found


def _readings(box: Box, like: Network, learned: Learned, asked: Network | None, working: Working) -> list[Reading]:
    """The readings in one form, the plainest first; where a plain one is found, others are not looked for."""
    probes = [Probe(box, learned, form, like) for form in ordered(learned.form, like)]
    for plain in (True, False):
        found = [reading for probe in probes for reading in _of_form(probe, like, asked, plain, working)]
        if found:
            return found
    return []


def _of_form(probe: Probe, like: Network, asked: Network | None, plain: bool, working: Working) -> Iterator[Reading]:
    working("which network it may be")
    scored = []
    for order, each in enumerate(hypotheses(probe, like, asked)):
        if is_plain(each) is not plain and asked is None:
            continue
        with suppress(RnnproofError):
            if distance(each, probe) <= probe.near:
                scored.append((len(each.negate) + bool(each.shift) + each.network.name.count("="), order, each))
    for _, _, each in sorted(scored, key=lambda one: one[:2]):
        working(f"which array is what: {each.network.name}")
        yield from _confirmed(probe, each)


def is_plain(each: Hypothesis) -> bool:
    """Whether it has no option but that it lacks a bias, or one that each of its kind has."""
    return not {key for key, _ in each.network.options} - {"bias", "hidden_bias", "reset", "activation", "readout"}


def _confirmed(probe: Probe, each: Hypothesis) -> Iterator[Reading]:
    found = places(each, probe)
    if found is None:
        return
    sizes = each.network.shapes(probe.box.sizes)
    dialect = dialect_of(found, each, probe.learned.shapes, sizes, probe.form)
    if dialect is None:
        return
    for network in filter(None, (each.network, backward(each.network))):
        if fits(probe.box, network, dialect):
            yield Reading(network, dialect)
            return


def fits(box: Box, network: Network, dialect: Dialect) -> bool:
    """Whether the target behaves as the network on fresh cases, within the derived bounds."""
    told, form = box.told(network, dialect), claimed(box.dtype, box.claims)
    fixed = {letter: allowed for letter, allowed in box.claims.sizes or ()}
    decided = 0
    for draw in CASES:
        sized = replace(draw, **{k: v[0] for k, v in fixed.items() if getattr(draw, k) not in v})
        case = fill(network, sized, box.dtype)
        bounds = Bounds(case, form)
        try:
            verdict = forward.values(Trial(case, told, bounds))
        except RnnproofError:
            return False
        if verdict.outcome in (Outcome.FAILED, Outcome.ERROR):
            return False
        decided += verdict.outcome is Outcome.PASSED
    return decided > 0

"""The readings of a target: every network and dialect under which it behaves as the equations say."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from rnnproof.adapters.resolve import Target
from rnnproof.conventions.box import Box, box_of, ordered
from rnnproof.conventions.confirm import fits
from rnnproof.conventions.described import dialect_of
from rnnproof.conventions.entries import places
from rnnproof.conventions.networks import backward, family, hypotheses
from rnnproof.conventions.probe import Hypothesis, Probe, distance
from rnnproof.conventions.shapes import FEW, MANY, Learned, Search, filled, in_letters, inputs, same
from rnnproof.dialects.dialect import Dialect
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network

SECONDS = 9.0  # of a processor's time; then no new form is tried
# Rare networks, layouts and shapes, and runs for one form: in this order, as long as nothing is found.
TIERS = (
    (False, False, False, FEW),
    (False, False, True, FEW),
    (True, False, False, FEW),
    (False, True, False, FEW),
    (False, False, True, MANY),
    (True, False, True, FEW),
    (False, True, True, FEW),
)
Working = Callable[[str], object]


@dataclass(frozen=True)
class Reading:
    """A network and a dialect under which a target behaves as the network's equations say."""

    network: Network
    dialect: Dialect


@dataclass(eq=False)
class Noticed:
    """What was noticed on the way, for the sentence that is said where nothing fits."""

    gone_through: bool = False
    idle: bool = False
    raised: BaseException | None = None
    arrays: str = ""  # names and shapes with which it runs
    complete: bool = False  # whether with them every number is read: others need not be looked for
    unsteady: bool = False  # whether two identical calls differed
    late: bool = False


@dataclass(frozen=True)
class Answer:
    """The readings of a target, the plainest first, and what was noticed on the way."""

    readings: tuple[Reading, ...]
    noticed: Noticed


def silent(what: str) -> None:
    """Nobody watches."""
    del what


def readings(target: Target, asked: Network | None, working: Working = silent) -> Answer:
    """Every reading of a target as the network asked for, or as any of the catalogue.

    Errors: Unsupported for a target that takes no arrays of ours; UsageError for ``arrays`` that say no shapes.
    """
    box, noticed = box_of(target), Noticed()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for like, learned in _learned(box, asked, noticed, working):
            _notice(noticed, box, like, learned)
            found = tuple(_readings(box, like, learned, asked, working))
            if found:
                return Answer(found, noticed)
    return Answer((), noticed)


def _notice(noticed: Noticed, box: Box, like: Network, learned: Learned) -> None:
    """What can be said where nothing fits: its arrays, and whether it gives the same twice."""
    arrays = filled(learned.shapes, box.dtype)
    x, state = inputs(like, box.sizes, box.dtype)
    told = (f"{name} {in_letters(shape, like, box.sizes)}" for name, shape in learned.shapes.items())
    noticed.arrays = noticed.arrays or ", ".join(told)
    noticed.complete |= not learned.unread and not box.shapes(like)
    with suppress(RnnproofError):
        first, second = (box.run(like, learned.form, arrays, x, state) for _ in range(2))
        noticed.unsteady |= not same(first, second)


def _learned(box: Box, asked: Network | None, noticed: Noticed, working: Working) -> Iterator[tuple[Network, Learned]]:
    """The forms in which the target runs, with the shapes of its arrays: ordinary shapes and layouts first."""
    begun = time.process_time()
    for networks, layouts, shapes, most in TIERS:
        if noticed.complete and (layouts or shapes):
            continue
        for like in family(asked, networks):
            for form in box.forms(like, layouts, layered=shapes):
                if time.process_time() - begun > SECONDS:
                    noticed.late = True
                    return
                working(f"which arrays it takes: {like.name}, {form.layout}, states {form.state or 'by name'}")
                found = _shapes(box, like, form, shapes, most, noticed)
                if found is not None:
                    yield like, found


def _shapes(box: Box, like: Network, form: Dialect, rare: bool, most: int, noticed: Noticed) -> Learned | None:
    known = box.shapes(like)
    if known is not None:
        return None if rare else Learned(form, known)
    search = Search(box, like, form, rare, most)
    found = search.go()
    noticed.gone_through |= search.gone_through
    noticed.idle |= search.idle
    noticed.raised = noticed.raised or search.raised
    return found


def _readings(box: Box, like: Network, learned: Learned, asked: Network | None, working: Working) -> list[Reading]:
    """The readings in one form, the plainest first; where a plain one is found, others are not looked for."""
    probes = [Probe(box, learned, form, like) for form in ordered(learned.form, like)]
    for plain in (True, False):
        found = [reading for probe in probes for reading in _of_form(probe, asked, plain, working)]
        if found:
            return found
    return []


def _of_form(probe: Probe, asked: Network | None, plain: bool, working: Working) -> Iterator[Reading]:
    working("which network it may be")
    scored = []
    with suppress(RnnproofError):  # a form whose states the target does not take
        for order, each in enumerate(hypotheses(probe, probe.like, asked)):
            if (is_plain(each) is not plain and asked is None) or probe.lacks(each):
                continue
            if distance(each, probe) <= probe.near:
                scored.append((len(each.negate) + bool(each.shift) + each.network.name.count("="), order, each))
    for _, _, each in sorted(scored, key=lambda one: one[:2]):
        working(f"which array is what: {each.network.name}")
        with suppress(RnnproofError):
            yield from _confirmed(probe, each, asked)


def is_plain(each: Hypothesis) -> bool:
    """Whether it has no option but that it lacks a bias, or one that each of its kind has."""
    return not {key for key, _ in each.network.options} - {"bias", "hidden_bias", "reset", "activation", "readout"}


def _confirmed(probe: Probe, each: Hypothesis, asked: Network | None) -> Iterator[Reading]:
    """The reading in either direction; in both where no run is long enough to tell them apart."""
    found = places(each, probe)
    if found is None:
        return
    sizes = each.network.shapes(probe.box.sizes)
    for network in (each.network, None if asked is not None else backward(each.network)):
        if network is None:
            return
        dialect = dialect_of(found, replace(each, network=network), probe.learned.shapes, sizes, probe.form)
        if dialect is not None and fits(probe.box, network, dialect):
            yield Reading(network, dialect)
            if probe.box.longest > 1:
                return

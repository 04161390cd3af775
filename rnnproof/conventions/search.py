"""The readings of a target: every network and dialect under which it behaves as the equations say."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from rnnproof.adapters.resolve import Target
from rnnproof.conventions.box import Box, box_of, ordered
from rnnproof.conventions.clock import Clock, OutOfTime
from rnnproof.conventions.confirm import fits
from rnnproof.conventions.described import dialect_of
from rnnproof.conventions.entries import places
from rnnproof.conventions.letters import in_letters
from rnnproof.conventions.networks import backward, family, hypotheses
from rnnproof.conventions.probe import Hypothesis, Probe, distance
from rnnproof.conventions.shapes import FEW, MANY, MOST_IDLE, Learned, Search, filled, inputs
from rnnproof.conventions.unread import same
from rnnproof.conventions.unsaid import Unsaid, unsaid
from rnnproof.conventions.wider import wider
from rnnproof.dialects.dialect import Dialect
from rnnproof.errors import RnnproofError
from rnnproof.model.network import Network

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
COMMON = 3  # tiers that are tried of every network before the rest is of any
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
    idle: int = 0  # in one form, how often it ran and no number of its arrays changed anything
    raised: Counter[str] = field(default_factory=Counter)  # how often it ended so
    unfit: Counter[str] = field(default_factory=Counter)  # and what was wrong with what it returned
    nan: bool = False  # whether all that it returns is no number
    arrays: str = ""  # names and shapes with which it runs
    complete: bool = False  # whether with them every number is read: others need not be looked for
    others: set[tuple[Network, Dialect]] = field(default_factory=set)  # forms in which it does not return
    unsteady: bool = False  # whether two identical calls differed
    late: bool = False
    unsaid: Unsaid | None = None
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True)
class Answer:
    """The readings of a target, the plainest first, and what was noticed on the way."""

    readings: tuple[Reading, ...]
    noticed: Noticed


def silent(what: str) -> None:
    """Nobody watches."""
    del what


def readings(target: Target, *asked: Network | None, working: Working = silent, clock: Clock | None = None) -> Answer:
    """Every reading of a target as the first of these networks that it can be read as; None is any of the catalogue.

    Errors: Unsupported for a target that takes no arrays of ours; UsageError for ``arrays`` that say no shapes.
    """
    noticed = Noticed(clock=clock or Clock())
    box = box_of(target, noticed.clock)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for tiers in (TIERS[:COMMON], TIERS[COMMON:]):
                for each in asked:
                    found = _readings_of(box, each, tiers, noticed, working)
                    if found or noticed.unsaid:
                        return Answer(found, noticed)
        except OutOfTime:
            noticed.late = True
    return Answer((), noticed)


Tier = tuple[bool, bool, bool, int]


def _readings_of(
    box: Box, asked: Network | None, tiers: tuple[Tier, ...], noticed: Noticed, working: Working
) -> tuple[Reading, ...]:
    """The readings as one network, or any. Errors: OutOfTime."""
    for like, learned in _learned(box, asked, tiers, noticed, working):
        _notice(noticed, box, like, learned)
        found = tuple(_readings(Looked(box, asked, noticed, working), like, learned))
        if found or noticed.unsaid:
            return found
    return ()


@dataclass(frozen=True, eq=False)
class Looked:
    """Who is looked at, as what, and who is told."""

    box: Box
    asked: Network | None
    noticed: Noticed
    working: Working


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


def _learned(
    box: Box, asked: Network | None, tiers: tuple[Tier, ...], noticed: Noticed, working: Working
) -> Iterator[tuple[Network, Learned]]:
    """The forms in which the target runs, with the shapes of its arrays: ordinary shapes and layouts first.

    Where those of one form show that no number of its arrays matters, no other form is tried.
    """
    for networks, layouts, shapes, most in tiers:
        if noticed.complete and (layouts or shapes):
            continue
        for like in family(asked, networks):
            for form in box.forms(like, layouts, layered=shapes):
                working(f"which arrays it takes: {like.name}, {form.layout}, states {form.state or 'by name'}")
                found = _shapes(box, like, form, shapes, most, noticed)
                if found is not None:
                    yield like, found
                    yield from ((like, each) for each in wider(box, like, found))
                elif noticed.nan or noticed.idle > MOST_IDLE:
                    return


def _shapes(box: Box, like: Network, form: Dialect, rare: bool, most: int, noticed: Noticed) -> Learned | None:
    known = box.shapes(like)
    if known is not None:
        return None if rare else Learned(form, known)
    if (like, form) in noticed.others:
        return None
    search = Search(box, like, form, rare, most)
    try:
        return search.go()
    finally:
        noticed.gone_through |= search.gone_through
        noticed.idle = max(noticed.idle, search.idle)
        noticed.raised += search.raised
        noticed.unfit += search.unfit
        noticed.nan |= search.nan
        noticed.others |= {(like, form)} if search.other_form else set()


def _readings(looked: Looked, like: Network, learned: Learned) -> list[Reading]:
    """The readings in one form, the plainest first; where a plain one is found, others are not looked for."""
    probes = [Probe(looked.box, learned, form, like) for form in ordered(learned.form, like)]
    for plain in (True, False):
        found = [reading for probe in probes for reading in _of_form(looked, probe, plain)]
        if found or looked.noticed.unsaid:
            return found
    return []


def _of_form(looked: Looked, probe: Probe, plain: bool) -> Iterator[Reading]:
    looked.working("which network it may be")
    scored = []
    with suppress(RnnproofError):  # a form whose states the target does not take
        for order, each in enumerate(hypotheses(probe, probe.like, looked.asked)):
            if (is_plain(each) is not plain and looked.asked is None) or probe.lacks(each):
                continue
            looked.box.clock.look()
            if distance(each, probe) <= probe.near:
                scored.append((len(each.negate) + bool(each.shift) + each.network.name.count("="), order, each))
    for _, _, each in sorted(scored, key=lambda one: one[:2]):
        looked.working(f"which array is what: {each.network.name}")
        with suppress(RnnproofError):
            yield from _confirmed(looked, probe, each)


def is_plain(each: Hypothesis) -> bool:
    """Whether it has no option but that it lacks a bias, or one that each of its kind has."""
    return not {key for key, _ in each.network.options} - {"bias", "hidden_bias", "reset", "activation", "readout"}


def _confirmed(looked: Looked, probe: Probe, each: Hypothesis) -> Iterator[Reading]:
    """The reading in either direction; in both where no run is long enough to tell them apart."""
    found = places(each, probe)
    if found is None:
        return
    sizes = each.network.shapes(probe.box.sizes)
    for network in (each.network, None if looked.asked is not None else backward(each.network)):
        if network is None:
            return
        turned = replace(each, network=network)
        dialect = dialect_of(found, turned, probe.learned.shapes, sizes, probe.form)
        if dialect is None:
            looked.noticed.unsaid = looked.noticed.unsaid or unsaid(found, turned, probe)
        elif fits(probe.box, network, dialect):
            yield Reading(network, dialect)
            if probe.box.longest > 1:
                return

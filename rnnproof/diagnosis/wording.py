"""A diagnosis in words: what it equals, the equations that it concerns, the first wrong entry of a gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.formulas import changed_signals, concerned, derived
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.observed import Item, Observed, named
from rnnproof.diagnosis.relatives import OPERATOR as NETWORK
from rnnproof.properties.bounds import choices
from rnnproof.properties.numerals import digits

COUNTS = {1: "one change", 2: "two changes", 3: "three changes", 4: "four changes"}
MOST = 6  # gradients of parameters that are named
ALSO = 2  # how many other descriptions are told


def names(hypothesis: Hypothesis) -> tuple[str, ...]:
    """The changes, each in words."""
    alone = len(hypothesis.faults) == 1
    return tuple(
        fault.text if alone or fault.operator != NETWORK else f"the forward pass is that of {fault.text}"
        for fault in hypothesis.faults
    )


def explained(found: Sequence[Hypothesis], evidence: Evidence, but: str = "") -> Iterator[str]:
    """Equals the specification with one change: ...; also described as; the equations; the first wrong entry.

    ``but``: for which of its results it does not.
    """
    first = found[0]
    if [fault.operator for fault in first.faults] == [NETWORK]:
        yield f"equals{but} another network of the catalogue: {first.faults[0].text}"
    else:
        yield f"equals{but} the specification with {counted(first)}:"
        yield from (f"  {name}" for name in names(first))
    others = list(dict.fromkeys("; ".join(names(h)) for h in found[1:]))
    if others:
        more = "; and otherwise" if len(others) > ALSO else ""
        yield f"  also described as: {', or '.join(others[:ALSO])}{more}"
    yield from (f"  {line}" for line in concerned(first))
    yield from (f"  {line}" for line in first_gradient(evidence, changed_signals(first)))


def listed(wrong: Sequence[str], parameters: Sequence[str]) -> str:
    """Gradients by name; those of all parameters together, where all are among them."""
    if len(parameters) > 2 and {*parameters} <= {*wrong}:
        return ", ".join(["every parameter's gradient", *(name for name in wrong if name not in parameters)])
    others = [name for name in wrong if name not in parameters]
    mine = [name for name in wrong if name in parameters]
    return ", ".join([*mine[:MOST], *(["..."] if len(mine) > MOST else []), *others])


def counted(hypothesis: Hypothesis) -> str:
    """One change."""
    return COUNTS.get(len(hypothesis.faults), f"{len(hypothesis.faults)} changes")


def first_gradient(evidence: Evidence, through: frozenset[str] = frozenset()) -> Iterator[str]:
    """The first wrong entry of a gradient: how it is derived, its true value, the target's and their ratio.

    The first of those whose derivation leads through a signal, where one does.
    """
    for observed in evidence.small if evidence.pulled else ():
        wrong = sorted(
            observed.pulled_back - observed.within(Hypothesis(evidence.network)), key=_order(observed, through)
        )
        if wrong:
            yield from _entry(observed, wrong[0])
            return


def _order(observed: Observed, through: frozenset[str]) -> Callable[[Item], tuple[bool, int, int]]:
    places = {name: n for n, name in enumerate(observed.gradients)}
    cell = observed.case.network.readings[0].cell
    led = {name: {line.partition(" = ")[0][1:] for line in derived(cell, name.split("@")[0])} for name in places}
    return lambda item: (led[item[0]].isdisjoint(through), item[1], places[item[0]])


def _entry(observed: Observed, item: Item) -> Iterator[str]:
    name, k = item
    key = name.split("@")[0]
    plain = Hypothesis(observed.case.network)
    middle = named(plain.trace(observed.case, observed.cotangents))[key][k]
    got = observed.gradients[name][k]
    with np.errstate(all="ignore"):
        index = np.unravel_index(int(np.argmax(np.nan_to_num(np.abs(got - middle), nan=np.inf))), got.shape)
    true, value = float(middle[index]), float(got[index])
    only = choices(observed.case)[k]
    loss = (
        "all cotangents"
        if only is None
        else f"the cotangent of the {'outputs' if only == 'outputs' else f'final {only}'} alone"
    )
    shown, expected = digits(value, true)
    ratio = f", the ratio {_ratio(value / true)}" if true else ""
    place = f"{name}[{','.join(map(str, index))}]"
    yield f"{place} for {loss}: true {expected}, got {shown}{ratio}"
    yield f"  [{observed.case.sizes}]"
    for line in derived(observed.case.network.readings[0].cell, key):
        yield f"  {line}"


def _ratio(ratio: float) -> str:
    """A ratio of nearly 1 by what it is off."""
    return f"1 {ratio - 1:+.2g}" if f"{ratio:.6g}" == "1" else f"{ratio:.6g}"


def departs(evidence: Evidence, tried: str) -> Iterator[str]:
    """What was tried of a target that no change explains, and where it leaves the truth first."""
    yield f"no change of {evidence.network.name} that was tried explains it:"
    yield f"  {tried}"
    observed, wrong = _first_off(evidence)
    name = next((n for n in observed.forward if (n, 0) in wrong), None)
    if name is not None:
        yield f"  first at {_first_entry(observed, name)}"
    showing = {target: probe for target, probe in evidence.probes.items() if _can_show(probe)}
    gates = [target for target, probe in showing.items() if _off(probe)]
    if gates and len(gates) < len(showing):
        right = [target for target in showing if target not in gates]
        yield f"  it is off where only the parameters of {' or of '.join(gates)} are not zero,"
        yield f"  and right where only those of {' or of '.join(right)} are not"


def _first_off(evidence: Evidence) -> tuple[Observed, frozenset[Item]]:
    """The first case in which a result is wrong, one of every parameter before the smallest, and which are."""
    plain = Hypothesis(evidence.network)
    for observed in (*evidence.small[1:], evidence.small[0], *evidence.fresh):
        if wrong := observed.results - observed.within(plain, False):
            return observed, wrong
    return evidence.small[1], frozenset()


def _can_show(probe: Observed) -> bool:
    """Whether anything comes of the parameters that are not zero in a probe."""
    plain, case = Hypothesis(probe.case.network), probe.case
    nothing = replace(case, parameters={name: np.zeros_like(value) for name, value in case.parameters.items()})
    with_them, without = (named(plain.trace(one)) for one in (case, nothing))
    return any(not np.array_equal(value, without[name]) for name, value in with_them.items())


def _off(probe: Observed) -> bool:
    return probe.results != probe.within(Hypothesis(probe.case.network), False)


def _first_entry(observed: Observed, name: str) -> str:
    plain = Hypothesis(observed.case.network)
    middle, got = named(plain.trace(observed.case))[name], observed.forward[name]
    off = ~observed.inside(plain, False)[name]
    index = tuple(int(n) for n in np.argwhere(off)[0]) if off.any() else (0,) * got.ndim
    place = f"{name}[{','.join(map(str, index))}]"
    shown, expected = digits(float(got[index]), float(middle[index]))
    return f"{place}: got {shown}, but should be {expected}  [{observed.case.sizes}]"

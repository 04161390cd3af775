"""A diagnosis of a target: the change of the specification that behaves like it; or where it departs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rnnproof.diagnosis import facts
from rnnproof.diagnosis.agreement import confirmed, exactly
from rnnproof.diagnosis.backward import backward
from rnnproof.diagnosis.budget import BACKWARD, FORWARD, Budget
from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.forward import forward
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.needed import needed
from rnnproof.diagnosis.overflow import overflowing
from rnnproof.diagnosis.plainness import in_order, plainest
from rnnproof.diagnosis.stepwise import Stepwise
from rnnproof.diagnosis.wording import departs, explained, first_gradient, listed, names
from rnnproof.errors import TargetError, Unsupported

SECONDS = 8.0  # of the ten that it may take; the rest is for what is said of the best that was found
MOST = 4  # descriptions: to confirm one takes as long as to find it
SATURATION = ("forward.saturation",)
APART = "apart from that, it "  # from what was seen of its conduct
PRECISION = ("forward.values", "forward.step", "numerics.rounding")


@dataclass(frozen=True)
class Diagnosis:
    """What a target is; ``names`` are its changes, and ``arrays`` those of its results and gradients that they explain.

    ``whole``: every returned array of every case agrees, and of fresh and larger ones. ``laws``: those that fail for
    what was seen of the target's conduct. ``only``: of whose failures alone something is said; empty, of any.
    """

    text: str
    names: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()
    whole: bool = False
    hypothesis: Hypothesis | None = None
    laws: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


def diagnose(evidence: Evidence, budget: Budget) -> Diagnosis | None:
    """The diagnosis of a target that some law refuses; None where nothing is wrong that could be looked for."""
    try:
        return _diagnosed(evidence, budget)
    except (TargetError, Unsupported):
        return None  # it raises, or refuses: its own message says more


def _diagnosed(evidence: Evidence, budget: Budget) -> Diagnosis | None:
    first = evidence.small[1]
    if (all_there_is := facts.unsteady(first) or facts.all_alike(evidence.small)) is not None:
        return Diagnosis(all_there_is.text, (all_there_is.name,), laws=all_there_is.laws, only=all_there_is.laws)
    conduct = list(facts.facts(first))
    said = [fact.text for fact in conduct]
    if overflown := plainest(overflowing(evidence)):
        return _overflown(overflown, evidence)
    found = _confirmed(forward(evidence, budget.part(0.75)), evidence, False)
    if not found:
        lower = facts.lower_precision(evidence.small)
        if lower or _exactly_right(evidence):
            return _lower(evidence, lower)
        return Diagnosis("\n".join([*said, *departs(evidence, budget.told(FORWARD))]))
    if not evidence.pulled:
        return _told(found, evidence, conduct, budget)
    pulled = backward(found[:3], evidence, budget)
    whole = _confirmed(pulled.found, evidence, True)
    if whole:
        return _told(whole, evidence, conduct, budget)
    return _partly(found, pulled.best, evidence, conduct, budget)


def _exactly_right(evidence: Evidence) -> bool:
    """Whether the code equals the specification in Z/p^k, in every case, whatever its floats are."""
    plain = Hypothesis(evidence.network)
    return all(exactly(plain, one, evidence.pulled) is True for one in evidence.small)


def _confirmed(found: list[Hypothesis], evidence: Evidence, pulled: bool) -> list[Hypothesis]:
    """Those that agree on fresh, larger cases too, the plainest first; of one behaviour's descriptions a few."""
    told = (h for h in in_order(map(needed, found)) if confirmed(h, evidence.fresh, pulled))
    return plainest(islice(told, MOST))


def _told(
    found: list[Hypothesis], evidence: Evidence, conduct: Sequence[facts.Fact], budget: Budget
) -> Diagnosis | None:
    """What a target is, in full."""
    changes = names(found[0]) + tuple(fact.name for fact in conduct)
    if not changes:
        return _of_the_step(evidence, budget)
    lines = list(explained(found, evidence)) if found[0].faults else []
    lines[:1] = [f"{APART}{line}" if conduct else line for line in lines[:1]]
    arrays = tuple(dict.fromkeys(name for one in evidence.small for name in (*one.forward, *one.gradients)))
    return Diagnosis(
        "\n".join([*(fact.text for fact in conduct), *lines]), changes, arrays, True, found[0], _laws(conduct)
    )


def _overflown(found: list[Hypothesis], evidence: Evidence) -> Diagnosis:
    """What overflows where the target's numbers do: elsewhere nothing else is looked for."""
    lines = ["is not finite where the truth is, in the same entries as", *(f"  {name}" for name in names(found[0]))]
    others = [name for h in found[1:3] for name in names(h)]
    lines += [f"  also described as: {', or '.join(others)}"] * bool(others)
    arrays = tuple(evidence.small[0].forward)
    return Diagnosis("\n".join(lines), names(found[0]), arrays, laws=SATURATION, only=SATURATION)


def _of_the_step(evidence: Evidence, budget: Budget) -> Diagnosis | None:
    """What the target's own step is, where its run is right."""
    if isinstance(evidence.implementation, Stepwise):
        return None
    apart = Evidence(Stepwise(evidence.implementation), evidence.network, evidence.dtype)
    try:
        found = _confirmed(forward(apart, budget), apart, False)
    except (TargetError, Unsupported):  # it has no step
        return None
    if not found or not found[0].faults:
        return None
    text = "\n".join(["its step, written apart from its run,", *explained(found, apart)])
    return Diagnosis(text, names(found[0]), tuple(apart.small[1].forward), hypothesis=found[0], laws=("forward.step",))


def _lower(evidence: Evidence, format: str | None) -> Diagnosis:
    arrays = tuple(evidence.small[1].forward)
    if format is None:
        text = (
            f"equals the specification exactly, in Z/p^k; its numbers in {evidence.dtype} are off:\n  some of it is in "
        )
        text += "a lower precision, or written so that digits cancel"
        return Diagnosis(text, ("a lower precision inside",), arrays, laws=PRECISION, only=PRECISION)
    text = f"equals the specification, computed in {format}: every wrong number is one of {format}'s"
    return Diagnosis(text, (f"computed in {format}",), arrays, laws=PRECISION, only=PRECISION)


def _partly(
    forward: list[Hypothesis], best: Hypothesis, evidence: Evidence, conduct: Sequence[facts.Fact], budget: Budget
) -> Diagnosis:
    """What is explained of the gradients, and what is not."""
    said = [fact.text for fact in conduct]
    kept, arrays = _shortest(best, evidence)
    if not _more(arrays, own := _explained(forward[0], evidence), evidence):
        kept, arrays = forward[0], own
    every = dict.fromkeys(name for one in evidence.small for name in (*one.forward, *one.gradients))
    rest = [name for name in every if name not in arrays]
    if not rest:  # all that was searched agrees, and not the fresh cases
        return Diagnosis("\n".join([*said, *departs(evidence, budget.told(BACKWARD))]), laws=_laws(conduct))
    which = listed(
        rest, [name for name in evidence.small[0].gradients if name[1:].split("@")[0] in evidence.network.parameters]
    )
    if kept.faults:
        lines = list(explained([kept], evidence, f", but for {which},"))
    else:
        lines = [f"no change of the backward pass that was tried explains {which}:", f"  {budget.told(BACKWARD)}"]
        lines += [f"  {line}" for line in first_gradient(evidence)]
    return Diagnosis("\n".join([*said, *lines]), names(kept), tuple(sorted(arrays)), False, kept, _laws(conduct))


def _laws(conduct: Sequence[facts.Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(law for fact in conduct for law in fact.laws))


def _explained(hypothesis: Hypothesis, evidence: Evidence) -> frozenset[str]:
    """The arrays that agree for every cotangent, in every case and in the fresh ones."""
    wrong: set[str] = set()
    for one in (*evidence.small, *evidence.fresh):
        wrong |= {name for name, _ in (one.results | one.pulled_back) - one.within(hypothesis)}
    return frozenset(evidence.small[0].forward.keys() | evidence.small[0].gradients.keys()) - wrong


def _shortest(hypothesis: Hypothesis, evidence: Evidence) -> tuple[Hypothesis, frozenset[str]]:
    """A hypothesis without the last changes that explain no array more, and what it explains."""
    arrays = _explained(hypothesis, evidence)
    while hypothesis.before is not None and (fewer := _explained(hypothesis.before, evidence)) >= arrays:
        hypothesis, arrays = hypothesis.before, fewer
    return needed(hypothesis), arrays


def _more(arrays: frozenset[str], own: frozenset[str], evidence: Evidence) -> bool:
    """Whether more is explained, and not only by what is zero: of that there are as many descriptions as one likes."""
    gained = arrays - own
    return arrays > own and any(one.gradients[name].any() for one in evidence.small for name in gained)

"""Laws in Z/p^k: no rounding, so no tolerance; equal or not, however small the difference would be in floats."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np

from rnnproof.domains.dual import unknown
from rnnproof.domains.execution import Budget, execute
from rnnproof.domains.place import raised_at
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import OutOfBudget, TargetError, Untraceable
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.implementation import Implementation, Subject
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.exactly import (
    READINGS,
    Compared,
    Unequal,
    count,
    describe,
    kind,
    largest_of,
    risky,
    roots_of,
    shadows_differ,
    unequal,
)
from rnnproof.properties.followed import follows
from rnnproof.properties.forward import LAST, results
from rnnproof.properties.gradient import gradients_of
from rnnproof.properties.stopped import stopped
from rnnproof.properties.trial import Trial
from rnnproof.reference.exact import ExactReference

BUDGET = Budget(seconds=20)
REFERENCE = ExactReference("reference")


@dataclass(frozen=True, eq=False)
class Lifted:
    """A case in a ring: every number unknown, its float kept as a shadow."""

    case: Case
    ring: Ring
    parameters: dict[str, Any]
    x: Any
    state: dict[str, Any]
    cotangents: Cotangents

    def arguments(self) -> dict[str, Any]:
        """What a gradient is taken by, under the names that gradients have."""
        named = {f"d{name}": value for name, value in self.parameters.items()} | {"dx": self.x}
        return named | {f"d{name} initial": value for name, value in self.state.items()}

    def build(self, implementation: Implementation) -> Subject:
        """A subject at fresh parameters."""
        return implementation.build(self.case.network, _fresh(self.parameters), "float64")

    def run(self, subject: Subject, pulled: bool = False) -> Trace:
        """A run on fresh arrays; pulled back as well where asked."""
        given = Cotangents(self.cotangents.outputs.copy(), _fresh(self.cotangents.state)) if pulled else None
        with np.errstate(all="ignore"):
            lengths = None if self.case.lengths is None else self.case.lengths.copy()
            return subject.run(self.x.copy(), _fresh(self.state), lengths, given)


def _fresh(arrays: Arrays) -> dict[str, Array]:
    return {name: value.copy() for name, value in arrays.items()}


def lift(case: Case, ring: Ring, tangents: tuple[str, ...] | None = ()) -> Lifted:
    """The case in a ring; ``tangents`` names the arguments that move in a random direction, None all of them."""

    def array(name: str, gradient: str, value: Array) -> Any:
        moves = tangents is None or gradient in tangents
        direction = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(value.shape)
        return RingArray(unknown(ring, name, value, direction if moves else None))

    def cotangent(name: str, value: Array) -> Any:
        """What has no cotangent has none in the ring either."""
        given = unknown(ring, name, value)
        given.x[value == 0] = 0
        return RingArray(given)

    return Lifted(
        case,
        ring,
        {name: array(name, f"d{name}", value) for name, value in case.parameters.items()},
        array("x", "dx", case.x),
        {name: array(f"initial {name}", f"d{name} initial", value) for name, value in case.state.items()},
        Cotangents(
            cotangent("cotangent", case.cotangents.outputs),
            {name: cotangent(f"cotangent {name}", value) for name, value in case.cotangents.state.items()},
        ),
    )


def forward(trial: Trial) -> Verdict:
    """Outputs and states equal the network's at every step, in Z/p^k, at the case's own sizes."""
    return _judged(trial, _forward)


def gradient(trial: Trial) -> Verdict:
    """The gradient equals the derivative of the target's own forward pass, and the network's adjoint, in Z/p^k."""
    return _judged(trial, _gradient)


@dataclass(frozen=True, eq=False)
class Found:
    """What one exact execution found: differences (none: equal), how many entries, and what to add to a message."""

    differences: list[Unequal]
    total: int
    largest: float = 0.0
    remark: str = ""
    missing: str = ""
    refused: bool = False


Check = Callable[[Trial, Implementation, Ring], Found]


def _judged(trial: Trial, check: Check) -> Verdict:
    """The verdict of a check, by the evidence table; what cannot be executed exactly is not applicable."""
    implementation = trial.implementation.in_ring
    if implementation is None:
        return Verdict(Outcome.NOT_APPLICABLE, "compiled code is not executed exactly")
    trial = trial.asked  # what the target raises in floats is an error, not a limit of exact execution
    seed = zlib.crc32(trial.case.x.tobytes())
    try:
        found, ring = execute(lambda ring: check(trial, implementation, ring), seed, budget=BUDGET)
        if found.missing:
            return Verdict(Outcome.REFUSED if found.refused else Outcome.NOT_APPLICABLE, found.missing)
        if not found.differences:
            return Verdict(Outcome.PASSED, roots_of(ring), bound="exact")
        if not risky(ring) or shadows_differ(found.differences, found.largest):
            message = describe(found.differences, found.total, _place(trial.case), ring) + found.remark
            return Verdict(Outcome.FAILED, message, kind(found.differences, ring), "exact")
        return _explained(trial, check, implementation, seed, ring)
    except OutOfBudget as problem:
        return Verdict(Outcome.UNDECIDED, str(problem), "precision")
    except (Untraceable, TargetError) as problem:
        where = f"  ({raised_at(problem.__cause__)})" if problem.__cause__ is not None else ""
        return stopped(trial, check is _gradient, f"{problem}{where}")


def _place(case: Case) -> str:
    return f"{case.network.name}, {case.sizes}, in Z/p^k"


def _explained(trial: Trial, check: Check, implementation: Implementation, seed: int, ring: Ring) -> Verdict:
    """A difference in the ring alone, on a path with numbers that can be read in several ways."""
    for reading, words in READINGS.items():
        found, _ = execute(lambda ring: check(trial, implementation, ring), seed, reading, BUDGET)
        if not found.differences:
            message = f"equal where {words}, not where they are read as the simplest fractions"
            outcome = Outcome.SUSPICIOUS if reading == "tiny as zero" else Outcome.UNDECIDED
            return Verdict(outcome, f"{message}  [{_place(trial.case)}]", "literal", "exact")
    message = f"it differs exactly, but not in floats; on the way: {'; '.join(risky(ring))}"
    return Verdict(Outcome.UNDECIDED, message, "literal", "exact")


def _forward(trial: Trial, implementation: Implementation, ring: Ring) -> Found:
    lifted = lift(trial.case, ring)
    trace, true = (lifted.run(lifted.build(each)) for each in (implementation, REFERENCE))
    follows(results(trace), results(trial.base), ring)
    return _found(_forwards(trace, true), ring)


def _forwards(got: Trace, true: Trace) -> Compared:
    """Every result of a run beside the reference's."""
    expected, states = results(true), true.states or {}
    if true.outputs is not None:
        expected[LAST] = true.outputs[-1]
    compared = {name: (value, expected[name]) for name, value in results(got).items()}
    shown = (got.states or {}).items() if states else ()  # of rows of several lengths there are none
    visible = {f"{name} of every step": (value, states[name]) for name, value in shown}
    return compared | visible


def _found(compared: Compared, ring: Ring) -> Found:
    return Found(unequal(compared, ring), count(compared), largest_of(compared))


def _gradient(trial: Trial, implementation: Implementation, ring: Ring) -> Found:
    lifted = lift(trial.case, ring)
    trace, true = (lifted.run(lifted.build(each), pulled=True) for each in (implementation, REFERENCE))
    got = gradients_of(trace)
    if not got:
        return Found([], 0, missing=trace.refused or "the target returns no gradient", refused=bool(trace.refused))
    follows(results(trace) | got, results(trial.pulled(None)) | gradients_of(trial.pulled(None)), ring)
    expected = gradients_of(true)
    beside = _found({name: (value, expected[name.split("@")[0]]) for name, value in got.items()}, ring)
    own = partial(_derivative_agrees, trial, implementation, ring, got)
    names = tuple(dict.fromkeys(name.split("@")[0] for name in got))
    same = not unequal(_forwards(trace, true), ring)
    wrong = [] if own(names) or (beside.differences and same) else [name for name in names if not own((name,))]
    if wrong and not beside.differences:
        beside = replace(beside, differences=_by_entry(trial, implementation, ring, wrong[0], got))
    return replace(beside, remark=_remark(trial.case.network.name, same, wrong))


def _remark(network: str, same: bool, wrong: list[str]) -> str:
    if same:
        return "\n  the forward pass agrees exactly"
    if not wrong:
        return f"\n  the gradient is right for this forward pass, but the forward pass is not {network}"
    return f"\n  the forward pass is not {network}, and these are not its derivatives: {', '.join(wrong[:4])}"


def _derivative_agrees(
    trial: Trial, implementation: Implementation, ring: Ring, got: dict[str, Any], names: tuple[str, ...]
) -> bool:
    """Whether sum(g V) is the derivative of the loss, sum of cotangents times results, in a random direction V."""
    lifted = lift(trial.case, ring, names)
    moved = lifted.arguments()
    along = sum((got[name].dual.x * moved[name].dual.d).sum() for name in names)
    loss = _loss(lifted, lifted.run(lifted.build(implementation)))
    return bool((along - loss.dual.d.item()) % ring.known == 0)


def _loss(lifted: Lifted, trace: Trace) -> Any:
    cotangents = {"outputs": lifted.cotangents.outputs, LAST: lifted.cotangents.outputs[-1]}
    cotangents |= {f"final {name}": value for name, value in lifted.cotangents.state.items()}
    return reduce(add, ((cotangents[name] * value).sum() for name, value in results(trace).items()))


def _by_entry(
    trial: Trial, implementation: Implementation, ring: Ring, name: str, got: dict[str, Any]
) -> list[Unequal]:
    """One gradient beside the derivative of the target's own forward pass, an entry at a time."""
    lifted = lift(trial.case, ring)
    argument = lifted.arguments()[name].dual
    true = np.zeros_like(got[name])
    for index in np.ndindex(argument.x.shape):
        argument.d[...], argument.df[...] = 0, 0
        argument.d[index], argument.df[index] = 1, 1
        loss = _loss(lifted, lifted.run(lifted.build(implementation))).dual
        true.dual.x[index], true.dual.f[index] = loss.d.item(), loss.df.item()
    return unequal({name: (got[name], true)}, ring)

"""The table of laws: identifier, law, what it needs, and the fault that it must at least refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from rnnproof.faults.bank import find
from rnnproof.faults.fault import Fault
from rnnproof.model.case import Case
from rnnproof.model.implementation import Claims
from rnnproof.model.network import Network
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties import batch, exact, forward, gradient, numerics, repeat, state
from rnnproof.properties.trial import Trial
from rnnproof.strategies.cases import EVERY, HUGE, ORDINARY, TYPICAL


@dataclass(frozen=True)
class Law:
    """A law: what it says, how it judges a trial, and which faults (operator, words in the name) it must refuse."""

    id: str
    judge: Callable[[Trial], Verdict]
    faults: tuple[tuple[str, str], ...]
    steps: int = 1
    rows: int = 1
    gradients: bool = False
    regimes: tuple[str, ...] = ORDINARY
    notes: Callable[[Trial], str] | None = None
    most: int | None = None  # cases at most; a law that has such a number is exact, of no float format

    @property
    def statement(self) -> str:
        """The law in one sentence."""
        return (self.judge.__doc__ or "").strip().splitlines()[0]

    def applies(self, case: Case) -> bool:
        """Whether the case is large enough for the law to say something."""
        return self.steps <= case.sizes.T and self.rows <= case.sizes.B

    def excuse(self, claims: Claims) -> Verdict | None:
        """The verdict where the target's claims leave nothing to judge."""
        if self.gradients and not claims.gradients:
            return Verdict(Outcome.NOT_APPLICABLE, "the target has no grad")
        return None

    def planted(self, network: Network) -> tuple[Fault, ...]:
        """The law's own faults, as this network can have them."""
        return planted(self.faults, network)


@cache
def planted(faults: tuple[tuple[str, str], ...], network: Network) -> tuple[Fault, ...]:
    """The faults that (operator, words in the name) select."""
    found = (find(network, operator, words) for operator, words in faults)
    return tuple(fault for fault in found if fault is not None)


_VALUE = ("bias twice", ""), ("wrong weight", ""), ("term missing", "U_"), ("scale", "doubled")
LAWS: tuple[Law, ...] = (
    Law("forward.values", forward.values, _VALUE),
    Law("forward.step", forward.step, (("activation replaced", ""),)),
    Law("forward.order", forward.order, (("inputs averaged", ""),), steps=2),
    Law("forward.causality", forward.causality, (("input from the future", ""),), steps=2),
    Law("forward.saturation", forward.saturation, (("overflow", ""), *_VALUE), regimes=HUGE),
    Law("state.handover", state.handover, (("final state early", ""),), steps=2),
    Law("state.initial", state.initial, (("initial state ignored", ""),)),
    Law("state.final", state.final, (("final states exchanged", ""), ("final state early", ""))),
    Law("state.repeat", repeat.repeat, (("state kept", ""),)),
    Law("batch.independence", batch.independence, (("batch mean", ""),), rows=2),
    Law("batch.permutation", batch.permutation, (("first row repeated", ""),), rows=3),
    Law(
        "gradient.parameters",
        gradient.parameters,
        (("carry dropped", "the carry of"), ("outer dropped", "")),
        gradients=True,
        regimes=EVERY,
        notes=gradient.notes_on_parameters,
    ),
    Law(
        "gradient.inputs",
        gradient.inputs,
        (("product dropped", "of dx"),),
        gradients=True,
        regimes=EVERY,
        notes=gradient.notes_on_inputs,
    ),
    Law(
        "gradient.state",
        gradient.state,
        (("result dropped", "the gradient d"),),
        gradients=True,
        regimes=EVERY,
        notes=gradient.notes_on_state,
    ),
    Law("numerics.rounding", numerics.rounding, (("lower precision", ""),)),
    Law("numerics.dtype", numerics.dtype, (("other dtype", ""),)),
    Law("numerics.inputs_unchanged", numerics.inputs_unchanged, (("input changed", ""),)),
    Law("numerics.strides", numerics.strides, (("strides", ""),), steps=2, rows=2),
    Law("exact.forward", exact.forward, _VALUE, regimes=TYPICAL, most=6),
    Law(
        "exact.gradient",
        exact.gradient,
        (("carry dropped", "the carry of"), ("outer dropped", ""), ("product dropped", "of dx")),
        gradients=True,
        regimes=TYPICAL,
        most=6,
    ),
)
BY_ID = {law.id: law for law in LAWS}
# Named by the contract, not built yet: refused by name, left out of a report.
LATER = (
    "sequence.lengths",
    "sequence.reverse",
    "sequence.layers",
    "gradient.ledger",
    "proof.step",
    "proof.induction",
)

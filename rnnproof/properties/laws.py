"""The table of laws: identifier, law, what it needs, and the fault that it must at least refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

from rnnproof.faults.bank import find
from rnnproof.faults.fault import Fault
from rnnproof.model.case import Case
from rnnproof.model.implementation import Claims
from rnnproof.model.network import Network
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties import batch, exact, forward, gradient, ledger, ledger_notes, numerics, repeat, sequence, state
from rnnproof.properties.trial import Trial
from rnnproof.strategies.regimes import EVERY, HUGE, ORDINARY, RAGGED, TYPICAL


@dataclass(frozen=True)
class Law:
    """A law: what it says, how it judges a trial, and which faults (operator, words in the name) it must refuse."""

    id: str
    judge: Callable[[Trial], Verdict]
    faults: tuple[tuple[str, str], ...]
    steps: int = 1
    rows: int = 1
    gradients: bool = False
    pulls: bool = False  # whether it compares gradients too, where there are any
    regimes: tuple[str, ...] = ORDINARY
    notes: Callable[[Trial], str] | None = None
    elsewhere: Callable[[Trial, Verdict, Collection[str]], Verdict] | None = None  # a failure that failed laws tell
    vanishing: bool = False  # whether it is judged on long runs too, in which a gradient vanishes
    late: tuple[str, ...] = ()  # which large runs are among its cases: a wide cell, a long run
    ragged: bool = False  # whether it is judged on rows of several lengths too, where the target takes them
    needs: Callable[[Claims, Network], str] | None = None  # why it does not apply; "" where it does
    shown_on: Callable[[Network], Network] | None = None  # a network that has its fault, where a plain one has not
    most: int | None = None  # cases at most; a law that has such a number is exact, of no float format

    @property
    def statement(self) -> str:
        """The law in one sentence."""
        return (self.judge.__doc__ or "").strip().splitlines()[0]

    def applies(self, case: Case) -> bool:
        """Whether the case is large enough for the law to say something."""
        return self.steps <= case.sizes.T and self.rows <= case.sizes.B

    def excuse(self, claims: Claims, network: Network) -> Verdict | None:
        """The verdict where the target's claims, or its network, leave nothing to judge."""
        reason = "the target has no grad" if self.gradients and not claims.gradients else ""
        reason = reason or (self.needs(claims, network) if self.needs else "")
        return Verdict(Outcome.NOT_APPLICABLE, reason) if reason else None

    def planted(self, network: Network) -> tuple[Fault, ...]:
        """The law's own faults, as this network can have them."""
        return planted(self.faults, network)


@cache
def planted(faults: tuple[tuple[str, str], ...], network: Network) -> tuple[Fault, ...]:
    """The faults that (operator, words in the name) select."""
    found = (find(network, operator, words) for operator, words in faults)
    return tuple(fault for fault in found if fault is not None)


WIDE, LONG = "wide", "long"
_VALUE = ("bias twice", ""), ("wrong weight", ""), ("term missing", "U_"), ("scale", "doubled")
_UNSEEN = ("input from the future", ""), ("input delayed", "")  # one for each direction of reading
LAWS: tuple[Law, ...] = (
    Law("forward.values", forward.values, _VALUE, late=(WIDE, LONG), ragged=True),
    Law("forward.step", forward.step, (("activation replaced", ""),), late=(LONG,), needs=sequence.a_step),
    Law("forward.order", forward.order, (("inputs averaged", ""),), steps=2),
    Law("forward.causality", forward.causality, _UNSEEN, steps=2, needs=sequence.one_direction),
    Law("forward.saturation", forward.saturation, (("overflow", ""), *_VALUE), regimes=HUGE),
    Law("state.handover", state.handover, (("final state early", ""),), steps=2, needs=sequence.one_direction),
    Law("state.initial", state.initial, (("initial state ignored", ""),), pulls=True),
    Law("state.final", state.final, (("final states exchanged", ""), ("final state early", "")), ragged=True),
    Law("state.repeat", repeat.repeat, (("state kept", ""),), pulls=True, ragged=True),
    Law("batch.independence", batch.independence, (("batch mean", ""),), rows=2, ragged=True),
    Law("batch.permutation", batch.permutation, (("first row repeated", ""),), rows=3, ragged=True),
    Law(
        "sequence.lengths",
        sequence.lengths,
        (("lengths ignored", ""),),
        pulls=True,
        regimes=(RAGGED,),
        needs=sequence.rows_end,
    ),
    Law(
        "sequence.reverse",
        sequence.reverse,
        (("not flipped back", ""),),
        ragged=True,
        needs=sequence.both_directions,
        shown_on=sequence.in_both_directions,
    ),
    Law(
        "sequence.layers",
        sequence.layers,
        (("layers share weights", ""),),
        needs=sequence.single_layers,
        shown_on=sequence.in_two_layers,
    ),
    Law(
        "gradient.parameters",
        gradient.parameters,
        (("carry dropped", "the carry of"), ("outer dropped", "")),
        gradients=True,
        regimes=EVERY,
        ragged=True,
        notes=gradient.notes_on_parameters,
        late=(LONG,),
    ),
    Law(
        "gradient.inputs",
        gradient.inputs,
        (("product dropped", "of dx"),),
        gradients=True,
        regimes=EVERY,
        ragged=True,
        notes=gradient.notes_on_inputs,
        late=(LONG,),
    ),
    Law(
        "gradient.state",
        gradient.state,
        (("result dropped", "the gradient d"),),
        gradients=True,
        regimes=EVERY,
        ragged=True,
        notes=gradient.notes_on_state,
    ),
    Law(
        "gradient.ledger",
        ledger.ledger,
        (("truncated", "the first step"),),
        steps=2,
        gradients=True,
        vanishing=True,
        ragged=True,
        notes=ledger_notes.notes,
        elsewhere=ledger.told_elsewhere,
    ),
    Law("numerics.rounding", numerics.rounding, (("lower precision", ""),)),
    Law("numerics.dtype", numerics.dtype, (("other dtype", ""),)),
    Law("numerics.inputs_unchanged", numerics.inputs_unchanged, (("input changed", ""),), ragged=True),
    Law("numerics.strides", numerics.strides, (("strides", ""),), steps=2, rows=2, pulls=True),
    Law("exact.forward", exact.forward, _VALUE, regimes=TYPICAL, ragged=True, most=6),
    Law(
        "exact.gradient",
        exact.gradient,
        (("carry dropped", "the carry of"), ("outer dropped", ""), ("product dropped", "of dx")),
        gradients=True,
        regimes=TYPICAL,
        ragged=True,
        most=6,
    ),
)
BY_ID = {law.id: law for law in LAWS}
# Named by the contract, not built yet: refused by name, left out of a report.
LATER = (
    "proof.step",
    "proof.induction",
)

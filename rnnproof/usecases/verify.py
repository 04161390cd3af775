"""Is this code the network it says it is? Every law on one target; or on everything that is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np

from rnnproof.adapters.frameworks import frameworks_found
from rnnproof.adapters.resolve import Target, resolve
from rnnproof.domains.formats import FORMATS
from rnnproof.errors import UsageError, nearest
from rnnproof.faults.fault import plant
from rnnproof.model.case import Arrays
from rnnproof.model.document import case_from_json
from rnnproof.model.event import Found, Item, Judged, Read, Refusal, Running
from rnnproof.model.implementation import Claims
from rnnproof.model.network import Network
from rnnproof.model.report import Report
from rnnproof.model.verdict import Finding, Outcome, Verdict
from rnnproof.properties.laws import BY_ID, LAWS, Law
from rnnproof.properties.trial import start
from rnnproof.usecases.bench import Bench, stream
from rnnproof.usecases.diagnosed import Diagnoses
from rnnproof.usecases.examine import examine_law, judge
from rnnproof.usecases.options import PROFILES, Options, check_options, chosen_laws, options_of
from rnnproof.usecases.read_as import Readings

EXACT = "float64"  # the floats of an exact law's cases, beside which the exact numbers are, whatever is claimed


def verify(
    target: object,
    network: str | None = None,
    *,
    dialect: str | None = None,
    properties: str | Sequence[str] | None = None,
    dtype: str | Sequence[str] | None = None,
    seed: int = 0,
    max_examples: int | None = None,
    profile: str = "quick",
) -> Report:
    """Verify a target, in this process.

    Errors: UsageError for a target, network, option or property that does not exist, and an argument of another
    type; Unsupported for one that is not built or not modelled. What the target does wrong is in the report.
    """
    options = options_of(properties, dtype, seed, max_examples, profile)
    resolved, readings = resolve(target, network, dialect), Readings()
    started = time.monotonic()
    events = examine(resolved, options, diagnosed=Diagnoses().of, readings=readings)
    findings = tuple(event.finding for event in events if isinstance(event, Found))
    return report_of(readings.read(resolved), findings, options.seed, time.monotonic() - started)


def report_of(target: Target, findings: tuple[Finding, ...], seed: int, elapsed_s: float) -> Report:
    """The report on a target."""
    return Report(
        target.name, target.network.name, findings, target.dialect, target.versions, seed, round(elapsed_s, 3)
    )


Done = frozenset[tuple[str, str | None]]


def examine(
    target: Target,
    options: Options,
    done: Done = frozenset(),
    diagnosed: Callable[[Finding, Bench], Finding] | None = None,
    readings: Readings | None = None,
) -> Iterator[Running | Judged | Found | Read]:
    """The findings of a target, law by law in each dtype; those in ``done`` are left out.

    ``diagnosed`` gives a failure its diagnosis, and ``readings`` what else the target may be read as; None: neither is
    looked for.
    """
    check_options(options)
    count = options.max_examples or PROFILES[options.profile]
    readings = readings or Readings(asked=True)
    for dtype, items in groupby(plan(target, options), key=itemgetter(1)):
        bench = Bench(readings.read(target), dtype or EXACT, options.seed)
        for item in items:
            if item in done:
                continue
            yield Running(*item)
            law = BY_ID[item[0]]
            finding = known(target, options, item) or readings.settled(item) or examine_law(law, bench, count)
            if readings.wanted(target, finding):
                yield Judged(finding)
                finding = readings.of(target, finding)
                if readings.dialect is not None:
                    bench = Bench(readings.read(target), bench.dtype, options.seed)
                    yield Read(bench.target.dialect or "")
                    finding = examine_law(law, bench, count)
            if finding.outcome is Outcome.FAILED and (diagnosed is not None or readings.instead is not None):
                yield Judged(finding)
                finding = readings.explained(finding, bench, diagnosed or as_it_is)
            yield Found(finding)


def as_it_is(finding: Finding, bench: Bench) -> Finding:
    """The finding without a diagnosis."""
    del bench
    return finding


def plan(target: Target, options: Options) -> tuple[Item, ...]:
    """Everything that will be found, in order: each law in each dtype, then the exact ones, which have none."""
    laws = chosen_laws(options)
    dtypes = dict.fromkeys(options.dtypes or target.implementation.claims.dtypes)
    floating = [(law.id, dtype) for dtype in dtypes for law in laws if law.most is None]
    return (*floating, *((law.id, None) for law in laws if law.most is not None))


def share_of(plan: tuple[Item, ...], share: int | None) -> tuple[Item, ...]:
    """What is found in the first dtype of the plan (0), or all the rest (1); None: everything."""
    first = tuple(item for item in plan if item[1] == plan[0][1])
    return plan if share is None else first if share == 0 else plan[len(first) :]


def known(target: Target, options: Options, item: Item) -> Finding | None:
    """What is known of a law before anything runs: not claimed or not applicable; None where it is to be looked at.

    An exact law has no dtype: of those that were asked for, one must be claimed, or it answers another question.
    """
    id, dtype = item
    claims = target.implementation.claims
    asked = options.dtypes if dtype is None else (dtype,)
    if asked and not set(asked) & {*claims.dtypes, *claims.on_request}:
        return Finding(id, dtype, Outcome.REFUSED, f"the target does not claim {' or '.join(asked)}")
    if dtype is not None and (beyond := beyond_range(target.implementation.own or {}, dtype)):
        return Finding(id, dtype, Outcome.REFUSED, beyond)
    excuse = BY_ID[id].excuse(claims, target.network)
    return None if excuse is None else Finding(id, dtype, excuse.outcome, excuse.message)


def beyond_range(own: Arrays, dtype: str) -> str:
    """The first of an instance's own weights that a format cannot hold, in words; empty where it holds all."""
    form = FORMATS[dtype]
    for name, value in own.items():
        for index in np.argwhere(np.abs(value.astype(np.float64)) > form.largest)[:1].tolist():
            place = f"{name}[{','.join(map(str, index))}]"
            return f"its own {place} is {float(value[tuple(index)]):.6g}, and {dtype} ends at {form.largest:.6g}"
    return ""


def judge_stored(target: Target, property: str, data: Mapping[str, object]) -> Verdict:
    """The law's verdict on one stored case.

    Errors: UsageError for a property that is not known, or data that is no case.
    """
    if property not in BY_ID:
        raise UsageError(f"unknown property {property!r}{nearest(property, BY_ID)}")
    case = case_from_json(data, target.network)
    return judge(BY_ID[property], start(case, target.implementation))


# What is verified where no target is named: the hand-written cells, beside the framework layers of the same networks.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("numpy:lstm", "torch.nn:LSTM", "torch.nn:LSTMCell", "numpy:peephole"),
    ("numpy:elman", "torch.nn:RNN", "torch.nn:RNNCell", "numpy:jordan", "numpy:lecture_lstm"),
    ("numpy:gru", "torch.nn:GRU", "torch.nn:GRUCell", "numpy:gru:reset=before"),
)


def targets_found() -> tuple[tuple[str, ...], ...]:
    """The groups, without the frameworks that are not installed.

    One network's bounds are made once for all the targets of a group.
    """
    found = frameworks_found()
    return tuple(tuple(name for name in group if name.startswith("numpy:") or name in found) for group in GROUPS)


ANY = Claims(lengths=True)


def planted(network: Network, seed: int = 0) -> Iterator[Refusal]:
    """Each law's fault, planted in the reference, on the first case in which it shows.

    A law for which the network has none is shown on the network's own stack, or on it in both directions.
    """
    for law in LAWS:
        model = law.shown_on(network) if law.shown_on and law.excuse(ANY, network) else network
        if law.excuse(ANY, model) is None and law.planted(model):
            yield _refusal(law, model, seed)


def _refusal(law: Law, network: Network, seed: int) -> Refusal:
    """The first of the law's faults that it refuses; if it refuses none, the first."""
    faults = law.planted(network)
    for fault in faults:
        bench = Bench(Target(fault.text, plant(fault), network, None, {}), "float64", seed)
        verdicts = (judge(law, bench.trial(draw)) for draw in stream(law, bench))
        first = next((v for v in verdicts if v.outcome is Outcome.FAILED), None)
        if first is not None:
            return Refusal(law.id, fault.text, True, first.message)
    return Refusal(law.id, faults[0].text, False, "")

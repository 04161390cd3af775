"""What a target may be: networks of the catalogue that have its states, with the numbers that its options need."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from math import log

import numpy as np

from rnnproof.catalogue import NETWORKS, network
from rnnproof.catalogue.names import possible
from rnnproof.conventions.letters import same_kind
from rnnproof.conventions.probe import Hypothesis, Look, Probe, biases_of, inputs_of
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network

# One of each kind of states and outputs, which is all that matters while shapes are looked for; the plainest first.
FAMILIES = (("lstm", "gru", "elman:readout=identity"), ("lstm:projection=P", "jordan", "lecture_lstm"))
FINEST = 64  # an amount that a target adds is a fraction with no larger denominator
LARGE = 1000.0


def family(asked: Network | None, rare: bool) -> tuple[Network, ...]:
    """The networks for which shapes are looked for: the one asked for, or one of each kind, common or rare."""
    if asked is not None:
        return () if rare else (asked,)
    return tuple(map(network, FAMILIES[rare]))


def hypotheses(probe: Probe, like: Network, asked: Network | None) -> Iterator[Hypothesis]:
    """Everything that a target with these states may be, plain things first."""
    for each in (asked,) if asked is not None else networks(probe, like):
        unseen = any(n.rpartition(".")[2].startswith("b_") and n not in biases_of(each) for n in each.parameters)
        for negate, parts, shift in product(_signs(each), (1, 2, 3) if unseen else (1,), shifts(probe, each)):
            yield Hypothesis(each, negate, shift, parts)


def networks(probe: Probe, like: Network) -> Iterator[Network]:
    """The networks of the catalogue with the same states and the same size of outputs."""
    biased = "true" if probe.biases else "false"
    for head, page in NETWORKS.items():
        values = {key: list(allowed) for key, allowed in page.options.items()}
        if "bias" in values and "readout" not in values:  # what is seen of a readout may be its weights alone
            values["bias"] = [biased]
        for key, numbers in (("forget_offset", ()), ("clip", _clips(probe, like))):
            if key in values:
                values[key] = [page.options[key][0], *numbers]
        for chosen in product(*values.values()):
            found = _network(head, dict(zip(values, chosen, strict=True)))
            if found is not None and same_kind(found, like):
                yield found


def _network(head: str, chosen: dict[str, str]) -> Network | None:
    """The network with these options; None where they contradict one another."""
    default = {key: values[0] for key, values in NETWORKS[head].options.items()}
    told = ",".join(f"{key}={value}" for key, value in chosen.items() if value != default[key])
    return possible(f"{head}:{told}" if told else head)


def _signs(each: Network) -> list[frozenset[str]]:
    """Which gates may be held with the other sign: any that have arrays."""
    gates = sorted({name.rpartition(".")[2].partition("_")[2] for name in each.parameters if "W_" in name} - {"y", "p"})
    if each.layers > 1 or each.direction == "bidirectional" or len(each.options) > 1:
        return [frozenset(), *(frozenset((gate,)) for gate in gates)]
    return [frozenset(some) for count in range(len(gates) + 1) for some in combinations(gates, count)]


def shifts(probe: Probe, each: Network) -> list[float]:
    """The amounts that a target may add to the forget gate: 0, and what its cell state shows at zero weights."""
    if "b_f" not in each.parameters or "c" not in each.states:
        return [0.0]
    kept = _kept(probe, each)
    if kept is None or not 0 < kept < 1:
        return [0.0]
    hard = dict(each.options).get("recurrent") == "hard_sigmoid"
    slope = float(Fraction(dict(each.options).get("slope", "1/5")))
    amount = Fraction((kept - 0.5) / slope if hard else log(kept / (1 - kept))).limit_denominator(FINEST)
    return [0.0, *(float(sign * amount) for sign in (1, -1) if amount)]


def _kept(probe: Probe, each: Network) -> float | None:
    """How much of the cell state one step keeps where all weights are 0."""
    _, state = inputs_of(each, probe)
    found = _final(probe, each, 0.0, {**state, "c": np.ones_like(state["c"])})
    return None if found is None else float(found.ravel()[0])


def _clips(probe: Probe, like: Network) -> list[str]:
    """Where the cell state, or a gate's pre-activation, ends: what is left of a large one."""
    if "c" not in like.states:
        return []
    _, state = inputs_of(like, probe)
    found = _final(probe, like, 0.0, {**state, "c": np.full_like(state["c"], LARGE)})
    cell = [] if found is None or found.ravel()[0] > LARGE / 4 else [float(found.ravel()[0])]
    found = _final(probe, like, LARGE, {**state, "c": np.zeros_like(state["c"])})
    gate = [] if found is None else [_inverse(float(found.ravel()[0]))]
    near = [Fraction(bound).limit_denominator(FINEST) for bound in (*cell, *gate) if bound is not None]
    return [str(bound) for bound in dict.fromkeys(near) if bound > 0]


def _inverse(value: float) -> float | None:
    """K with sigmoid(K) tanh(K) = value; None where there is none to be seen."""
    if not 0 < value < 1 - 1e-9:
        return None
    low, high = 0.0, 32.0
    for _ in range(80):
        middle = (low + high) / 2
        larger = np.tanh(middle) / (1 + np.exp(-middle)) > value
        low, high = (low, middle) if larger else (middle, high)
    return low


def _final(probe: Probe, like: Network, weight: float, state: Arrays) -> Array | None:
    x, _ = inputs_of(like, probe)
    try:
        trace = probe.run(probe.arrays(weight), Look(weight, x, state))
    except RnnproofError:
        return None
    found = trace.final.get("c")
    return None if found is None else np.asarray(found, np.float64)


def backward(each: Network) -> Network | None:
    """The same from the last step back; None where it says a direction already."""
    if each.direction != "forward" or each.layers > 1:
        return None
    return network(f"{each.name}{',' if ':' in each.name else ':'}direction=backward")

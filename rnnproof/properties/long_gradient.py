"""The gradients of long runs: scalars of them against a first-order bound."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from rnnproof.domains.bounded import inflate
from rnnproof.model.case import Array, Case
from rnnproof.model.network import Network
from rnnproof.model.verdict import Verdict
from rnnproof.properties import long
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.long import RANDOM, Scalars, sign, verdict_on, weighed_sums
from rnnproof.properties.trial import Trial
from rnnproof.reference.cotangents import stacked_signals
from rnnproof.reference.first_order_gradient import Directions, LongGradients, long_gradients, reached_gradients


def can_be_long(network: Network) -> bool:
    """Whether there is a first order, and one step after the other."""
    return long.can_be_long(network) and network.direction == "forward"


def is_long(case: Case) -> bool:
    """Whether the first-order bound judges the gradients of this case."""
    return long.is_long(case) and can_be_long(case.network)


@lru_cache(maxsize=8)
def of_case(bounds: Bounds) -> LongGradients:
    """The case's run and backward pass, linearised. Its gradients are float64's own, and so are their roundings."""
    case = bounds.case
    return long_gradients(case.network.step, case.parameters, case.x, case.state, case.cotangents, bounds.form)


def judge(trial: Trial, got: Mapping[str, Array]) -> Verdict:
    """Whether every scalar of these gradients, of all cotangents, is within its bound."""
    with np.errstate(all="ignore"):
        linear = of_case(trial.bounds)
        found = scalars(got, linear)
    every = [*stacked_signals(linear.tape).values(), *linear.received.values()]
    largest = max(float(np.abs(value).max(initial=0.0)) for value in every)
    return verdict_on(found, trial, largest if np.isfinite(largest) else np.inf, "gradients")


def scalars(got: Mapping[str, Array], linear: LongGradients) -> Scalars:
    """Sums of the gradients, each entry with a sign: those of the differences, then random ones.

    Of arrays that share a parameter's gradient, the first one counts.
    """
    true = _named(linear)
    off = {name: value.astype(np.float64) - true[name] for name, value in got.items() if name in true}
    rng = np.random.default_rng(0)
    signs = {
        name: _signs(rng, off[name]) if name in off else np.zeros((1 + RANDOM, *v.shape)) for name, v in true.items()
    }
    error = sum((weighed_sums(signs[name], value) for name, value in off.items()), np.zeros(1 + RANDOM))
    value = sum((weighed_sums(signs[name], value) for name, value in true.items()), np.zeros(1 + RANDOM))
    bound = reached_gradients(linear, _directions(signs, linear))
    return Scalars(value, error, inflate(bound, sum(part.size for part in off.values())))


def _signs(rng: np.random.Generator, off: Array) -> Array:
    return np.concatenate([sign(off), rng.choice([-1.0, 1.0], (RANDOM, *off.shape))])


def _named(linear: LongGradients) -> dict[str, Array]:
    """The gradients by the names that messages use."""
    found = linear.gradients
    named = {f"d{name}": value for name, value in found.parameters.items()}
    named |= {f"d{name} initial": value for name, value in (found.state or {}).items()}
    return named if found.x is None else {**named, "dx": found.x}


def _directions(signs: Mapping[str, Array], linear: LongGradients) -> Directions:
    found = linear.gradients
    parameters = {name: signs[f"d{name}"] for name in found.parameters}
    return Directions(parameters, signs["dx"], {name: signs[f"d{name} initial"] for name in found.state or {}})

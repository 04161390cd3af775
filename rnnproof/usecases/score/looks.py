"""What a test looks at: sizes, which numbers are not zero or not alike, and what of a call it compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.implementation import Implementation, Subject
from rnnproof.model.network import Network
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.forward import radii, results
from rnnproof.properties.gradient import gradients_of, radii_of
from rnnproof.properties.numerics import transposed
from rnnproof.properties.trial import fresh, fresh_cotangents, plain, quiet
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill

STATE = "a non-zero initial state"
BIASES = "non-zero biases"
GATES = "weights that differ from gate to gate"
ENTRIES = "weights whose entries differ"
LENGTHS = "rows of different lengths"
LARGE = "large pre-activations"
GRADIENT = "a gradient"
ON_OUTPUTS = "a loss on the outputs"
ON_STATES = "a loss on the final states"
AGAIN = "a second call of the same object"
PRECISION = "numbers compared to float64's precision"
DTYPE = "the dtype of the results"
ARGUMENTS = "the arguments, after the call"
MEMORY = "an input in another memory layout"
FEATURES = (
    GRADIENT,
    ON_STATES,
    ON_OUTPUTS,
    STATE,
    BIASES,
    GATES,
    ENTRIES,
    LENGTHS,
    LARGE,
    AGAIN,
    PRECISION,
    DTYPE,
    ARGUMENTS,
    MEMORY,
)
SIZES = {"T": 4, "B": 3, "I": 2, "H": 3}
Observed = dict[str, Array]


@dataclass(frozen=True)
class Look:
    """A test: the sizes of its case, what of ``FEATURES`` it has, and which arrays of the case are zero besides."""

    features: frozenset[str] = frozenset(FEATURES)
    sizes: tuple[tuple[str, int], ...] = tuple(SIZES.items())
    zero: frozenset[str] = frozenset()
    seed: int = 1

    def at(self, **sizes: int) -> Look:
        """The same at other sizes."""
        return replace(self, sizes=tuple({**dict(self.sizes), **sizes}.items()))

    def without(self, *features: str) -> Look:
        """The same, without some features."""
        return replace(self, features=self.features - set(features))


def everything_of(gradients: bool, lengths: bool) -> Look:
    """All that a test of a target can look at."""
    missing = [*((GRADIENT, ON_OUTPUTS, ON_STATES) if not gradients else ()), *(() if lengths else (LENGTHS,))]
    return Look().without(*missing)


@dataclass(frozen=True, eq=False)
class Scene:
    """A case of a look, and its name in what is observed."""

    name: str
    case: Case
    bounds: Bounds = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", Bounds(self.case))


@lru_cache(maxsize=512)
def scenes_of(network: Network, look: Look) -> tuple[Scene, ...]:
    """The cases that a look has."""
    typical = _filled(network, look, "typical")
    found = [Scene("", typical)]
    if LENGTHS in look.features:
        T, B = typical.sizes.T, typical.sizes.B
        lengths = np.array([max(T - k, 0) for k in range(B)])
        found.append(Scene("ragged ", replace(typical, lengths=lengths)))
    if LARGE in look.features:
        found.append(Scene("large ", _filled(network, look, "huge")))
    return tuple(found)


def _filled(network: Network, look: Look, regime: str) -> Case:
    draw = Draw(**{"O": 2, "P": 2, **dict(look.sizes)}, seed=look.seed, regime=regime, q=6)
    case = fill(network, draw, "float64")
    parameters = dict(case.parameters)
    if BIASES not in look.features:
        parameters = {name: np.zeros_like(v) if _kind(name) == "b" else v for name, v in parameters.items()}
    if GATES not in look.features:
        first: dict[Any, Array] = {}
        parameters = {name: first.setdefault((_kind(name), v.shape), v) for name, v in parameters.items()}
    if ENTRIES not in look.features:
        parameters = {name: np.full_like(v, v.flat[0]) if v.size else v for name, v in parameters.items()}
    state = case.state if STATE in look.features else _zeros(case.state)
    full = case.cotangents
    outputs = full.outputs if ON_OUTPUTS in look.features else np.zeros_like(full.outputs)
    pulled = Cotangents(outputs, full.state if ON_STATES in look.features else _zeros(full.state))
    return _zeroed(replace(case, parameters=parameters, state=state, cotangents=pulled), look.zero)


def _kind(name: str) -> str:
    """W, U, b or p of 0.forward.W_i."""
    return name.rpartition(".")[2][:1]


def _zeros(arrays: Arrays) -> dict[str, Array]:
    return {name: np.zeros_like(value) for name, value in arrays.items()}


def named_arrays(case: Case) -> dict[str, Array]:
    """Every array of a case, by the name that a person calls it."""
    pulled = {f"the cotangent of the final {name}": value for name, value in case.cotangents.state.items()}
    state = {f"the initial {name}": value for name, value in case.state.items()}
    return {**case.parameters, "x": case.x, **state, "the cotangent of the outputs": case.cotangents.outputs, **pulled}


def _zeroed(case: Case, names: frozenset[str]) -> Case:
    """The case, some of its arrays zero."""
    if not names:
        return case
    every = {name: np.zeros_like(v) if name in names else v for name, v in named_arrays(case).items()}
    state = {name: every[f"the initial {name}"] for name in case.state}
    pulled = {name: every[f"the cotangent of the final {name}"] for name in case.state}
    cotangents = Cotangents(every["the cotangent of the outputs"], pulled)
    parameters = {name: every[name] for name in case.parameters}
    return replace(case, parameters=parameters, x=every["x"], state=state, cotangents=cotangents)


def observed(implementation: Implementation, network: Network, look: Look) -> Iterator[tuple[Scene, Observed]]:
    """What a test with this look sees of an implementation, case by case: arrays by name."""
    for scene in scenes_of(network, look):
        subject = implementation.build(network, fresh(scene.case.parameters, "float64"), "float64")
        found = {f"{scene.name}{n}": v for n, v in _call(subject, scene.case, look).items()}
        yield scene, found
        if AGAIN in look.features:
            yield scene, {f"{scene.name}again {n}": v for n, v in _call(subject, scene.case, look).items()}
    if MEMORY in look.features:
        first = scenes_of(network, look)[0]
        subject = implementation.build(network, fresh(first.case.parameters, "float64"), "float64")
        yield first, {f"laid out {n}": v for n, v in _call(subject, first.case, look, laid_out=True).items()}


def _call(subject: Subject, case: Case, look: Look, laid_out: bool = False) -> Observed:
    """One call, and what is looked at of it."""
    x, state = plain(case.x, "float64"), fresh(case.state, "float64")
    x = transposed(x) if laid_out else x
    pulled = fresh_cotangents(case.cotangents, "float64") if GRADIENT in look.features else None
    trace = quiet(subject, x, state, pulled, case.lengths)
    found = {**results(trace), **gradients_of(trace)}
    seen: Observed = {name: np.asarray(value, dtype=np.float64) for name, value in found.items()}
    if DTYPE in look.features:
        seen |= {f"dtype of {name}": np.array(float(value.dtype.itemsize)) for name, value in found.items()}
    if ARGUMENTS in look.features:
        after = {"x": x, **state} | ({} if pulled is None else {"cotangents": pulled.outputs})
        seen |= {f"argument {name}": np.array(value) for name, value in after.items()}
    return seen


@lru_cache(maxsize=512)
def expected(network: Network, look: Look) -> Mapping[str, Bounded]:
    """What a right implementation shows, and how far another right one may be from it."""
    found: dict[str, Bounded] = {}
    for scene, seen in observed(Reference(), network, look):
        bounds = scene.bounds if PRECISION in look.features else Bounds(scene.case, FORMATS["float32"])
        radius = _radii(bounds, GRADIENT in look.features)
        for name, value in seen.items():
            own = name.rpartition("again ")[2].rpartition("laid out ")[2].removeprefix(scene.name)
            found[name] = Bounded(value, 2 * radius[own] if own in radius else np.zeros_like(value))
    return found


@lru_cache(maxsize=512)
def _radii(bounds: Bounds, pulled: bool) -> dict[str, Array]:
    if not pulled:
        return radii(bounds)
    case = bounds.case
    gradients = [f"d{name}" for name in case.parameters] + ["dx"] + [f"d{name} initial" for name in case.state]
    return radii_of(bounds, dict.fromkeys(gradients, case.x))


def shows(implementation: Implementation, network: Network, look: Look) -> bool:
    """Whether a test with this look can tell the implementation from a right one: a number beyond both bounds."""
    return next(_wrong(implementation, network, look), None) is not None


def seen_in(implementation: Implementation, network: Network, look: Look) -> tuple[str, ...]:
    """What shows it: the outputs, a final state, a gradient."""
    found = (name.removeprefix("ragged ").removeprefix("large ") for name in _wrong(implementation, network, look))
    return tuple(dict.fromkeys(name.removeprefix("again ").removeprefix("laid out ") for name in found))


def _wrong(implementation: Implementation, network: Network, look: Look) -> Iterator[str]:
    """The names of what is not as it should be."""
    true = expected(network, look)
    for _, seen in observed(implementation, network, look):
        yield from (name for name, value in seen.items() if name in true and _beyond(value, true[name]))


def _beyond(value: Array, ball: Bounded) -> bool:
    with np.errstate(all="ignore"):
        inside = np.abs(value - ball.value) <= ball.radius
    return bool(np.any(~inside & np.isfinite(ball.radius) & ~(np.isnan(value) & np.isnan(ball.value))))

"""A target looked at where it does not matter how its arrays are packed.

With all weights alike and all biases 0, the run is the same whatever the order of gates, the orientation, what is
joined and what is split: what it gives tells which network it is. One entry changed then shows by the response which
entry of the network it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from rnnproof.conventions.asked import Shape
from rnnproof.conventions.box import Box
from rnnproof.conventions.shapes import Learned, filled
from rnnproof.dialects.dialect import Dialect
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Array, Arrays
from rnnproof.model.equation import Affine
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Trace
from rnnproof.reference.implementation import Reference

Entry = tuple[str, Shape]  # an array or parameter, and where in it
CHANGE = 0.5  # small enough for a clip and a hard sigmoid, large enough to be seen
Places = Mapping[Entry, Entry | None]  # of each entry of the target's arrays; None: it is not read


@dataclass(frozen=True)
class Hypothesis:
    """What a target may be: a network, gates held with the other sign, an amount added to the forget gate.

    ``parts``: of how many biases each is the sum where that cannot be seen at zero inputs.
    """

    network: Network
    negate: frozenset[str] = frozenset()
    shift: float = 0.0
    parts: int = 1

    def sign(self, name: str) -> float:
        """-1 for a parameter that the target holds with the other sign."""
        of, _, gate = name.rpartition(".")[2].partition("_")
        return -1.0 if of in "WUb" and gate in self.negate else 1.0

    def shifted(self, name: str) -> float:
        """What the target adds to a parameter."""
        return self.shift if name.rpartition(".")[2] == "b_f" else 0.0


@dataclass(frozen=True, eq=False)
class Look:
    """One step's inputs and states, and the number that every weight has."""

    weight: float
    x: Array
    state: Arrays


@dataclass(frozen=True, eq=False)
class Probe:
    """A target whose arrays have known shapes, looked at in one form; ``like``: a network with the same states."""

    box: Box
    learned: Learned
    form: Dialect
    like: Network

    @property
    def dtype(self) -> str:
        """The format of every number."""
        return self.box.dtype

    @cached_property
    def near(self) -> float:
        """Half the digits of the format: what is as near as that is looked at further; nothing is accepted by it."""
        return math.sqrt(FORMATS[self.dtype].roundoff)

    def run(self, arrays: Arrays, look: Look) -> Trace:
        """The target's one step."""
        return self.box.run(self.like, self.form, arrays, look.x, look.state)

    @cached_property
    def entries(self) -> list[Entry]:
        """Every entry of every array."""
        return [(name, index) for name, shape in self.learned.shapes.items() for index in np.ndindex(shape)]

    def lacks(self, hypothesis: Hypothesis) -> bool:
        """Whether the target has too few numbers to be that network."""
        shapes = hypothesis.network.shapes(self.box.sizes).values()
        return sum(math.prod(shape) for shape in shapes) > len(self.entries)

    @cached_property
    def biases(self) -> frozenset[Entry]:
        """The entries that are seen at zero inputs, and at zero for every state that weights are multiplied with.

        A readout's weights are among them: they are multiplied with what the biases alone give.
        """
        x, state = inputs_of(self.like, self)
        look = Look(0.0, np.zeros_like(x), _without_read(self.like, state))
        arrays = _positive(self.learned.shapes, self.dtype)

        def run() -> Array:
            return numbers_of(self.run(arrays, look))

        before = run()
        return frozenset(
            e for e in self.entries if any(np.any(changed(arrays, e, by, run) != before) for by in (2, -2))
        )

    @cached_property
    def looked(self) -> list[tuple[Look, Trace]]:
        """What the target gives where all its weights are alike."""
        return [(look, self.run(self.arrays(look.weight), look)) for look in looks(self.like, self)]

    def arrays(self, weight: float) -> dict[str, Array]:
        """All weights alike, all biases 0."""
        arrays = {name: np.full(shape, weight, self.dtype) for name, shape in self.learned.shapes.items()}
        for name, index in self.biases:
            arrays[name][index] = 0
        return arrays


SMALL = Sizes(T=1, B=1, I=2, H=2, O=2, P=2)


@lru_cache(maxsize=256)
def biases_of(network: Network) -> frozenset[str]:
    """The parameters that are seen at zero inputs and states, by the reference."""
    arrays = _positive(network.shapes(SMALL), "float64")
    state = _without_read(network, {name: np.ones(shape) for name, shape in network.state_shapes(SMALL).items()})

    def run() -> Array:
        return numbers_of(Reference().build(network, arrays, "float64").run(np.zeros((1, 1, 2)), state))

    before = run()
    found = set()
    for name, array in arrays.items():
        for index in np.ndindex(array.shape):
            if any(np.any(changed(arrays, (name, index), by, run) != before) for by in (2, -2)):
                found.add(name)
                break
    return frozenset(found)


def _positive(shapes: Mapping[str, Shape], dtype: str) -> dict[str, Array]:
    """Arrays of positive numbers, all different: no hidden unit is 0 at them, also if what is below 0 is cut off."""
    return {name: np.abs(array) for name, array in filled(shapes, dtype).items()}


def _without_read(network: Network, state: Arrays) -> dict[str, Array]:
    read = {
        signal
        for reading in network.readings
        for equation in reading.cell.equations
        if isinstance(equation, Affine)
        for _, signal in equation.terms
    }
    return {name: np.zeros_like(value) if name in read else value for name, value in state.items()}


def inputs_of(network: Network, probe: Probe) -> tuple[Array, dict[str, Array]]:
    """One step's inputs and states: positive numbers, all different."""
    rng = np.random.default_rng(3)
    sizes = replace(probe.box.sizes, T=1)
    shapes = {"x": (1, sizes.B, sizes.I), **network.state_shapes(sizes)}
    drawn = {name: rng.uniform(0.25, 1.0, shape).astype(probe.dtype) for name, shape in shapes.items()}
    return drawn.pop("x"), drawn


def looks(network: Network, probe: Probe) -> list[Look]:
    """Weights that make every pre-activation about 1, then about -1, then far from 0 at large states."""
    x, state = inputs_of(network, probe)
    one = 1.6 / (probe.box.sizes.I + probe.box.sizes.H)
    large = {name: value * 64 for name, value in state.items()}
    return [Look(one, x, state), Look(-one, x, state), Look(6 * one, x, large)]


def numbers_of(trace: Trace) -> Array:
    """Every number that a run returned, as one vector."""
    given = [trace.outputs if trace.outputs is not None else trace.last, *(trace.final[n] for n in sorted(trace.final))]
    return np.concatenate([np.asarray(part, np.float64).ravel() for part in given if part is not None])


def changed(arrays: Mapping[str, Array], entry: Entry, by: float, run: Callable[[], Array]) -> Array:
    """What a run gives with one entry changed; the entry is put back."""
    name, index = entry
    kept = arrays[name][index]
    arrays[name][index] = kept + by
    try:
        return np.asarray(run())
    finally:
        arrays[name][index] = kept


def expected(network: Network, parameters: Arrays, look: Look, like: Trace) -> Array:
    """What the network returns of that which the target returns."""
    subject = Reference().build(network, parameters, "float64")
    with np.errstate(all="ignore"):
        trace = subject.run(look.x.astype(np.float64), {n: v.astype(np.float64) for n, v in look.state.items()})
    outputs = trace.outputs if like.outputs is not None or like.last is not None else None
    return numbers_of(Trace(outputs, {name: trace.final[name] for name in like.final}))


def alike(hypothesis: Hypothesis, probe: Probe, weight: float) -> dict[str, Array]:
    """The canonical parameters that the target has where all its weights are alike and its biases are 0."""
    network = hypothesis.network
    zero = biases_of(network)

    def number(name: str) -> float:
        many = hypothesis.parts if name.rpartition(".")[2].startswith("b_") else 1
        return hypothesis.shifted(name) + (0.0 if name in zero else hypothesis.sign(name) * many * weight)

    return {name: np.full(shape, number(name)) for name, shape in network.shapes(probe.box.sizes).items()}


def distance(hypothesis: Hypothesis, probe: Probe) -> float:
    """How far the target is from the network where it does not matter how arrays are packed; the first that is far."""
    worst = 0.0
    for look, trace in probe.looked:
        got = numbers_of(trace)
        true = expected(hypothesis.network, alike(hypothesis, probe, look.weight), look, trace)
        with np.errstate(all="ignore"):
            off = np.max(np.abs(got - true) / (1 + np.abs(true)), initial=0.0) if got.shape == true.shape else np.inf
        worst = max(worst, float(np.nan_to_num(off, nan=np.inf)))
        if worst > probe.near:
            return worst
    return worst

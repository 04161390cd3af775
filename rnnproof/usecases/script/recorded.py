"""What a law asks of an implementation, call by call: the arguments as exact numbers, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.adapters.results import sizes_of
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.implementation import Claims, Implementation, Step, Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace
from rnnproof.properties.forward import results
from rnnproof.properties.gradient import gradients_of
from rnnproof.properties.numerics import LAYOUTS

RUN, STEP = "run", "step"


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a run (with its gradients where ``pulled``) or of a step.

    ``case`` holds its arguments, a step being a run of T=1; ``stateless``: no state was given. ``returned`` is what
    came back, as it was then; ``live`` the arrays themselves; ``changed`` says whether an argument was changed, and
    ``layout`` how they lay in memory ("" plainly).
    """

    subject: int
    what: str
    case: Case
    pulled: bool
    stateless: bool
    returned: Mapping[str, Array]
    live: Mapping[str, Array]
    changed: bool = False
    layout: str = ""

    @property
    def spoiled(self) -> bool:
        """Whether what it returned was changed since."""
        return any(not np.array_equal(self.live[n], value, equal_nan=True) for n, value in self.returned.items())


@dataclass(frozen=True, eq=False)
class Recorder:
    """An implementation whose calls are written down."""

    implementation: Implementation
    calls: list[Call] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The implementation's."""
        return self.implementation.name

    @property
    def claims(self) -> Claims:
        """The implementation's."""
        return self.implementation.claims

    @property
    def own(self) -> Arrays | None:
        """The implementation's."""
        return self.implementation.own

    @property
    def in_ring(self) -> Implementation | None:
        """The implementation's: what is executed exactly is not written down."""
        return self.implementation.in_ring

    def build(self, network: Network, parameters: Arrays, dtype: str) -> Recorded:
        """The implementation's subject, written down too."""
        self.subjects.append(self.implementation.build(network, parameters, dtype))
        before = {name: value.copy() for name, value in parameters.items()}
        return Recorded(self, len(self.subjects) - 1, network, parameters, before, dtype)


@dataclass(frozen=True, eq=False)
class Recorded:
    """A subject whose calls are written down."""

    recorder: Recorder
    number: int
    network: Network
    parameters: Arrays
    before: Arrays
    dtype: str

    @property
    def _subject(self) -> Subject:
        return self.recorder.subjects[self.number]

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The subject's run."""
        case = self._case(x, state, lengths, cotangents)
        layout = _layout((*self.parameters.values(), x, *(state or {}).values()))
        trace = self._subject.run(x, state, lengths, cotangents)
        changed = bool(trace.rebound) or not _same(case, self._case(x, state, lengths, cotangents))
        pulled = cotangents is not None and self.recorder.claims.gradients
        self._keep(RUN, case, pulled, state is None, everything(trace), changed, layout)
        return trace

    @property
    def step(self) -> Step | None:
        """The subject's step, if it has one."""
        step = self._subject.step
        return None if step is None else self._stepping(step)

    def _stepping(self, step: Step) -> Step:
        def stepped(x: Array, state: Arrays) -> tuple[Array, Arrays]:
            case = self._case(x[None], state, None, None)
            output, new = step(x, state)
            changed = not _same(case, self._case(x[None], state, None, None))
            self._keep(STEP, case, False, False, {"output": output, **new}, changed, "")
            return output, new

        return stepped

    def _keep(
        self, what: str, case: Case, pulled: bool, bare: bool, live: Mapping[str, Array], changed: bool, layout: str
    ) -> None:
        copies = {name: np.array(value) for name, value in live.items()}
        self.recorder.calls.append(Call(self.number, what, case, pulled, bare, copies, live, changed, layout))

    def _case(
        self, x: Array, state: Arrays | None, lengths: NDArray[np.integer] | None, cotangents: Cotangents | None
    ) -> Case:
        """The arguments as they are now; the parameters as they are if they were changed, else as they were."""
        network, sizes = self.network, sizes_of(self.network, self.before, x.shape)
        zero = {name: np.zeros(shape) for name, shape in network.state_shapes(sizes).items()}
        pulled = cotangents or Cotangents(np.zeros(sizes.shape(("T", "B", network.output_size))), zero)
        return Case(
            network,
            sizes,
            _exact({name: self.parameters[name] for name in network.parameters}),
            _float64(x),
            zero if state is None else _exact({name: state[name] for name in network.states}),
            Cotangents(_float64(pulled.outputs), _exact(pulled.state)),
            None if lengths is None else np.array(lengths),
            self.dtype,
        )


def everything(trace: Trace) -> dict[str, Array]:
    """All that a run returned, by the names that messages use."""
    states = {f"{name} of every step": value for name, value in (trace.states or {}).items()}
    gradients = None if trace.gradients is None else trace.gradients.states
    pulled = {f"d{name} of every step": value for name, value in (gradients or {}).items()}
    return {**results(trace), **states, **gradients_of(trace), **pulled}


def _float64(value: Any) -> Array:
    return np.array(value, dtype=np.float64, order="C")


def _exact(arrays: Arrays) -> dict[str, Array]:
    return {name: _float64(value) for name, value in arrays.items()}


def _same(first: Case, second: Case) -> bool:
    """Whether two cases have the same numbers."""
    pairs = [(first.x, second.x), (first.cotangents.outputs, second.cotangents.outputs)]
    for one, other in (
        (first.parameters, second.parameters),
        (first.state, second.state),
        (first.cotangents.state, second.cotangents.state),
    ):
        pairs += [(one[name], other[name]) for name in one]
    lengths = first.lengths is None or np.array_equal(first.lengths, np.asarray(second.lengths))
    return lengths and all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def _layout(arrays: tuple[Array, ...]) -> str:
    """The first of the law's layouts that all these arrays have; "" where they lie plainly, one after the other."""
    if all(array.flags.c_contiguous for array in arrays):
        return ""
    for words, lay in LAYOUTS.items():
        if all(array.strides == lay(np.zeros(array.shape, array.dtype)).strides for array in arrays):
            return words
    return ""

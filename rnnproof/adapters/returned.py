"""What a plain target returned, read as its dialect packs it: a trace, a step, gradients, the states of every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rnnproof.adapters.packed import label, unstacked
from rnnproof.adapters.results import Shape, kind, known_keys, mapping, named_arrays, numbers, pair, real_array, shape
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import brought_back, letters, unpack
from rnnproof.errors import TargetError
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Gradients, Trace

GRADIENTS = ("params", "x", "state", "states")
STEP_AXES = "BI"


@dataclass(frozen=True, eq=False)
class Returned:
    """How results of these sizes are packed; ``packed`` are the parameters as the target has them.

    Errors, of every method: TargetError for what cannot be a result.
    """

    network: Network
    dialect: Dialect
    packed: Arrays
    sizes: Sizes

    def trace(self, returned: object) -> Trace:
        """(outputs, final_state); the last step's output may stand alone for the outputs."""
        outputs, final = pair("run", returned, "outputs", "final_state")
        found = self._state("final_state", final) or {}
        if outputs is None and not found:
            raise TargetError("run returned neither outputs nor a final state: nothing to judge")
        if outputs is None:
            return Trace(None, found)
        last = self._shape(self.network.output_size, STEP_AXES)
        every = self._shape(self.network.output_size)
        if numbers("outputs", outputs, str(every)).shape == last.numbers:
            return Trace(None, found, last=self._output("outputs", outputs))
        return Trace(self._sequence("outputs", outputs, self.network.output_size), found)

    def step(self, returned: object) -> tuple[Array, Arrays]:
        """(output, new_state)."""
        output, new = pair("step", returned, "output", "new_state")
        found = self._output("step: output", output), self._state("step: new_state", new)
        if found[1] is None:
            raise TargetError("step returned no new_state; expected (output, new_state)")
        return found[0], found[1]

    def gradients(self, returned: object) -> Gradients:
        """{"params", "x", "state", "states"}, any of which may be left out."""
        found = mapping("grad", returned, f"any of the keys {', '.join(GRADIENTS)}")
        known_keys("grad", found, GRADIENTS)
        dx, every = found.get("x"), found.get("states")
        return Gradients(
            self._parameters(found.get("params")),
            None if dx is None else self._sequence("grad: x", dx, "I"),
            self._state("grad: state", found.get("state")),
            None if every is None else self.states("grad: states", every),
        )

    def states(self, what: str, value: object) -> dict[str, Array]:
        """A state's array of every step."""
        sized = self.network.dimensions
        found = named_arrays(what, value, {name: self._shape(sized[name]) for name in self.network.states})
        return {name: brought_back(self.dialect, array) for name, array in found.items()}

    def _shape(self, features: str, axes: str = "TBI") -> Shape:
        return shape(self.sizes, letters(self.dialect, features, axes))

    def _sequence(self, what: str, value: object, features: str) -> Array:
        return brought_back(self.dialect, real_array(what, value, self._shape(features)))

    def _output(self, what: str, value: object) -> Array:
        expected = self._shape(self.network.output_size, STEP_AXES)
        return brought_back(self.dialect, real_array(what, value, expected), STEP_AXES)

    def _state(self, what: str, value: object) -> dict[str, Array] | None:
        if value is None or (isinstance(value, Mapping) and not value and self.network.states):
            return None  # an empty dictionary holds nothing that was returned
        if self.dialect.state is None:
            expected = {name: self._state_shape(name) for name in self.network.states}
            found = named_arrays(what, value, expected)
        else:
            found = self._tuple(what, value, self.dialect.state)
        return {name: found[name] for name in self.network.states}

    def _tuple(self, what: str, value: object, expected: tuple[str | tuple[str, ...], ...]) -> dict[str, Array]:
        labels = [label(held) for held in expected]
        if not isinstance(value, tuple | list) or len(value) != len(expected):
            raise TargetError(f"{what}: got {kind(value)}, expected a tuple ({', '.join(labels)})")
        given = zip(labels, expected, value, strict=True)
        return unstacked(
            self.dialect,
            [real_array(f"{what}[{name!r}]", array, self._state_shape(held)) for name, held, array in given],
        )

    def _state_shape(self, held: str | tuple[str, ...]) -> Shape:
        if isinstance(held, str):
            return shape(self.sizes, ("B", self.network.dimensions[held]))
        one = self._state_shape(held[0])
        return Shape((len(held), *one.numbers), (str(len(held)), *one.letters))

    def _parameters(self, value: object) -> dict[str, Array]:
        if value is None:
            return {}
        if self.dialect.arrays:
            expected = {name: Shape(array.shape) for name, array in self.packed.items()}
        else:
            expected = {name: shape(self.sizes, sized) for name, sized in self.network.parameters.items()}
        shapes = self.network.shapes(self.sizes)
        return unpack(self.dialect, named_arrays("grad: params", value, expected), shapes)

"""A network wires cells: layers, direction, merge, readout, options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rnnproof.errors import ModelError, Unsupported
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Equation
from rnnproof.model.layers import above, prefixed, renamed

DIRECTIONS = ("forward", "backward", "bidirectional")
MERGES = ("concat", "sum", "mean", "product")


@dataclass(frozen=True)
class Readout:
    """Equations on top of the last layer's output; stateless. ``output`` is the signal they end in."""

    equations: tuple[Equation, ...]
    output: str


@dataclass(frozen=True)
class Sizes:
    """T time steps, B rows of the batch, I inputs, H hidden units, O outputs of the readout, P projection."""

    T: int
    B: int
    I: int
    H: int
    O: int = 1
    P: int = 1

    def __post_init__(self) -> None:
        for letter in "TBIHOP":
            size = getattr(self, letter)
            if not isinstance(size, int) or isinstance(size, bool) or size < 0:
                raise ModelError(f"sizes: {letter}={size!r}; expected a whole number, at least 0")

    def shape(self, letters: tuple[str, ...]) -> tuple[int, ...]:
        """("T", "B", "H") as numbers."""
        return tuple(getattr(self, letter) for letter in letters)

    def __str__(self) -> str:
        return f"T={self.T} B={self.B} I={self.I} H={self.H}"


@dataclass(frozen=True)
class Network:
    """A cell, repeated over time, and over layers and directions, with an optional readout.

    ``name`` is the canonical network string: ``lstm``, ``elman:activation=relu``.
    Errors: ModelError for a direction, merge or number of layers that does not exist.
    """

    name: str
    cell: Cell
    readout: Readout | None = None
    layers: int = 1
    direction: str = "forward"
    merge: str = "concat"
    options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.layers < 1:
            raise ModelError(f"network {self.name}: layers={self.layers}; expected at least 1")
        for value, allowed in ((self.direction, DIRECTIONS), (self.merge, MERGES)):
            if value not in allowed:
                raise ModelError(f"network {self.name}: {value} is none of {', '.join(allowed)}")

    @cached_property
    def step(self) -> Cell:
        """One step of the whole network as one cell: the equations of each layer, then the readout's.

        Errors: Unsupported where the network has another direction.
        """
        if self.direction != "forward":
            raise Unsupported(f"network {self.name}: direction={self.direction} is not built yet; forward is")
        stack = self.cell
        if self.layers > 1:
            stack = prefixed(self.cell, "0.forward.", self.cell.input)
            for layer in range(1, self.layers):
                stack = above(stack, self.cell, f"{layer}.forward.")
        return stack if self.readout is None else self._read(stack)

    def _read(self, stack: Cell) -> Cell:
        """The stack with the readout on top, whose names stay bare."""
        assert self.readout is not None
        read = tuple(renamed(equation, {self.cell.output: stack.output}) for equation in self.readout.equations)
        return replace(stack, equations=stack.equations + read, output=self.readout.output)

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """Each parameter's shape in dimension letters, canonical names, in order of first use."""
        return self.step.parameters()

    @cached_property
    def dimensions(self) -> Mapping[str, str]:
        """The dimension letter of every signal and state."""
        return self.step.dimensions()

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states, in order."""
        return self.step.state_names

    @property
    def output_size(self) -> str:
        """The dimension letter of the outputs: H, O or P."""
        return self.dimensions[self.step.output]

    def shapes(self, sizes: Sizes) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter at these sizes."""
        return {name: sizes.shape(letters) for name, letters in self.parameters.items()}

    def state_shapes(self, sizes: Sizes) -> dict[str, tuple[int, ...]]:
        """The shape (B, size) of every state."""
        return {name: sizes.shape(("B", self.dimensions[name])) for name in self.states}

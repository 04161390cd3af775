"""A network wires cells: layers, direction, merge, readout, options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rnnproof.errors import ModelError, Unsupported
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Equation
from rnnproof.model.layers import above, prefixed, renamed

DIRECTIONS = ("forward", "backward", "bidirectional")
MERGES = ("concat", "sum", "mean", "product")
PADDINGS = ("zero", "repeat", "run")
FORWARD_ALONE = "padding=run needs direction=forward: whoever starts at a row's own end has no padding ahead"


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
        """("T", "B", "H") as numbers; "2H" is twice H."""
        return tuple(getattr(self, letter[-1]) * int(letter[:-1] or 1) for letter in letters)

    def __str__(self) -> str:
        return f"T={self.T} B={self.B} I={self.I} H={self.H}"


@dataclass(frozen=True)
class Reading:
    """A cell read over a whole sequence: from its first step on, or from its last one back."""

    cell: Cell
    backward: bool = False


Level = tuple[Reading, ...]  # of one sequence; the outputs of two are merged, step by step


@dataclass(frozen=True)
class Network:
    """A cell, repeated over time, and over layers and directions, with an optional readout.

    ``name`` is the canonical network string: ``lstm``, ``elman:activation=relu``. ``padding`` is what the outputs
    are past a row's end: zero, the row's last valid output again, or what the cell makes of the inputs there.
    Errors: ModelError for a direction, merge, padding or number of layers that does not exist.
    """

    name: str
    cell: Cell
    readout: Readout | None = None
    layers: int = 1
    direction: str = "forward"
    merge: str = "concat"
    options: tuple[tuple[str, str], ...] = ()
    padding: str = "zero"

    def __post_init__(self) -> None:
        if self.layers < 1:
            raise ModelError(f"network {self.name}: layers={self.layers}; expected at least 1")
        for value, allowed in ((self.direction, DIRECTIONS), (self.merge, MERGES), (self.padding, PADDINGS)):
            if value not in allowed:
                raise ModelError(f"network {self.name}: {value} is none of {', '.join(allowed)}")
        if self.padding == "run" and self.direction != "forward":
            raise ModelError(f"network {self.name}: {FORWARD_ALONE}")

    @property
    def single_layer(self) -> Network:
        """The same with one layer alone: ``lstm`` of ``lstm:layers=2``."""
        head, _, tail = self.name.partition(":")
        told = ",".join(option for option in tail.split(",") if not option.startswith("layers="))
        options = tuple(option for option in self.options if option[0] != "layers")
        return replace(self, name=f"{head}:{told}" if told else head, layers=1, options=options)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """What is read one after the other, each level the merged outputs of the one before.

        In one direction that is a single cell: at each step, all layers and the readout. In both, a layer is
        complete before the next one can begin, and the readout is a cell without states.
        """
        if self.direction != "bidirectional":
            return ((Reading(self._read(self._stack), self.direction == "backward"),),)
        levels: list[Level] = []
        size = self.cell.input_size
        for layer in range(self.layers):
            of_size = replace(self.cell, input_size=size)
            ahead, back = (prefixed(of_size, f"{layer}.{way}.", self.cell.input) for way in DIRECTIONS[:2])
            levels.append((Reading(ahead), Reading(back, backward=True)))
            size = merged_size(self.merge, ahead.dimensions[ahead.output])
        if self.readout is None:
            return tuple(levels)
        read = tuple(renamed(equation, {self.cell.output: self.cell.input}) for equation in self.readout.equations)
        top = Cell(self.cell.name, read, (), self.readout.output, self.cell.input, input_size=size)
        return (*levels, (Reading(top),))

    @cached_property
    def _stack(self) -> Cell:
        if self.layers == 1:
            return self.cell
        stack = prefixed(self.cell, f"0.{self.direction}.", self.cell.input)
        for layer in range(1, self.layers):
            stack = above(stack, self.cell, f"{layer}.{self.direction}.")
        return stack

    def _read(self, stack: Cell) -> Cell:
        """The stack with the readout on top, whose names stay bare."""
        if self.readout is None:
            return stack
        read = tuple(renamed(equation, {self.cell.output: stack.output}) for equation in self.readout.equations)
        return replace(stack, equations=stack.equations + read, output=self.readout.output)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Every reading, level by level."""
        return tuple(reading for level in self.levels for reading in level)

    @property
    def step(self) -> Cell:
        """One step of the whole network as one cell: the equations of each layer, then the readout's.

        Errors: Unsupported where the network reads in another direction: there is no step then.
        """
        if self.direction != "forward":
            raise Unsupported(f"network {self.name} has no step: its direction is {self.direction}, not forward")
        return self.readings[0].cell

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """Each parameter's shape in dimension letters, canonical names, in order of first use."""
        return {name: shape for reading in self.readings for name, shape in reading.cell.parameters.items()}

    @cached_property
    def dimensions(self) -> Mapping[str, str]:
        """The dimension letter of every signal and state of every reading; of the first level's input."""
        sizes = {name: size for reading in self.readings for name, size in reading.cell.dimensions.items()}
        return sizes | {self.cell.input: self.cell.input_size}

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The names of the states, in order."""
        return tuple(name for reading in self.readings for name in reading.cell.state_names)

    @cached_property
    def output_size(self) -> str:
        """The dimension letters of the outputs: H, O or P, and 2H where two directions stand side by side."""
        last = self.levels[-1]
        size = last[0].cell.dimensions[last[0].cell.output]
        return merged_size(self.merge, size) if len(last) > 1 else size

    def shapes(self, sizes: Sizes) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter at these sizes."""
        return {name: sizes.shape(letters) for name, letters in self.parameters.items()}

    def state_shapes(self, sizes: Sizes) -> dict[str, tuple[int, ...]]:
        """The shape (B, size) of every state."""
        return {name: sizes.shape(("B", self.dimensions[name])) for name in self.states}


def sizes_in(network: Network, parameters: Mapping[str, Any]) -> dict[str, int]:
    """The size that each dimension letter has in these parameters; of 2H it is H's that tells."""
    shapes = {name: parameters[name].shape for name in network.parameters}
    named = ((x, n) for name, letters in network.parameters.items() for x, n in zip(letters, shapes[name], strict=True))
    return {letter: int(size) for letter, size in named if len(letter) == 1}


def output_width(network: Network, parameters: Mapping[str, Any]) -> int:
    """How many numbers an output has at the sizes of these parameters."""
    sizes = Sizes(**{"T": 0, "B": 0, "I": 0, "H": 0} | sizes_in(network, parameters))
    return sizes.shape((network.output_size,))[0]


def merged_size(merge: str, size: str) -> str:
    """The dimension letters of two outputs of one size, merged."""
    return f"2{size}" if merge == "concat" else size

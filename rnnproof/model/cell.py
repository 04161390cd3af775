"""A cell is data: its inputs, its states (which signal becomes which state), its output, its equations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from rnnproof.errors import ModelError
from rnnproof.model.equation import Affine, Elementwise, Equation


@dataclass(frozen=True)
class Cell:
    """One step of a recurrent network as an ordered list of equations.

    ``states`` pairs each state with the signal that is stored in it at the end of a step: the LSTM has
    (("h", "h'"), ("c", "c'")). ``vectors`` names the vector parameters of elementwise equations (peepholes).
    ``input_size`` is the dimension letter of its input: I, or for a layer above others what these put out.

    Errors: ModelError, naming the equation, for an unknown signal, a name that stands for two things,
    or operands of different sizes.
    """

    name: str
    equations: tuple[Equation, ...]
    states: tuple[tuple[str, str], ...]
    output: str
    input: str = "x"
    vectors: tuple[str, ...] = ()
    citation: str = ""
    input_size: str = "I"

    def __post_init__(self) -> None:
        _check_order(self)
        self.parameters  # noqa: B018 (its shapes must agree)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Worked out once: cells are the keys of what is derived from them."""
        return hash((self.name, self.equations, self.states, self.output, self.input, self.vectors, self.input_size))

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the states, in order."""
        return tuple(name for name, _ in self.states)

    @cached_property
    def dimensions(self) -> Mapping[str, str]:
        """The dimension letter of every signal, state and vector parameter: {"x": "I", "h": "H", ...}."""
        sizes: dict[str, str] = {}
        more = {self.input: self.input_size}
        while more:
            sizes |= more
            for equation in self.equations:
                _size_equation(equation, sizes)
            # A state has the size of the signal stored in it; where that follows from nothing, it is hidden units.
            unsized = [(state, stored) for state, stored in self.states if state not in sizes]
            more = {state: sizes[stored] for state, stored in unsized if stored in sizes}
            more = more or {state: "H" for state, _ in unsized[:1]}
        for equation in self.equations:
            if equation.target not in sizes:
                raise ModelError(f"equation {equation.target}: its size cannot be derived; it uses no signal")
        return MappingProxyType(sizes | {vector: self._size_of(vector, sizes) for vector in self.vectors})

    def _size_of(self, vector: str, sizes: dict[str, str]) -> str:
        """A vector parameter has the size of the equations that use it."""
        found = {e.target: sizes[e.target] for e in self.equations if not isinstance(e, Affine) and vector in e.uses}
        if len(set(found.values())) > 1:
            listed = ", ".join(f"{name} ({size})" for name, size in found.items())
            raise ModelError(f"vector {vector}: the equations that use it differ in size: {listed}; expected one size")
        return next(iter(found.values()), "H")

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """Each parameter's shape in dimension letters, in order of first use: {"W_i": ("H", "I"), ...}."""
        sizes = self.dimensions
        shapes: dict[str, tuple[str, ...]] = {}
        for equation in self.equations:
            for name, shape in _parameters_of(equation, sizes, self.vectors):
                if shapes.setdefault(name, shape) != shape:
                    raise ModelError(f"equation {equation.target}: {name} is used as {shape} and as {shapes[name]}")
        for name in shapes:
            if name in sizes and name not in self.vectors:
                raise ModelError(f"parameter {name}: this is a signal too; expected another name")
        return MappingProxyType(shapes | {name: (sizes[name],) for name in self.vectors if name not in shapes})


def _parameters_of(
    equation: Equation, sizes: Mapping[str, str], vectors: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(equation, Affine):
        yield from ((weight, (equation.rows, sizes[name])) for weight, name in equation.terms)
        if equation.bias is not None:
            yield equation.bias, (equation.rows,)
    else:
        yield from ((name, (sizes[name],)) for name in equation.uses if name in vectors)


def _check_order(cell: Cell) -> None:
    given = (cell.input, *cell.state_names, *cell.vectors)
    for name in given:
        if given.count(name) > 1:
            raise ModelError(f"cell {cell.name}: {name} stands for two of its input, states and vector parameters")
    known = set(given)
    for equation in cell.equations:
        for name in equation.uses:
            if name not in known:
                raise ModelError(
                    f"equation {equation.target}: unknown signal {name}; known here are {', '.join(sorted(known))}"
                )
            if not isinstance(equation, Elementwise) and name in cell.vectors:
                raise ModelError(f"equation {equation.target}: {name} is a vector parameter; expected a signal")
        if equation.target in known:
            raise ModelError(f"equation {equation.target}: this signal is already defined")
        known.add(equation.target)
    for name in (cell.output, *(stored for _, stored in cell.states)):
        if name not in known or name in cell.vectors:
            raise ModelError(f"cell {cell.name}: no equation defines {name}; known are {', '.join(sorted(known))}")


def _size_equation(equation: Equation, sizes: dict[str, str]) -> None:
    if isinstance(equation, Affine):
        sizes[equation.target] = equation.rows
        return
    operands = {name: sizes[name] for name in equation.uses if name in sizes}
    if len(set(operands.values())) > 1:
        listed = ", ".join(f"{name} ({size})" for name, size in operands.items())
        raise ModelError(f"equation {equation.target}: its operands differ in size: {listed}; expected one size")
    if operands:
        sizes[equation.target] = next(iter(operands.values()))

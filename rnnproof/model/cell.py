"""A cell is data: its inputs, its states (which signal becomes which state), its output, its equations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnproof.errors import ModelError
from rnnproof.model.equation import Affine, Equation


@dataclass(frozen=True)
class Cell:
    """One step of a recurrent network as an ordered list of equations.

    ``states`` pairs each state with the signal that is stored in it at the end of a step: the LSTM has
    (("h", "h'"), ("c", "c'")). ``vectors`` names the vector parameters of elementwise equations (peepholes).

    Errors: ModelError, naming the equation, for an unknown signal, a target that is defined twice,
    or operands of different sizes.
    """

    name: str
    equations: tuple[Equation, ...]
    states: tuple[tuple[str, str], ...]
    output: str
    input: str = "x"
    vectors: tuple[str, ...] = ()
    citation: str = ""

    def __post_init__(self) -> None:
        _check_order(self)
        self.dimensions()

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the states, in order."""
        return tuple(name for name, _ in self.states)

    def dimensions(self) -> dict[str, str]:
        """The dimension letter of every signal, state and vector parameter: {"x": "I", "h": "H", ...}."""
        sizes: dict[str, str] = {self.input: "I"}
        for default in ({}, {}, dict.fromkeys(self.state_names, "H")):
            sizes = default | sizes  # a state's size is known only once the signal stored in it is
            for equation in self.equations:
                _size_equation(equation, sizes)
            sizes |= {state: sizes[stored] for state, stored in self.states if stored in sizes}
        for equation in self.equations:
            if equation.target not in sizes:
                raise ModelError(f"equation {equation.target}: its size cannot be derived; it uses no signal")
        return sizes | dict.fromkeys(self.vectors, "H")

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Each parameter's shape in dimension letters, in order of first use: {"W_i": ("H", "I"), ...}."""
        sizes = self.dimensions()
        shapes: dict[str, tuple[str, ...]] = {}
        for equation in self.equations:
            for name, shape in _parameters_of(equation, sizes, self.vectors):
                if shapes.setdefault(name, shape) != shape:
                    raise ModelError(f"equation {equation.target}: {name} is used as {shape} and as {shapes[name]}")
        return shapes


def _parameters_of(
    equation: Equation, sizes: dict[str, str], vectors: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(equation, Affine):
        yield from ((weight, (equation.rows, sizes[name])) for weight, name in equation.terms)
        if equation.bias is not None:
            yield equation.bias, (equation.rows,)
    else:
        yield from ((name, (sizes[name],)) for name in equation.uses if name in vectors)


def _check_order(cell: Cell) -> None:
    known = {cell.input, *cell.state_names, *cell.vectors}
    for equation in cell.equations:
        for name in equation.uses:
            if name not in known:
                raise ModelError(
                    f"equation {equation.target}: unknown signal {name}; known here are {', '.join(sorted(known))}"
                )
        if equation.target in known:
            raise ModelError(f"equation {equation.target}: this signal is already defined")
        known.add(equation.target)
    for name in (cell.output, *(stored for _, stored in cell.states)):
        if name not in known:
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

"""Directions and layers undone: a backward run is a forward run on the flipped input, a stack is a composition.

Reference: M. Schuster and K. K. Paliwal, Bidirectional recurrent neural networks, IEEE Transactions on Signal
Processing 45 (1997) 2673-2681.
"""

from __future__ import annotations

from functools import reduce

import sympy

from rnnproof.errors import ModelError
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, Softmax, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.statement import Statement, Step

t, T = sympy.symbols("t T", integer=True, positive=True)


def two_directions(network: Network) -> Statement | None:
    """A bidirectional layer is a forward run beside the run of the other cell on the flipped input, flipped again.

    Derived by putting T + 1 - t for t in the equations of the cell that reads from the end. None for a network that
    reads in one direction, or whose cell has a softmax.
    """
    if network.direction != "bidirectional" or _mixes(network):
        return None
    ahead, back = (reading.cell for reading in network.levels[0])
    forward = [_indexed(ahead, equation, t - 1) for equation in ahead.equations]
    backward = [_indexed(back, equation, t + 1) for equation in back.equations]
    turned = [_turned(equation) for equation in backward]
    if [_as_forward(each) for each in turned] != forward:
        raise ModelError(f"network {network.name}: the turned equations are not those of a forward run")
    one, other = (sympy.Function(_over_time(cell, cell.output)) for cell in (ahead, back))
    beside = sympy.Function(network.merge)(one(t), _flipped(other)(T + 1 - t))
    whole = sympy.Eq(sympy.Function("y")(t), beside, evaluate=False)
    return Statement(
        name="two directions",
        claim=(
            f"In `{network.name}`, what each layer puts out at step t is two outputs put together by {network.merge}: "
            "that of a forward run at step t, and that of another forward run, on the input read from its end, at "
            "step T - t + 1."
        ),
        formulas=(*turned, whole),
        steps=(
            *(Step("the cell that reads forward, at step t", equation) for equation in forward),
            *(Step("the cell that reads from the end, at step t", equation) for equation in backward),
            *(
                Step("T - t + 1 put for t, and, flipped, the signal of step t for that of step T - t + 1", equation)
                for equation in turned
            ),
            Step("the outputs of both at step t", whole),
        ),
        conditions=(
            "Every row has T steps; a shorter one is flipped within its own length.",
            "A signal flipped is, at step t, that of step T - t + 1.",
        ),
    )


def layers(network: Network) -> Statement | None:
    """A stack is the composition of its layers: each reads, at the same step, what the one below puts out.

    Derived by putting the output of the layer below for the input in the equations of one layer, and comparing with
    the equations of the whole. None for a network with one layer or two directions, or whose cell has a softmax.
    """
    if network.layers == 1 or network.direction == "bidirectional" or _mixes(network):
        return None
    cell, whole = network.cell, {equation.target: equation for equation in network.readings[0].cell.equations}
    below, steps = cell.input, []
    for layer in range(network.layers):
        prefix = f"{layer}.{network.direction}."
        steps += [_reading(equation, prefix, below, cell, whole) for equation in cell.equations]
        below = prefix + cell.output
    reading = [step for step in steps if isinstance(step.formula.rhs, sympy.Add)]
    whole_run = [sympy.Function(f"layer {layer}") for layer in range(network.layers)]
    composed = reduce(lambda read, layer: layer(read), whole_run, sympy.Symbol(cell.input))
    formula = sympy.Eq(sympy.Function("stack")(sympy.Symbol(cell.input)), composed, evaluate=False)
    return Statement(
        name="a stack is a composition",
        claim=f"`{network.name}` is the composition of {network.layers} layers of one cell, each with its own weights.",
        formulas=(*(step.formula for step in reading), formula),
        steps=(*steps, Step("step by step, so over the whole sequence", formula)),
        conditions=("Each layer starts from its own initial state.",),
    )


def _reading(equation: Equation, prefix: str, below: str, cell: Cell, whole: dict[str, Equation]) -> Step:
    """The layer's equation, its input being what is put out below, found among those of the whole network."""
    names = {name: below if name == cell.input else prefix + name for name in cell.dimensions}
    renamed = {signal(name): signal(new) for name, new in names.items()}
    renamed |= {signal(name): signal(prefix + name) for name in cell.parameters}
    put = _right(equation).xreplace(renamed)
    if put != _right(whole[names[equation.target]]):
        raise ModelError(f"equation {names[equation.target]} is not that of one layer")
    formula = sympy.Eq(signal(names[equation.target]), put, evaluate=False)
    return Step(f"the layer's equation of {equation.target}, reading {below}", formula)


def _right(equation: Equation) -> sympy.Expr:
    """The right-hand side, of one unit: a product with a weight is written as one of symbols."""
    if isinstance(equation, Affine):
        products = [signal(weight) * signal(name) for weight, name in equation.terms]
        return sympy.Add(*products, signal(equation.bias) if equation.bias else 0)
    assert isinstance(equation, Elementwise)  # a softmax was turned away
    return equation.expression


def _mixes(network: Network) -> bool:
    """Whether an equation of the cell is a softmax, whose right-hand side is none of one unit."""
    return any(isinstance(equation, Softmax) for equation in network.cell.equations)


def _over_time(cell: Cell, name: str) -> str:
    """A stored signal goes by its state's name: h(t) is stored at step t, h(t - 1) read there."""
    return next((state for state, stored in cell.states if stored == name), name)


def _indexed(cell: Cell, equation: Equation, before: sympy.Expr) -> sympy.Eq:
    """The equation at step t, the states being those of step ``before``."""
    at = {name: sympy.Function(_over_time(cell, name))(t) for name in cell.dimensions if name not in cell.vectors}
    at |= {state: sympy.Function(state)(before) for state in cell.state_names}
    right = _right(equation).xreplace({signal(name): value for name, value in at.items()})
    return sympy.Eq(at[equation.target], right, evaluate=False)


def _turned(equation: sympy.Eq) -> sympy.Eq:
    """T + 1 - t for t, and then flipped s(u) for every s(T + 1 - u)."""
    moved = equation.subs(t, T + 1 - t)
    calls = moved.atoms(sympy.core.function.AppliedUndef)
    return moved.xreplace({call: _flipped(call.func)(sympy.expand(T + 1 - call.args[0])) for call in calls})


def _flipped(function: sympy.Basic) -> sympy.Basic:
    return sympy.Function(f"flipped {function.__name__}")


def _as_forward(equation: sympy.Eq) -> sympy.Eq:
    """The equation with the names of the cell that reads forward."""
    calls = equation.atoms(sympy.core.function.AppliedUndef)
    names: dict[sympy.Basic, sympy.Basic] = {
        call: sympy.Function(_forward_name(call.func.__name__))(*call.args) for call in calls
    }
    names |= {s: signal(_forward_name(s.name)) for s in equation.free_symbols - {t, T}}
    return equation.xreplace(names)


def _forward_name(name: str) -> str:
    return name.removeprefix("flipped ").replace(".backward.", ".forward.")

"""Single changes of an adjoint's edges: what a hand-written backward pass gets wrong while its forward is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sympy

from rnnproof.faults.fault import Fault
from rnnproof.model.activation import Activation, derivative, relu
from rnnproof.model.cell import Cell
from rnnproof.model.equation import BATCH as ROWS
from rnnproof.model.equation import Elementwise, signal
from rnnproof.reference.adjoint import (
    BATCH,
    ONE,
    STEP,
    STEPS,
    Adjoint,
    Carry,
    Edge,
    Mix,
    Outer,
    Product,
    Result,
    Scale,
    Seed,
    Total,
    adjoint,
)

ZERO = sympy.Integer(0)
FIRST = sympy.Piecewise((1, sympy.Eq(STEP, 0)), (0, True))
LAST = sympy.Piecewise((1, sympy.Eq(STEP, STEPS - 1)), (0, True))


def edge_faults(cell: Cell) -> Iterator[Fault]:
    """Every change of the adjoint as it is derived."""
    return edits(adjoint(cell))


def edits(base: Adjoint) -> Iterator[Fault]:
    """Every single change, and the group changes that one line in a loop makes, of an adjoint, edited or not."""
    for edge in base.edges:
        yield from _single(base, edge)
    yield from _activations(base)
    yield from _groups(base)


def edited(base: Adjoint, edges: Iterable[Edge]) -> Adjoint:
    """The adjoint with these edges in the place of those of the same id."""
    by_id = {edge.id: edge for edge in edges}
    return replace(base, edges=tuple(by_id.get(edge.id, edge) for edge in base.edges))


def edge_fault(base: Adjoint, operator: str, text: str, *edges: Edge) -> Fault:
    """The change that puts these edges in the place of those of the same id."""
    return Fault(operator, text, adjoint=edited(base, edges))


def describe(edge: Edge) -> str:
    """What an edge does, in words."""
    match edge:
        case Seed(source="outputs"):
            return "the cotangent of the outputs"
        case Seed():
            return f"the cotangent of the final {edge.source}"
        case Carry():
            return f"the carry of d{edge.source}"
        case Scale() if edge.source == f"{edge.into}'":
            return f"the carry of d{edge.into} (d{edge.source} * {_factor(edge.factor)})"
        case Scale():
            return f"the term d{edge.source} * {_factor(edge.factor)} of d{edge.into}"
        case Mix():
            return f"the sum of d{edge.source} * {edge.weight} over the units in d{edge.into}"
        case Product():
            return f"the term {edge.weight}^T d{edge.source} of d{edge.into}"
        case Outer():
            return f"the term d{edge.source} {edge.signal}^T of d{edge.into}"
        case Total():
            return f"the sum of d{edge.source} in d{edge.into}"
        case Result():
            return f"the gradient d{edge.into}"


def _factor(factor: sympy.Expr) -> str:
    """A sum in parentheses."""
    return f"({factor})" if factor.is_Add else str(factor)


def _single(base: Adjoint, edge: Edge) -> Iterator[Fault]:
    words = describe(edge)
    dropped = {Carry: "is not used: each step starts from zero", Result: "is zero"}.get(type(edge), "is missing")
    yield edge_fault(base, f"{type(edge).__name__.lower()} dropped", f"{words} {dropped}", replace(edge, gain=ZERO))
    yield edge_fault(base, "sign", f"{words} has the wrong sign", replace(edge, gain=-ONE))
    yield edge_fault(base, "scale", f"{words} is counted twice", replace(edge, gain=2 * ONE))
    match edge:
        case Outer() | Total():
            yield edge_fault(base, "overwritten", f"{words} is that of the first step alone", replace(edge, gain=FIRST))
            yield edge_fault(base, "overwritten", f"{words} is that of the last step alone", replace(edge, gain=LAST))
        case Carry():
            for k in (2, 3):
                cut = sympy.Piecewise((0, sympy.Eq((STEP + 1) % k, 0)), (1, True))
                yield edge_fault(base, "truncated", f"{words} is cut after every {k} steps", replace(edge, gain=cut))
        case Seed(source="outputs"):
            yield edge_fault(base, "seed", f"{words} is used at the last step alone", replace(edge, gain=LAST))
        case Scale():
            yield from _wrong_factor(base, edge)
        case Mix():
            yield from _wrong_mix(base, edge)
    if isinstance(edge, Product) and _square(base.cell, edge.weight):
        text = f"{edge.weight} is not transposed in d{edge.into}"
        yield edge_fault(base, "not transposed", text, replace(edge, transposed=False))
    if isinstance(edge, Outer) and edge.signal in dict(base.cell.states):
        late = _late(base, edge)
        text = f"d{edge.into} uses {late.signal}, the state after the step, in place of {edge.signal}"
        yield edge_fault(base, "wrong step", text, late)


def _late(base: Adjoint, edge: Outer) -> Outer:
    """The edge of a recurrent weight, reading the state after the step."""
    return replace(edge, signal=dict(base.cell.states)[edge.signal])


def _square(cell: Cell, weight: str) -> bool:
    rows, columns = cell.parameters[weight]
    return rows == columns


def _wrong_factor(base: Adjoint, edge: Scale) -> Iterator[Fault]:
    """A factor left out, or read from another signal of the same size."""
    words = describe(edge)
    if edge.factor.is_number:
        return
    text = f"the factor {edge.factor} is missing in d{edge.into}"
    yield edge_fault(base, "factor missing", text, replace(edge, factor=ONE))
    sizes = base.cell.dimensions
    known = [*base.cell.state_names, *(equation.target for equation in base.cell.equations)]
    for used in sorted(symbol.name for symbol in edge.factor.free_symbols):
        for other in known:
            if other != used and sizes[other] == sizes.get(used):
                factor = edge.factor.xreplace({signal(used): signal(other)})
                text = f"{other} in place of {used} in {words}"
                yield edge_fault(base, "wrong signal", text, replace(edge, factor=factor))


def _wrong_mix(base: Adjoint, edge: Mix) -> Iterator[Fault]:
    """The sum taken over something else, or of something else."""
    words = describe(edge)
    yield edge_fault(base, "wrong axis", f"{words} is taken over the batch", replace(edge, axis=ROWS))
    text = f"the factor {edge.weight} is missing in {words}"
    yield edge_fault(base, "factor missing", text, replace(edge, weight=ONE))
    text = f"{words} is not multiplied by {-edge.factor}"
    yield edge_fault(base, "factor missing", text, replace(edge, factor=-ONE))


def activation_edges(base: Adjoint) -> Iterator[tuple[Scale, Activation]]:
    """The edges that carry an activation's derivative, and the activation."""
    calls = {
        e.target: e.expression
        for e in base.cell.equations
        if isinstance(e, Elementwise) and isinstance(e.expression, Activation)
    }
    for edge in base.edges:
        if isinstance(edge, Scale) and edge.source in calls:
            yield edge, calls[edge.source]


def _derivative_at_value(edge: Scale, call: Activation) -> Scale:
    """f' taken at f(z), the activation's value, in place of z; what z is made of is differentiated as before."""
    inner = sympy.diff(call.args[0], signal(edge.into))
    return replace(edge, factor=derivative(call.func(signal(edge.source))) * inner)


def _activations(base: Adjoint) -> Iterator[Fault]:
    """Derivatives left out or taken at the wrong point, one by one and wherever the activation stands."""
    found = list(activation_edges(base))
    for edge, call in found:
        if not isinstance(call, relu):  # step(relu(z)) = step(z): there it is a right way to write it
            where = f", in d{edge.into}" if len(call.args[0].free_symbols) > 1 else ""
            text = f"{call.func.__name__}' is taken at {edge.source}, not at {call.args[0]}{where}"
            yield edge_fault(base, "derivative point", text, _derivative_at_value(edge, call))
    for name in sorted({call.func.__name__ for _, call in found}):
        same = [(edge, call) for edge, call in found if call.func.__name__ == name]
        if len(same) > 1:
            text = f"every {name}' is missing"
            yield edge_fault(base, "factor missing", text, *(replace(edge, factor=ONE) for edge, _ in same))
        if len(same) > 1 and name != "relu":
            text = f"every {name}' is taken at the activation's value"
            yield edge_fault(base, "derivative point", text, *(_derivative_at_value(edge, call) for edge, call in same))


def _groups(base: Adjoint) -> Iterator[Fault]:
    """The same change of several edges at once: one line in a loop over the gates, or of a shared function."""
    sums = [edge for edge in base.edges if isinstance(edge, Outer | Total)]
    for gain, operator, text in (
        (1 / STEPS, "mean over time", "the parameters' gradients are means over time, not sums"),
        (1 / BATCH, "mean over batch", "the parameters' gradients are means over the batch, not sums"),
        (FIRST, "overwritten", "the parameters' gradients are those of the first step alone"),
        (LAST, "overwritten", "the parameters' gradients are those of the last step alone"),
        (-ONE, "sign", "every parameter's gradient has the wrong sign"),
    ):
        yield edge_fault(base, operator, text, *(replace(edge, gain=gain) for edge in sums))
    biases = [edge for edge in base.edges if isinstance(edge, Total)]
    if len(biases) > 1:
        text = "every bias's gradient is counted twice"
        yield edge_fault(base, "scale", text, *(replace(edge, gain=2 * ONE) for edge in biases))
    carries = [edge for edge in base.edges if isinstance(edge, Carry)]
    if len(carries) > 1:
        text = "no state's cotangent is carried: each step starts from zero"
        yield edge_fault(base, "carry dropped", text, *(replace(edge, gain=ZERO) for edge in carries))
    if carries:
        yield edge_fault(base, "truncated", "backpropagation is cut after 2 steps", *cut_at(base, STEPS - 3))
        yield edge_fault(base, "truncated", "backpropagation does not reach the first step", *cut_at(base, ZERO))
    yield from _weight_groups(base)


def cut_at(base: Adjoint, step: sympy.Expr) -> tuple[Carry, ...]:
    """Every carry, but none into this step: what is read backwards ends there."""
    gain = sympy.Piecewise((0, sympy.Eq(STEP, step)), (1, True))
    return tuple(replace(edge, gain=gain) for edge in base.edges if isinstance(edge, Carry))


def _weight_groups(base: Adjoint) -> Iterator[Fault]:
    for name in (base.cell.input, *base.cell.state_names):
        back = [edge for edge in base.edges if isinstance(edge, Product) and edge.into == name]
        if len(back) > 1:
            text = f"no gate passes its cotangent back to {name}"
            yield edge_fault(base, "product dropped", text, *(replace(edge, gain=ZERO) for edge in back))
        square = [edge for edge in back if _square(base.cell, edge.weight)]
        if len(square) > 1:
            text = f"no weight is transposed in d{name}"
            yield edge_fault(base, "not transposed", text, *(replace(edge, transposed=False) for edge in square))
    late = [edge for edge in base.edges if isinstance(edge, Outer) and edge.signal in dict(base.cell.states)]
    if len(late) > 1:
        text = "every recurrent weight's gradient uses the state after the step"
        yield edge_fault(base, "wrong step", text, *(_late(base, edge) for edge in late))

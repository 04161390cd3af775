"""Changes with a number in them that is not known beforehand: a scale, an offset, a clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy

from rnnproof.faults.edges import describe, edited
from rnnproof.faults.equations import as_given, changed, given_apart
from rnnproof.faults.fault import Fault
from rnnproof.model.activation import Activation, clipped
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, signal
from rnnproof.reference.adjoint import ONE, Adjoint, Carry, Outer, Product, Scale, Seed, Total

K = signal("k")  # the number, in expressions; a parameter of the cell while it is not known


@dataclass(frozen=True)
class Family:
    """A change with an unknown number k: where k is ``neutral``, nothing is changed.

    ``text`` has {k} in the number's place. Exactly one of ``cell`` and ``adjoint`` is given.
    """

    operator: str
    text: str
    neutral: float
    cell: Cell | None = None
    adjoint: Adjoint | None = None

    def at(self, value: sympy.Rational) -> Fault:
        """The fault that has this number."""
        text = self.text.format(k=_shown(value))
        if self.cell is not None:
            return Fault(self.operator, text, cell=at(self.cell, value))
        assert self.adjoint is not None
        edges = tuple(replace(edge, gain=edge.gain.xreplace({K: value})) for edge in self.adjoint.edges)
        return Fault(self.operator, text, adjoint=replace(self.adjoint, edges=edges))


def _shown(value: sympy.Rational) -> str:
    """1/4, or 0.9, or as many digits as it takes."""
    if value.q <= 12:
        return str(value)
    return f"{float(value):.12g}"


def at(cell: Cell, value: sympy.Rational) -> Cell:
    """The cell with a number in k's place."""
    made = [
        replace(e, expression=e.expression.xreplace({K: value})) if isinstance(e, Elementwise) else e
        for e in cell.equations
    ]
    return replace(cell, equations=tuple(made), vectors=tuple(name for name in cell.vectors if name != K.name))


def constants(cell: Cell) -> Iterator[Family]:
    """Every place of a cell in which a number may stand that does not belong there."""
    if K.name in {*cell.vectors, *cell.parameters, *cell.dimensions}:
        return
    with_k = replace(cell, vectors=(*cell.vectors, K.name))
    yield from _every_activation(with_k)
    for equation in cell.equations:
        if isinstance(equation, Affine):
            yield from _affine(with_k, equation)
        elif isinstance(equation, Elementwise):
            yield from _elementwise(with_k, equation)
    yield from _carried(with_k)
    yield from _put_out(with_k)
    yield from _as_read(with_k)


def _put_out(cell: Cell) -> Iterator[Family]:
    """Another output than the signal that is stored, or used, too."""
    name = f"{cell.output} as put out"
    made = replace(cell, equations=(*cell.equations, Elementwise(name, K * signal(cell.output))), output=name)
    yield Family("scale", "the output is multiplied by {k}, what is carried on is not", 1.0, made)


def _as_read(cell: Cell) -> Iterator[Family]:
    """The input, or a state, scaled before every gate reads it."""
    for name in (cell.input, *cell.state_names):
        seen = f"{name} as read"
        made = [
            replace(e, terms=tuple((w, seen if s == name else s) for w, s in e.terms)) if isinstance(e, Affine) else e
            for e in cell.equations
        ]
        if sum(isinstance(e, Affine) and seen in e.uses for e in made) > 1:
            scaled = replace(cell, equations=(Elementwise(seen, K * signal(name)), *made))
            yield Family("scale", f"{name} is multiplied by {{k}} before every gate reads it", 1.0, scaled)


def _carried(cell: Cell) -> Iterator[Family]:
    """What a state is carried on as, where something else of the step sees it as it was computed."""
    seen = {cell.output, *(name for equation in cell.equations for name in equation.uses)}
    for state, stored in cell.states:
        kept = f"{stored} as carried"
        for operator, words, neutral, value in (
            ("scale", "is multiplied by {k}", 1.0, K * signal(stored)),
            ("clip", "is clipped to ±{k}", float("inf"), clipped(signal(stored), K)),
        ):
            states = tuple((name, kept if name == state else of) for name, of in cell.states)
            made = replace(cell, equations=(*cell.equations, Elementwise(kept, value)), states=states)
            if stored in seen:
                text = f"{state} {words} before the next step, after this one has used it"
                yield Family(operator, text, neutral, made)


def _every_activation(cell: Cell) -> Iterator[Family]:
    """One function that several gates share, whose argument is scaled: (1 + tanh(z))/2 is sigmoid(2 z)."""
    found = [(e, e.expression) for e in cell.equations if isinstance(e, Elementwise) and e.expression.is_Function]
    sizes = cell.dimensions
    for kind in dict.fromkeys(call.func for _, call in found):
        made = [replace(e, expression=kind(K * call.args[0])) for e, call in found if call.func is kind]
        if len(made) > 1 and len({sizes[e.target] for e in made}) == 1:  # k has one size
            text = f"what every {kind.__name__} is taken of is multiplied by {{k}}"
            yield _family(cell, "scale", text, 1.0, *made)


def _family(cell: Cell, operator: str, text: str, neutral: float, *equations: Equation) -> Family:
    return Family(operator, text, neutral, changed(cell, *equations))


def _affine(cell: Cell, equation: Affine) -> Iterator[Family]:
    z, given = equation.target, as_given(equation)
    for operator, text, neutral, value in (
        ("scale", f"{z} is multiplied by {{k}}", 1.0, K * given),
        ("offset", f"{z} has {{k}} added", 0.0, K + given),
        ("clip", f"{z} is clipped to ±{{k}}", float("inf"), clipped(given, K)),
    ):
        yield _family(given_apart(cell, equation), operator, text, neutral, Elementwise(z, value))
    terms = [
        (f"{weight} {name}", replace(equation, terms=((weight, name),), bias=None)) for weight, name in equation.terms
    ]
    for words, alone in terms if len(equation.terms) > 1 or equation.bias else ():
        yield _family(_split(cell, equation, alone), "scale", f"{words} is multiplied by {{k}} in {z}", 1.0)
    if equation.bias is not None:
        more = Elementwise(z, given + (K - 1) * signal(equation.bias))
        with_bias = replace(cell, vectors=tuple(dict.fromkeys((*cell.vectors, equation.bias))))
        text = f"{equation.bias} is multiplied by {{k}} in {z}"
        yield _family(given_apart(with_bias, equation), "scale", text, 1.0, more)


def _split(cell: Cell, equation: Affine, alone: Affine) -> Cell:
    """The cell in which one term of an affine equation is multiplied by k."""
    term = replace(alone, target=f"{equation.target} of {alone.terms[0][0]}")
    made: list[Equation] = []
    for one in given_apart(cell, equation).equations:
        if one.target == equation.target:
            value = as_given(equation) + (K - 1) * signal(term.target)
            made += [term, Elementwise(equation.target, value)]
        else:
            made.append(one)
    return replace(cell, equations=tuple(made))


def _elementwise(cell: Cell, equation: Elementwise) -> Iterator[Family]:
    s, value = equation.target, equation.expression
    yield _family(cell, "scale", f"{s} is multiplied by {{k}}", 1.0, Elementwise(s, K * value))
    yield _family(cell, "offset", f"{s} has {{k}} added", 0.0, Elementwise(s, K + value))
    if s in dict(cell.states).values():
        yield _family(cell, "clip", f"{s} is clipped to ±{{k}}", float("inf"), Elementwise(s, clipped(value, K)))
    for call in sorted(value.atoms(Activation), key=str):
        scaled = value.xreplace({call: call.func(K * call.args[0])})
        text = f"{call.args[0]} is multiplied by {{k}} in {call if call != value else s}"
        yield _family(cell, "scale", text, 1.0, Elementwise(s, scaled))
    addends = sympy.Add.make_args(value)
    for addend in addends if len(addends) > 1 else ():
        text = f"{addend} is multiplied by {{k}} in {s}"
        yield _family(cell, "scale", text, 1.0, Elementwise(s, value + (K - 1) * addend))
    for state, stored in cell.states:
        if stored == s and signal(state) not in value.free_symbols:
            text = f"{s} is {{k}} times itself and 1 - {{k}} times {state}"
            yield _family(cell, "leak", text, 1.0, Elementwise(s, K * value + (1 - K) * signal(state)))


def gains(base: Adjoint) -> Iterator[Family]:
    """Every edge with a number as its gain, and the parameters' gradients together."""
    for edge in base.edges:
        if isinstance(edge, Scale | Product | Outer | Total | Carry | Seed) and edge.gain == ONE:
            one = edited(base, [replace(edge, gain=K)])
            yield Family("scale", f"{describe(edge)} is multiplied by {{k}}", 1.0, adjoint=one)
    sums = [replace(edge, gain=K * edge.gain) for edge in base.edges if isinstance(edge, Outer | Total)]
    yield Family("scale", "every parameter's gradient is multiplied by {k}", 1.0, adjoint=edited(base, sums))
    seeds = [replace(edge, gain=K * edge.gain) for edge in base.edges if isinstance(edge, Seed)]
    text = "all gradients, dx and the states' too, are multiplied by {k}"
    yield Family("scale", text, 1.0, adjoint=edited(base, seeds))

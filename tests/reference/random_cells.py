"""Cells that nobody would write: any equations in any order, any signal stored in any state, drawn by Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from rnnproof.model.activation import relu, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, Softmax, signal

EXPRESSIONS = (
    lambda a, b, c: a * b,
    lambda a, b, c: a - b * c,
    lambda a, b, c: tanh(a),
    lambda a, b, c: sigmoid(a) * b + c,
    lambda a, b, c: (1 - a) * b + a * c,
    lambda a, b, c: tanh(a * b) * sigmoid(2 * c),
    lambda a, b, c: a - a**2 / 4,
    lambda a, b, c: relu(a) + tanh(sigmoid(b) * c),
    lambda a, b, c: tanh(a) * tanh(a) - tanh(a) * b,
    lambda a, b, c: a,
)


@st.composite
def cells(draw) -> Cell:
    """Up to three states and seven equations; every size is H or O."""
    sizes = {f"s{n}": draw(st.sampled_from("HO")) for n in range(draw(st.integers(1, 3)))}
    states = list(sizes)
    equations: list[Equation] = []
    for n in range(draw(st.integers(1, 5))):
        known = ["x", *sizes]
        if draw(st.booleans()):
            equations.append(_affine(draw, f"e{n}", known))
            sizes[f"e{n}"] = equations[-1].rows
        else:
            letter = draw(st.sampled_from([sizes[name] for name in sizes]))
            equations.append(_weightless(draw, f"e{n}", [name for name in sizes if sizes[name] == letter]))
            sizes[f"e{n}"] = letter
    for state in states:  # something to store in each, made from the input, so that nothing is unused for ever
        equations.append(Affine(f"new {state}", ((f"W {state}", "x"), (f"U {state}", state)), rows=sizes[state]))
        sizes[f"new {state}"] = sizes[state]
    stored = [(state, draw(st.sampled_from([n for n in sizes if sizes[n] == sizes[state]]))) for state in states]
    output = draw(st.sampled_from([*sizes]))
    return Cell("random", tuple(equations), tuple(stored), output, vectors=_vectors(equations))


def _affine(draw, target, known):
    """Operands may repeat; each weight is used once, but the first equation's may be used again by itself."""
    operands = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
    terms = tuple((f"W {target} {n}", name) for n, name in enumerate(operands))
    bias = f"b {target}" if draw(st.booleans()) else None
    return Affine(target, terms, bias, rows=draw(st.sampled_from("HO")))


def _weightless(draw, target, alike):
    if draw(st.integers(0, 4)) == 0:
        return Softmax(target, draw(st.sampled_from(alike)))
    a, b, c = (signal(draw(st.sampled_from(alike))) for _ in range(3))
    if draw(st.integers(0, 3)) == 0:
        b = signal(f"p {target}")
    expression = draw(st.sampled_from(EXPRESSIONS))(a, b, c)
    return Elementwise(target, expression)


def _vectors(equations):
    used = {name for e in equations if isinstance(e, Elementwise) for name in e.uses}
    return tuple(sorted(name for name in used if name.startswith("p ")))

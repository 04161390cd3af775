"""Single changes of a cell's equations: what a person mistypes, forgets, exchanges or takes from another cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from rnnproof.faults.fault import Fault
from rnnproof.model.activation import Activation, exp, hard_sigmoid, reciprocal, relu, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, signal


def equation_faults(cell: Cell) -> Iterator[Fault]:
    """Every single change of one equation."""
    for equation in cell.equations:
        if isinstance(equation, Affine):
            yield from _affine(cell, equation)
        elif isinstance(equation, Elementwise):
            yield from _elementwise(cell, equation)


def changed(cell: Cell, *equations: Equation) -> Cell:
    """The cell with the equations of the same targets replaced."""
    by_target = {equation.target: equation for equation in equations}
    return replace(cell, equations=tuple(by_target.get(e.target, e) for e in cell.equations))


def _affine(cell: Cell, equation: Affine) -> Iterator[Fault]:
    z, size = equation.target, cell.dimensions
    for weight, name in equation.terms:
        others = tuple(term for term in equation.terms if term != (weight, name))
        if others:
            one = replace(equation, terms=others)
            yield Fault("term missing", f"{weight} {name} is missing from {z}", changed(cell, one))
        for state in cell.state_names:
            if name in cell.state_names and state != name and size[state] == size[name]:
                one = replace(equation, terms=(*others, (weight, state)))
                yield Fault("wrong state", f"{weight} multiplies {state} in {z}, not {name}", changed(cell, one))
        for other in alike(cell, weight):
            terms = tuple((other, s) if w == weight else (w, s) for w, s in equation.terms)
            one = replace(equation, terms=terms)
            yield Fault("wrong weight", f"{z} uses {other} in place of {weight}", changed(cell, one))
    if equation.bias is not None:
        yield from _bias(cell, equation, equation.bias)


def alike(cell: Cell, parameter: str) -> list[str]:
    """The other parameters of the same kind and shape: W_f for W_i."""
    shapes = cell.parameters
    kind = parameter.split("_")[0]
    same = (name for name in shapes if name.split("_")[0] == kind and shapes[name] == shapes[parameter])
    return [name for name in same if name != parameter]


def _bias(cell: Cell, equation: Affine, bias: str) -> Iterator[Fault]:
    z = equation.target
    yield Fault("bias missing", f"the bias {bias} is missing", changed(cell, replace(equation, bias=None)))
    for factor, operator, text in (
        (2, "bias twice", f"the bias {bias} is counted twice"),
        (-1, "bias negated", f"the bias {bias} is subtracted"),
    ):
        yield Fault(operator, text, bias_added(cell, equation, factor - 1))
    for other in alike(cell, bias):
        one = replace(equation, bias=other)
        yield Fault("wrong bias", f"{z} uses {other} in place of {bias}", changed(cell, one))


def bias_added(cell: Cell, equation: Affine, times: int) -> Cell:
    """The cell in which an affine equation's bias is added once more, or subtracted, ``times`` times."""
    bias = str(equation.bias)
    with_bias = replace(cell, vectors=tuple(dict.fromkeys((*cell.vectors, bias))))
    more = Elementwise(equation.target, as_given(equation) + times * signal(bias))
    return changed(given_apart(with_bias, equation), more)


def as_given(equation: Affine) -> sympy.Symbol:
    """What an affine equation gives, before it is worked on."""
    return signal(f"{equation.target} as given")


def given_apart(cell: Cell, equation: Affine) -> Cell:
    """The cell with what an affine equation gives under a name of its own, so that its target can be worked on."""
    raw = replace(equation, target=as_given(equation).name)
    made: list[Equation] = []
    for one in cell.equations:
        made += [raw, Elementwise(equation.target, as_given(equation))] if one == equation else [one]
    return replace(cell, equations=tuple(made))


def _elementwise(cell: Cell, equation: Elementwise) -> Iterator[Fault]:
    if isinstance(equation.expression, Activation):
        yield from _activation(cell, equation)
    else:
        yield from _polynomial(cell, equation)
    yield from _wrong_signal(cell, equation)
    for call in sorted(equation.expression.atoms(Activation), key=str):
        if call != equation.expression:
            yield from _inner_activation(cell, equation, call)


def overflowing(call: Activation) -> tuple[str, sympy.Expr] | None:
    """The textbook form that overflows: exp(z)/(1+exp(z)); None where the activation has none."""
    (z,) = call.args
    if isinstance(call, sigmoid):
        return "exp(z)/(1+exp(z))", exp(z) * reciprocal(1 + exp(z))
    if isinstance(call, tanh):
        return "(exp(2z)-1)/(exp(2z)+1)", (exp(2 * z) - 1) * reciprocal(exp(2 * z) + 1)
    return None


def replacements(call: Activation) -> Iterator[tuple[str, str, sympy.Expr]]:
    """(operator, words, expression) for each plausible other activation."""
    (z,) = call.args
    for other in (sigmoid, tanh, relu):
        if not isinstance(call, other):
            yield "activation replaced", f"{other.__name__} in place of {call.func.__name__}", other(z)
    yield "activation missing", f"no {call.func.__name__}", z
    if isinstance(call, sigmoid):
        fifth, sixth = sympy.Rational(1, 5), sympy.Rational(1, 6)
        yield (
            "activation replaced",
            "the hard sigmoid of slope 1/5 in place of sigmoid",
            hard_sigmoid(z, fifth),
        )
        yield (
            "activation replaced",
            "the hard sigmoid of slope 1/6 in place of sigmoid",
            hard_sigmoid(z, sixth),
        )
        yield "complement", "1 - sigmoid in place of sigmoid", 1 - call
    if (naive := overflowing(call)) is not None:
        words, expression = naive
        yield "overflow", f"{call.func.__name__} computed as {words}", expression


def _activation(cell: Cell, equation: Elementwise) -> Iterator[Fault]:
    call = equation.expression
    for operator, words, expression in replacements(call):
        one = Elementwise(equation.target, expression)
        yield Fault(operator, f"{equation.target} has {words}", changed(cell, one))
    (z,) = call.args
    for offset in (1, -1):
        one = Elementwise(equation.target, call.func(z + offset))
        yield Fault("offset", f"{equation.target} has {offset:+d} added to {z}", changed(cell, one))
    one = Elementwise(equation.target, call.func(2 * z))
    yield Fault("scale", f"{z} is doubled in {equation.target}", changed(cell, one))


def _inner_activation(cell: Cell, equation: Elementwise, call: Activation) -> Iterator[Fault]:
    for operator, words, expression in replacements(call):
        one = Elementwise(equation.target, equation.expression.xreplace({call: expression}))
        yield Fault(operator, f"{equation.target} has {words} on {call.args[0]}", changed(cell, one))


def _polynomial(cell: Cell, equation: Elementwise) -> Iterator[Fault]:
    """Changes of one addend. Where no signal would be left, as in i = 1 of i = 1 - f, there is no such equation."""
    vectors = {signal(name) for name in cell.vectors}
    for operator, text, expression in addend_changes(equation.expression, equation.target):
        if expression.free_symbols - vectors:
            yield Fault(operator, text, changed(cell, Elementwise(equation.target, expression)))


def addend_changes(whole: sympy.Expr, target: str) -> Iterator[tuple[str, str, sympy.Expr]]:
    """(operator, text, expression) for each change of one addend, or of one factor of it."""
    for addend in sympy.Add.make_args(whole):
        rest = whole - addend
        if rest != 0:
            yield "term missing", f"{addend} is missing from {target}", rest
        yield "sign", f"{addend} has the wrong sign in {target}", rest - addend
        yield "scale", f"{addend} is counted twice in {target}", rest + 2 * addend
        factors = sympy.Mul.make_args(addend)
        for factor in factors if len(factors) > 1 else ():
            yield "factor missing", f"{factor} is missing from {addend} in {target}", rest + addend / factor
            complement = rest + addend.xreplace({factor: 1 - factor})
            yield "complement", f"1 - {_bracketed(factor)} in place of {factor} in {target}", complement
        if len(factors) > 1:
            text = f"{addend} is added up, not multiplied, in {target}"
            yield "sum for product", text, rest + sympy.Add(*factors)


def _bracketed(factor: sympy.Expr) -> str:
    return f"({factor})" if factor.is_Add or factor.could_extract_minus_sign() else str(factor)


def _wrong_signal(cell: Cell, equation: Elementwise) -> Iterator[Fault]:
    """One signal of a right-hand side replaced by another of its size that is known by then."""
    sizes = cell.dimensions
    known = list(cell.state_names)
    for one in cell.equations:
        if one.target == equation.target:
            break
        known.append(one.target)
    for used in equation.uses:
        for other in known:
            if other != used and sizes[other] == sizes.get(used) and used not in cell.vectors:
                expression = equation.expression.xreplace({signal(used): signal(other)})
                text = f"{other} in place of {used} in {equation.target}"
                yield Fault("wrong signal", text, changed(cell, Elementwise(equation.target, expression)))

"""The closed form of a linear network over matrices: h_2 = W_h x_2 + U_h W_h x_1 + U_h^2 h_0."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from rnnproof.errors import UsageError
from rnnproof.model.equation import Affine, Elementwise, Equation, Softmax
from rnnproof.model.network import Network

Forms = Mapping[str, sympy.Expr]


def matrix(name: str) -> sympy.Symbol:
    """The symbol of a matrix or a vector: its products do not commute."""
    return sympy.Symbol(name, commutative=False)


def closed_form(network: Network, steps: int) -> tuple[Forms, ...]:
    """Every signal of each step as a sum of products of parameters, inputs x_t and initial states h_0.

    Signals carry the cell's names: forms[t-1]["h'"] is what the Elman network stores at step t.
    Errors: UsageError for a network that is not linear; Unsupported for more than one layer or direction.
    """
    cell = network.step
    state: Forms = {name: matrix(f"{name}_0") for name in cell.state_names}
    forms: list[Forms] = []
    for t in range(1, steps + 1):
        forms.append(linear_step(network, {**state, cell.input: matrix(f"{cell.input}_{t}")}))
        state = {name: forms[-1][stored] for name, stored in cell.states}
    return tuple(forms)


def linear_step(network: Network, given: Forms, held: Forms | None = None) -> Forms:
    """Every signal of one step, from the states and the input ``given``; signals ``held`` are read by that name.

    With the stored signal held, the output is a form of the new state, where it is one.
    Errors: as of ``closed_form``.
    """
    known = dict(given)
    read = dict(given)
    for equation in network.step.equations:
        known[equation.target] = _value(network, equation, read)
        read[equation.target] = (held or {}).get(equation.target, known[equation.target])
    return known if held is None else {**known, network.step.output: read[network.step.output]}


def _value(network: Network, equation: Equation, known: Forms) -> sympy.Expr:
    if isinstance(equation, Affine):
        products = [matrix(weight) * known[name] for weight, name in equation.terms]
        return sympy.expand(sympy.Add(*products, matrix(equation.bias) if equation.bias else 0))
    expression = _linear_expression(network, equation)
    return sympy.expand(expression.xreplace({symbol: known[symbol.name] for symbol in expression.free_symbols}))


def is_linear(network: Network) -> bool:
    """Whether every equation of every layer is linear, and so is the merging of two directions."""
    every = [equation for reading in network.readings for equation in reading.cell.equations]
    products = network.direction == "bidirectional" and network.merge == "product"
    return not products and all(
        isinstance(each, Affine) or (isinstance(each, Elementwise) and _linear(each.expression)) for each in every
    )


def _linear(expression: sympy.Expr) -> bool:
    """No constant, and every derivative a number."""
    constant = expression.xreplace(dict.fromkeys(expression.free_symbols, sympy.Integer(0)))
    return constant == 0 and all(expression.diff(symbol).is_number for symbol in expression.free_symbols)


def _linear_expression(network: Network, equation: Elementwise | Softmax) -> sympy.Expr:
    if isinstance(equation, Softmax) or not _linear(equation.expression):
        raise UsageError(
            f"network {network.name} has no closed form over matrices: {equation} is not linear; "
            "unroll it as a straight-line program instead"
        )
    return equation.expression


def formula(form: sympy.Expr) -> str:
    """A sum of products of matrices as text, the shortest product first: W_h x_2 + U_h^2 W_h x_1."""
    text = ""
    for term in sorted(sympy.Add.make_args(form), key=lambda term: (_length(term), str(term))):
        negative = term.could_extract_minus_sign()
        product = str(-term if negative else term).replace("**", "^").replace("*", " ")
        sign = ("-" if negative else "") if not text else " - " if negative else " + "
        text += sign + product
    return text


def _length(term: sympy.Expr) -> int:
    return sum(int(factor.as_base_exp()[1]) for factor in sympy.Mul.make_args(term))

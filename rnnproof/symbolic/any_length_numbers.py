"""The closed form for any number of steps with numbers in place of the weights, entry by entry; T stays a symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import mul

import sympy

from rnnproof.catalogue import lecture
from rnnproof.domains.algebra import as_exact
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic.any_length import any_length
from rnnproof.symbolic.closed_form import matrix
from rnnproof.symbolic.linear import Recurrence, T, at, k, letter, recurrence
from rnnproof.symbolic.matrix_power import Term, power_statement, terms
from rnnproof.symbolic.statement import Statement, Step

n = sympy.Symbol("n", integer=True, nonnegative=True)
Matrices = Mapping[str, sympy.Matrix]


def lecture_for_any_length(network: Network) -> Statement | None:
    """The lecture's example, every weight 1 and a memory that starts at 0; None for any other network.

    ``formulas``: y_T for every T, then at each step of the lecture's sequence.
    """
    if network.name != lecture.NETWORK:
        return None
    return with_numbers(network, lecture_weights(network), sympy.zeros(2, 1), lecture.SEQUENCE)


def lecture_weights(network: Network) -> Matrices:
    """The parameters of the lecture's example."""
    shapes = network.shapes(Sizes(T=0, B=1, I=2, H=2, O=2))
    return {name: sympy.ones(*shape) * as_exact(lecture.WEIGHT) for name, shape in shapes.items()}


def with_numbers(
    network: Network, values: Matrices, start: sympy.Matrix, sequence: tuple[tuple[int, ...], ...]
) -> Statement | None:
    """y_T for every T, of a linear network with these parameters; and what it is on a sequence of inputs.

    Shapes: each parameter as the network says, a bias (H,1); start (H,1); sequence (T,I). None as of ``any_length``.
    """
    found, general = recurrence(network), any_length(network)
    if found is None or general is None:
        return None
    numbers = Numbers.of(found, values)
    powers = power_statement(numbers.A, n, _name(found, network))
    entries = numbers.entries(found.input, start)
    output = sympy.Eq(at(found.output, T), entries, evaluate=False)
    steps = tuple(
        sympy.Eq(at(found.output, t), y, evaluate=False) for t, y in _at_steps(entries, found.input, sequence)
    )
    return Statement(
        name="the closed form with numbers",
        claim="With these weights and this initial state, the output after T steps is the following, for every T >= 1.",
        formulas=(output, *steps),
        steps=(
            *(Step("The closed form for any weights", formula) for formula in general.formulas),
            *powers.steps,
            Step("Put in the numbers: one sum for each eigenvalue that is left", output),
            *(Step(f"Step {t} of the sequence", formula) for t, formula in enumerate(steps, 1)),
        ),
        conditions=(*general.conditions, *powers.conditions),
    )


@dataclass(frozen=True)
class Numbers:
    """A recurrence's matrices."""

    A: sympy.Matrix
    B: sympy.Matrix
    c: sympy.Matrix
    C: sympy.Matrix
    e: sympy.Matrix

    @classmethod
    def of(cls, found: Recurrence, values: Matrices) -> Numbers:
        """The expressions of the parameters with matrices in their place."""
        A, B = (in_matrices(form, values) for form in (found.A, found.B))
        C = sympy.eye(A.rows) if found.C == 1 else in_matrices(found.C, values)
        c = sympy.zeros(A.rows, 1) if found.c == 0 else in_matrices(found.c, values)
        e = sympy.zeros(C.rows, 1) if found.e == 0 else in_matrices(found.e, values)
        return cls(A, B, c, C, e)

    def entries(self, name: str, start: sympy.Matrix) -> sympy.ImmutableMatrix:
        """y_T, an entry a row: of each eigenvalue's terms, what is constant before the sum."""
        x = sympy.Matrix([sympy.Indexed(name, k, i + 1) for i in range(self.B.cols)])
        total = self.e
        for term in terms(self.A):
            initial, inputs = (self.C * term.matrix * part for part in (start, self.B * x + self.c))
            total = total + term.number(T) * initial + inputs.applyfunc(lambda form, of=term: _summed(form, of))
        return total.as_immutable()


def _summed(form: sympy.Expr, term: Term) -> sympy.Expr:
    """The sum over k of the term's number at T - k times the form, its content before the sum."""
    content, inner = sympy.expand(form).primitive()
    if inner.could_extract_minus_sign():
        content, inner = -content, -inner
    return content * sympy.Sum(term.number(T - k) * inner, (k, 1, T)) if form != 0 else sympy.Integer(0)


def _at_steps(
    entries: sympy.ImmutableMatrix, name: str, sequence: tuple[tuple[int, ...], ...]
) -> list[tuple[int, sympy.ImmutableMatrix]]:
    """The output at each step of a sequence of inputs."""
    x = {
        sympy.Indexed(name, t, i): as_exact(value)
        for t, row in enumerate(sequence, 1)
        for i, value in enumerate(row, 1)
    }
    return [(t, entries.subs(T, t).doit().subs(x)) for t in range(1, len(sequence) + 1)]


def in_matrices(form: sympy.Expr, values: Matrices) -> sympy.Matrix:
    """A sum of products of parameters with a matrix for each."""
    return reduce(lambda a, b: a + b, (_product(term, values) for term in sympy.Add.make_args(sympy.expand(form))))


def _product(term: sympy.Expr, values: Matrices) -> sympy.Matrix:
    numbers, factors = term.args_cnc()
    powers = [factor.as_base_exp() for factor in factors]
    return sympy.Mul(*numbers) * reduce(mul, [values[base.name] for base, power in powers for _ in range(power)])


def two_units(network: Network) -> Statement | None:
    """The power of what the state is multiplied by, with two units in the state; None as of ``any_length``.

    ``formulas``: what it is, where it is no single parameter; its two eigenvalues; its power.
    """
    found = recurrence(network)
    if found is None:
        return None
    name = _name(found, network)
    entries = [sympy.Symbol(f"{name}[{i},{j}]", real=True) for i in range(2) for j in range(2)]
    stated = _of_two_units(power_statement(sympy.Matrix(2, 2, entries), n, name), found, network)
    if found.A.is_Symbol:
        return stated
    is_ = sympy.Eq(matrix(name), found.A)
    steps = (Step("What the equations multiply the state by at each step", is_), *stated.steps)
    return replace(stated, formulas=(is_, *stated.formulas), steps=steps)


def _of_two_units(stated: Statement, found: Recurrence, network: Network) -> Statement:
    """Said of two units alone: of more, the eigenvalues have no formula in the entries that could be read."""
    size, units = network.dimensions[found.state], f"two units in the state `{found.state}`"
    why = (
        f"{size} is 2 here: the eigenvalues are the roots of a polynomial of degree {size}; of a higher degree they "
        "have no short formula in the entries. The closed form for any number of steps holds for any number of units."
    )
    claim = f"With {units}, for every{stated.claim.removeprefix('For every')}"
    name = f"{stated.name} with two units"
    return replace(stated, name=name, claim=claim, conditions=(why, *stated.conditions))


def _name(found: Recurrence, network: Network) -> str:
    """What the state is multiplied by: the parameter, or a letter for what it is made of."""
    return str(found.A) if found.A.is_Symbol else letter("A", network).name

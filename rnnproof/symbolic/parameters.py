"""How many parameters a gated network has beside an Elman network, and which biases are one.

Reference: the documentation of torch.nn.LSTM and torch.nn.GRU, whose biases b_ih and b_hh are added in every gate
but the GRU's candidate.
"""

from __future__ import annotations

from itertools import combinations

import sympy

from rnnproof.catalogue import network as named
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.roles import elementwise, gates
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.symbolic.vectors import affine, column, column_of, entrywise, size, weight_of


def parameter_count(network: Network) -> Statement | None:
    """The number of a layer's parameters as so many times that of an Elman network, and the rest.

    None for a network without gates, or one that does not contain an Elman network's H H weights, as with a projection.
    """
    cell = network.cell
    if not gates(cell):
        return None
    elman = named("elman" if _biases(cell) else "elman:bias=false").cell
    ours, theirs = _count(cell), _count(elman)
    largest = sympy.Poly(theirs, *sorted(theirs.free_symbols, key=str)).LM().as_expr()
    times = sympy.Poly(ours, *sorted(ours.free_symbols, key=str)).coeff_monomial(largest)
    if times == 0:
        return None
    rest = sympy.expand(ours - times * theirs)
    N, E = sympy.symbols("N N_Elman", integer=True, positive=True)
    more = f" and `{rest}` more" if rest else ""
    result = sympy.Eq(N, times * E + rest, evaluate=False)
    return Statement(
        name="how many parameters",
        claim=f"A layer of `{network.name}` has {times} times the parameters of an Elman network of the same "
        f"size{more}.",
        formulas=(result,),
        steps=(
            Step(f"the parameters of `{network.name}`, counted from their shapes", sympy.Eq(N, ours, evaluate=False)),
            Step("those of an Elman network with the same `I` and H", sympy.Eq(E, theirs, evaluate=False)),
            Step("the largest number of times that the one contains the other, and what is left", result),
        ),
        conditions=("There are `I` inputs and H units in both, and summed biases are counted as one.",),
    )


def summed_biases(network: Network) -> Statement | None:
    """Two biases that are added are one: b_1 + b_2 = b, and dL/db_1 = dL/db_2 = dL/db; and which two are not.

    None for a network without biases.
    """
    cell = network.cell
    equations = [e for e in cell.equations if isinstance(e, Affine) and e.bias is not None]
    if not equations:
        return None
    steps, formulas = [], []
    for equation in equations:
        gradients, split = _split(cell, equation)
        steps.append(Step(f"the bias of `{equation.target}` written as a sum", split))
        steps += [Step("the derivative of that by each of the two", gradient) for gradient in gradients]
        formulas += gradients
    apart = [pair for pair in (_apart(cell, a, b) for a, b in combinations(equations, 2)) if pair is not None]
    steps += [step for pair in apart for step in pair]
    formulas += [pair[-1].formula for pair in apart]
    return Statement(
        name="two summed biases are one",
        claim=(
            f"In `{network.name}`, of two biases that are added in one equation only the sum matters, and the loss has "
            f"the same derivative by both{''.join(f'; {pair[-1].reason}' for pair in apart)}."
        ),
        formulas=tuple(formulas),
        steps=tuple(steps),
        conditions=("The derivatives are one step's share, as everywhere a weight is shared by all steps.",),
    )


def _split(cell: Cell, equation: Affine) -> tuple[list[sympy.Eq], sympy.Eq]:
    """dz^T z with b = b_1 + b_2, and its derivatives by b_1 and b_2."""
    bias = weight_of(cell, str(equation.bias))
    halves = [column(f"{equation.bias}_{k}", bias.shape[0]) for k in (1, 2)]
    right = affine(cell, equation).xreplace({bias: sympy.MatAdd(*halves)}).doit()
    dz = column(f"d{equation.target}", bias.shape[0])
    paired = sympy.Trace(dz.T * right)
    gradients = [
        sympy.Eq(column(f"d{half.name}", bias.shape[0]), paired.diff(half).doit(), evaluate=False) for half in halves
    ]
    return gradients, sympy.Eq(dz.T * column_of(cell, equation.target), dz.T * right, evaluate=False)


def _apart(cell: Cell, one: Affine, other: Affine) -> tuple[Step, ...] | None:
    """Two biases whose equations meet in one activation, but weighted differently: n = tanh(z_n + r s)."""
    for target, expression in elementwise(cell).items():
        if not {signal(one.target), signal(other.target)} <= expression.free_symbols:
            continue
        slopes = [expression.diff(signal(equation.target)) for equation in (one, other)]
        ratio = sympy.cancel(slopes[1] / slopes[0])
        rows = size(one.rows)
        related = sympy.Eq(
            column(f"d{other.bias}", rows),
            sympy.hadamard_product(entrywise(ratio, rows), column(f"d{one.bias}", rows)),
            evaluate=False,
        )
        words = f"{other.bias} is not added to {one.bias}: its derivative is `{ratio}` times that, in each unit"
        by = zip((one, other), slopes, strict=True)
        function = sympy.Function(target, real=True)(*sorted(expression.free_symbols, key=str))
        by_each = [(e, sympy.Derivative(function, signal(e.target)), slope) for e, slope in by]
        return (
            *(Step(f"the derivative of `{target}` by `{e.target}`", sympy.Eq(d, slope)) for e, d, slope in by_each),
            Step(words, related),
        )
    return None


def _biases(cell: Cell) -> bool:
    return any(isinstance(equation, Affine) and equation.bias for equation in cell.equations)


def _count(cell: Cell) -> sympy.Expr:
    return sympy.expand(sympy.Add(*(sympy.Mul(*map(size, shape)) for shape in cell.parameters.values())))

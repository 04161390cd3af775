"""Memory: the same input gives another output, because the state is another; without a state it never does."""

from __future__ import annotations

import sympy
from sympy.core.exprtools import factor_nc

from rnnproof.catalogue import lecture
from rnnproof.domains.algebra import as_exact
from rnnproof.errors import VerificationFailed
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network
from rnnproof.symbolic.any_length_numbers import Numbers, in_matrices, lecture_weights
from rnnproof.symbolic.directions import unroll_any
from rnnproof.symbolic.linear import Recurrence, at, distributed, letter, recurrence
from rnnproof.symbolic.reach import reach
from rnnproof.symbolic.statement import Statement, Step, quoted
from rnnproof.symbolic.witness import apart, conditions_of, lies, small

p, q = (sympy.Symbol(letter, integer=True, positive=True) for letter in "pq")  # two steps that read the same input


def same_input(network: Network) -> Statement | None:
    """By how much the outputs of two steps with the same input differ: of the states before them, and nothing else.

    ``formulas``: the difference for steps p and q with x_p = x_q, then for steps 1 and 2, by the initial state.
    None for a network that is not linear, as in ``recurrence``.
    """
    found = recurrence(network)
    if found is None:
        return None
    one, other = (_output(found, step) for step in (p, q))
    difference = distributed(one - other).subs(at(found.input, q), at(found.input, p))
    factored = _factored(difference, found, network)
    outputs = at(found.output, p) - at(found.output, q)
    gap = sympy.Eq(outputs, factored, evaluate=False)
    first = sympy.Eq(at(found.output, 2) - at(found.output, 1), _first_two(found, factored), evaluate=False)
    biases = " and the biases" if (found.c, found.e) != (0, 0) else ""
    return Statement(
        name="memory: the same input, another output",
        claim="Two steps that read the same input differ in their outputs by what their states before differ in, "
        "multiplied by the same matrix whatever the input is.",
        formulas=(gap, first),
        steps=(
            *(Step("One step, as the equations give it", equation) for equation in found.equations),
            Step("The output of step `p`, by the state before it", sympy.Eq(at(found.output, p), one)),
            Step("The output of step `q`, by the state before it", sympy.Eq(at(found.output, q), other)),
            Step(f"Subtract, with x_q = x_p: the inputs{biases} cancel", sympy.Eq(outputs, difference)),
            Step("Factor", gap),
            Step("Steps 2 and 1: put in the state after step 1", first),
        ),
        conditions=("The inputs of the two steps are equal.", "1 stands for the identity."),
    )


def _output(found: Recurrence, step: sympy.Expr | int) -> sympy.Expr:
    """y of a step, by the state before it and its input."""
    state = found.A * at(found.state, step - 1) + found.B * at(found.input, step) + found.c
    return distributed(found.C * state + found.e)


def _factored(difference: sympy.Expr, found: Recurrence, network: Network) -> sympy.Expr:
    """The difference as a matrix times the difference of the states.

    Errors: VerificationFailed where that, multiplied out, is not the difference.
    """
    states = (at(found.state, p - 1), at(found.state, q - 1))
    names = tuple(letter(name, network) for name in "pq")
    product = factor_nc(difference.subs(dict(zip(states, names, strict=True))))
    factored = product.subs(dict(zip(names, states, strict=True)))
    if distributed(factored) != difference:
        raise VerificationFailed(f"memory: {factored} multiplied out is not {difference}")
    return factored


def _first_two(found: Recurrence, factored: sympy.Expr) -> sympy.Expr:
    """The difference of the first two outputs, of one input twice, by the initial state."""
    after = found.A * at(found.state, 0) + found.B * at(found.input, 1) + found.c
    return factored.subs({p: 2, q: 1}).subs(at(found.state, 1), after)


def lecture_same_input(network: Network) -> Statement | None:
    """Steps 1 and 2 of the lecture's example, in numbers; None for any other network, or where the inputs differ."""
    found, law = recurrence(network), same_input(network)
    if network.name != lecture.NETWORK or found is None or law is None or len(set(lecture.SEQUENCE[:2])) > 1:
        return None
    weights = lecture_weights(network)
    numbers = Numbers.of(found, weights)
    x = sympy.Matrix([as_exact(value) for value in lecture.SEQUENCE[0]])
    states = [sympy.zeros(numbers.A.rows, 1)]
    for _ in range(2):
        states.append(numbers.A * states[-1] + numbers.B * x + numbers.c)
    outputs = [numbers.C * state + numbers.e for state in states[1:]]
    by_states = in_matrices(sympy.Mul(*law.formulas[0].rhs.args[:-1]), weights) * (states[1] - states[0])
    if by_states != outputs[1] - outputs[0]:
        raise VerificationFailed(f"memory: {by_states} is not {outputs[1] - outputs[0]}")
    return _in_numbers(found, law, states, outputs)


def _in_numbers(
    found: Recurrence, law: Statement, states: list[sympy.Matrix], outputs: list[sympy.Matrix]
) -> Statement:
    def equal(name: str, step: int, value: sympy.Matrix) -> sympy.Basic:
        return sympy.Eq(at(name, step), value.as_immutable(), evaluate=False)

    gap = at(found.output, 2) - at(found.output, 1)
    difference = sympy.Eq(gap, (outputs[1] - outputs[0]).as_immutable(), evaluate=False)
    shown = tuple(equal(found.output, step, outputs[step - 1]) for step in (1, 2))
    return Statement(
        name="memory: the lecture's example",
        claim=f"Steps 1 and 2 of the lecture's example read the same input and put out different numbers, because the "
        f"state `{found.state}` is another before step 2 than before step 1.",
        formulas=(*shown, difference),
        steps=(
            Step("Two steps with the same input differ by their states before", law.formulas[0]),
            Step(f"The state `{found.state}` before step 1", equal(found.state, 0, states[0])),
            Step(f"The state `{found.state}` before step 2", equal(found.state, 1, states[1])),
            *(Step(f"The output of step {step}", formula) for step, formula in enumerate(shown, 1)),
            Step("Their difference is that of the states, multiplied by the matrix above", difference),
        ),
        conditions=(f"Every weight is {lecture.WEIGHT}, and the memory starts at 0.",),
    )


def same_input_witness(network: Network) -> Statement | None:
    """Exact numbers with which two steps that read the same input put out different numbers.

    None for a linear network, of which ``same_input`` says all, and where no such numbers are found: without memory
    there are none.
    """
    if recurrence(network) is not None:
        return None
    program = unroll_any(network, small(network, 2))
    outputs = program.results["outputs"]
    half = len(outputs) // 2
    x = network.cell.input
    found = apart(program, program, zip(outputs[:half], outputs[half:], strict=True), {f"{x}[2][0]": f"{x}[1][0]"})
    if found is None:
        return None
    read = sorted({name for reading in network.readings for name in _read(reading.cell)})
    apart_by = "that differ" if found.exact else "in intervals that do not meet"
    return Statement(
        name="memory: the same input, another output: a witness",
        claim=f"Steps 1 and 2 read the same input, and put out numbers {apart_by}: the output is made from "
        f"{quoted(read)} too.",
        formulas=(found.formula,),
        steps=(
            Step("What the output of a step is made from besides its input", sympy.FiniteSet(*map(sympy.Symbol, read))),
            Step("Exact parameters and initial states, and the same input at both steps", found.point),
            Step(f"The output of step 1 {lies(found.one)}", found.one),
            Step(f"The output of step 2 {lies(found.other)}", found.other),
            Step("The two differ" if found.exact else "The two do not meet", found.apart),
        ),
        conditions=conditions_of(found, network),
    )


def _read(cell: Cell) -> frozenset[str]:
    """The states that the output of a step is made from."""
    found = reach(cell)
    return found.output - {found.input}

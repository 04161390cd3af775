"""That the order of the inputs matters to a network that is not linear: exact numbers, and bounds that do not meet."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.model.equation import signal
from rnnproof.model.network import Network
from rnnproof.symbolic.directions import unroll_any
from rnnproof.symbolic.linear import recurrence
from rnnproof.symbolic.order import reordered
from rnnproof.symbolic.program import Program
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.symbolic.witness import Apart, apart, conditions_of, lies, small


def order_witness(network: Network) -> Statement | None:
    """Exact numbers with which exchanging two inputs that are not the last one read changes the output read last.

    None for a linear network, of which ``order_matters`` says all; and where the order is found to change nothing.
    """
    if recurrence(network) is not None:
        return None
    backward = network.direction == "backward"
    order = (1, 3, 2) if backward else (2, 1, 3)
    program = unroll_any(network, small(network, len(order)))
    last = _last(program, len(order), backward)
    exchanged = reordered(program, order, network.cell.input)
    found = apart(program, exchanged, [(name, name) for name in last], {})
    return None if found is None else _stated(network, _told_apart(found), "2 and 3" if backward else "1 and 2")


def _told_apart(found: Apart) -> Apart:
    """The output of the exchanged inputs by a name of its own."""
    name, bracket, place = found.name.partition("[")
    other = signal(f"{name}_exchanged{bracket}{place}")
    return replace(found, other=found.other.xreplace({signal(found.name): other}))


def _last(program: Program, steps: int, backward: bool) -> tuple[str, ...]:
    """The output at which the reading ends."""
    outputs = program.results["outputs"]
    width = len(outputs) // steps
    return outputs[:width] if backward else outputs[-width:]


def _stated(network: Network, found: Apart, steps: str) -> Statement:
    return Statement(
        name="the order of the inputs matters: a witness",
        claim=f"Exchanging the inputs of steps {steps} changes the output `{found.name}`: with these numbers it and "
        f"that of the exchanged inputs {'differ' if found.exact else 'lie in intervals that do not meet'}.",
        formulas=(found.formula,),
        steps=(
            Step("Exact parameters, inputs and initial states, one unit in a layer", found.point),
            Step(f"With the inputs in this order, the output {lies(found.one)}", found.one),
            Step(f"With the inputs of steps {steps} exchanged, it {lies(found.other)}", found.other),
            Step("The two differ" if found.exact else "The two do not meet", found.apart),
        ),
        conditions=conditions_of(found, network),
    )

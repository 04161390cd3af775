"""Checks of stacks and of both directions: the whole network against its layers, run one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.ball import precisely
from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.layers import renamed
from rnnproof.model.network import Network
from rnnproof.reference.forward import forward
from rnnproof.reference.implementation import Reference
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks.accounts import Account, demand, measured, what
from rnnproof.usecases.derive.checks.drawn import case, cases
from rnnproof.usecases.derive.checks.enclosed import balls, column, equal, parameters, run, value, whole
from rnnproof.usecases.derive.checks.measure import Measured, ratio
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject


def composed(subject: Subject, statement: Statement) -> Account:
    """The network's outputs against those of its parts, run one by one and put together."""
    network, part = subject.network, subject.layer.network
    parts = []
    for drawn in cases(network):
        outputs = _levels(subject, drawn, part)
        ball = Point(drawn).result_balls["outputs"]
        with precisely():
            got = Point(drawn).results["outputs"]
            parts.append(Measured({"outputs": ratio(got, balls(outputs), ball)}, drawn.sizes.B))
    who = witness_of(network).name
    return measured(what(subject, statement), who, "the whole against its parts, run one by one", parts)


def directions(subject: Subject, statement: Statement) -> Account:
    """Each formula at every step, in balls, of a run of the cell that reads from the end; then the whole network."""
    at_every_step(subject, statement, statement.formulas)
    return composed(subject, statement)


def at_every_step(subject: Subject, statement: Statement, formulas: Iterable[sympy.Eq]) -> None:
    """Equations over time, in a run of one unit. Errors: VerificationFailed for one that does not hold."""
    one = of_one_unit(next(iter(cases(subject.network, rows=1, units=1))))
    with precisely():
        env = dict(_over_time(subject, one))
        for t in range(1, one.sizes.T + 1):
            for formula in formulas:
                at = {**env, "t": t, "T": one.sizes.T}
                same = equal(value(formula.lhs, at), value(formula.rhs, at))
                demand(same, what(subject, statement), f"{formula} does not hold at t = {t}")


def of_one_unit(drawn: Case) -> Case:
    """A case of the same network, every size 1: then a product with a weight is one of numbers."""
    return case(drawn.network, replace(drawn.sizes, B=1, I=1, H=1, O=1, P=1), 0)


def _over_time(subject: Subject, one: Case) -> Iterator[tuple[str, Any]]:
    """Every signal of the first level as a function of the step, by name; flipped, as one of the step from the end."""
    last = one.sizes.T
    yield from parameters(one).items()
    for name, merge in MERGED.items():
        yield f"{name}()", merge
    yield "flipped x()", lambda t: column(one.x[last - whole(t), 0])
    yield "x()", lambda t: column(one.x[whole(t) - 1, 0])
    parts = []
    for reading in subject.network.levels[0]:
        cell = reading.cell
        steps = dict(run(cell, one, 0, reading.backward))
        begun = {name: column(one.state[name][0]) for name in cell.state_names}
        over = {equation.target: equation.target for equation in cell.equations} | dict(cell.states)
        for name, signal in over.items():
            yield f"{name}()", partial(_signal, steps, signal, begun.get(name), False)
            if reading.backward:
                yield f"flipped {name}()", partial(_signal, steps, signal, begun.get(name), True)
        parts.append(steps)
    ahead, back = (reading.cell.output for reading in subject.network.levels[0])
    merge = MERGED[subject.network.merge]
    yield "y()", lambda t: merge(parts[0][whole(t) - 1][ahead], parts[1][whole(t) - 1][back])


def _signal(steps: Mapping[int, Any], name: str, begun: Any, flipped: bool, t: Any) -> Any:
    """A signal of step t, flipped one of the step from the end; where no step is, what the state began with."""
    step = len(steps) + 1 - whole(t) if flipped else whole(t)
    return steps[step - 1][name] if 0 < step <= len(steps) else begun


def stacked(subject: Subject, statement: Statement) -> Account:
    """Each layer's equations in a run of the whole, in balls; then the whole against its layers, in their order."""
    *equations, whole_run = statement.formulas
    of_the_layers(subject, statement, equations)
    told = [type(call).__name__ for call in _nested(whole_run.rhs)]
    right = [f"layer {layer}" for layer in reversed(range(subject.network.layers))]
    demand(told == right, what(subject, statement), f"{whole_run} is not the order in which layers are run")
    return composed(subject, statement)


def of_the_layers(subject: Subject, statement: Statement, equations: Iterable[sympy.Eq]) -> None:
    """Equations of one unit, in a run of the whole. Errors: VerificationFailed for one that does not hold."""
    one = of_one_unit(next(iter(cases(subject.network, rows=1))))
    with precisely():
        for _, env in run(subject.cell, one, 0, subject.network.direction == "backward"):
            for formula in equations:
                same = equal(value(formula.rhs, env), env[formula.lhs.name])
                demand(same, what(subject, statement), f"{formula} does not hold")


def _nested(call: sympy.Basic) -> Iterator[sympy.Basic]:
    """f(g(x)): f, then g."""
    while isinstance(call, sympy.core.function.AppliedUndef):
        yield call
        (call,) = call.args


MERGED: Mapping[str, Callable[[Any, Any], Any]] = {
    "concat": lambda a, b: np.concatenate([a, b], -1),
    "sum": lambda a, b: a + b,
    "mean": lambda a, b: (a + b) / 2,
    "product": lambda a, b: a * b,
}


def _levels(subject: Subject, case: Case, part: Network) -> Any:
    """The outputs, layer by layer; the readout, where there is one, on top."""
    network, x = subject.network, case.x
    ways = ("forward", "backward") if network.direction == "bidirectional" else (network.direction,)
    for layer in range(network.layers):
        prefixes = [f"{layer}.{way}." if network.layers > 1 or len(ways) > 1 else "" for way in ways]
        read = [_one(case, part, prefix, x, way) for prefix, way in zip(prefixes, ways, strict=True)]
        x = read[0] if len(read) == 1 else MERGED[network.merge](*read)
    return x if network.readout is None else _read(network, case, x)


def _one(case: Case, part: Network, prefix: str, x: Any, way: str) -> Any:
    target = witness_of(part).target
    given = {name.removeprefix(prefix): value for name, value in case.parameters.items() if name.startswith(prefix)}
    state = {name.removeprefix(prefix): value for name, value in case.state.items() if name.startswith(prefix)}
    seen = x[::-1] if way == "backward" else x
    own = {name: given[name] for name in part.parameters}
    if target is None:
        outputs: Any = Reference().build(part, own, "float64").run(seen, state).outputs
    else:
        outputs, _ = target.run(own, seen, state)
    return outputs[::-1] if way == "backward" else outputs


def _read(network: Network, case: Case, x: Any) -> Any:
    """The readout's equations in floats."""
    assert network.readout is not None
    put = {network.cell.output: network.cell.input}
    equations = tuple(renamed(equation, put) for equation in network.readout.equations)
    cell = Cell("readout", equations, (), network.readout.output, network.cell.input)
    return forward(cell, {name: case.parameters[name] for name in cell.parameters}, x, {}).outputs

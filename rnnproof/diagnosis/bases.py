"""What a backward pass may have been written for: the forward pass as it is, the specification's, another's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rnnproof.diagnosis.budget import ALONE, BACKWARD, Budget
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.relatives import OPERATOR as NETWORK
from rnnproof.diagnosis.vocabulary import of_forward
from rnnproof.faults.fault import Fault
from rnnproof.faults.wrapped import Conduct, as_they_are, right
from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, signal
from rnnproof.model.network import Network
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.flatten import flatten
from rnnproof.reference.wiring import places


def of_every_reading(base: Hypothesis) -> list[Hypothesis]:
    """A hypothesis of which no cell is changed, to be changed at any reading."""
    if base.cell is not None or base.pulled is not None:
        return [base]
    return [replace(base, at=at) for at, _ in places(base.network)]


def unchanged(base: Hypothesis) -> Iterator[Hypothesis]:
    """The specification's backward pass beside a changed forward pass: on values of its own, or on those stored."""
    if base.cell is None:
        return
    base = _apart(base)
    own, words = adjoint(base.specified), "the backward pass is still that of the specification"
    told = Fault("not changed with the forward pass", words, adjoint=own, at=base.at)
    told = replace(told, others=tuple(_kept(base.network, one) for one in base.others))
    yield replace(base, cell=_with_signals(base.computed, own.cell)).with_fault(told)
    if (stored := _stored(base.computed, own.cell)) is not None:
        taken, meant = stored
        text = f"{words}, on the stored {taken} in place of {meant}"
        kept = replace(
            flatten(base.computed), equations=(*flatten(base.computed).equations, Elementwise(meant, signal(taken)))
        )
        yield replace(base, cell=kept).with_fault(replace(told, text=text))


def _kept(network: Network, other: Fault) -> Fault:
    """The same of another reading."""
    own = adjoint(dict(places(network))[other.at].cell)
    assert other.cell is not None
    return replace(other, cell=_with_signals(other.cell, own.cell), adjoint=own)


def _apart(base: Hypothesis) -> Hypothesis:
    """Where the cell is another network's, what it computes on the way under names that the specification has not.

    Gates, states and outputs keep their names: they are what a backward pass finds stored.
    """
    cell = base.computed
    if not any(fault.operator == NETWORK for fault in base.faults):
        return base
    own = {equation.target: equation for equation in base.specified.equations}
    gates = {e.target for e in cell.equations if isinstance(e, Elementwise) and isinstance(e.expression, Activation)}
    kept = {cell.output, *(stored for _, stored in cell.states), *gates}
    other = {e.target for e in cell.equations if e.target in own and own[e.target] != e} - kept
    return replace(base, cell=_renamed(cell, {name: f"{name} of {base.faults[-1].text}" for name in other}))


def _renamed(cell: Cell, names: Mapping[str, str]) -> Cell:
    """The cell with other names for some of its signals."""
    symbols = {signal(name): signal(other) for name, other in names.items()}
    made: list[Equation] = []
    for e in cell.equations:
        e = replace(e, target=names.get(e.target, e.target))
        if isinstance(e, Affine):
            e = replace(e, terms=tuple((weight, names.get(name, name)) for weight, name in e.terms))
        elif isinstance(e, Elementwise):
            e = replace(e, expression=e.expression.xreplace(symbols))
        made.append(e)
    return replace(cell, equations=tuple(made))


def _stored(changed: Cell, specified: Cell) -> tuple[str, str] | None:
    """tanh(c) and tanh(c'): the one activation that a changed equation has in place of another, which it stores."""
    has, meant = (
        {e.target for e in cell.equations if isinstance(e, Elementwise) and e.target == str(e.expression)}
        for cell in (flatten(changed), specified)
    )
    return ((has - meant).pop(), (meant - has).pop()) if len(has - meant) == len(meant - has) == 1 else None


def as_read(base: Hypothesis) -> Iterator[Hypothesis]:
    """Beside parameters that are read in another arrangement, gradients that are given back in that arrangement."""
    for conduct in base.conducts:
        if conduct.give is not as_they_are:
            words = "the parameters' gradients are given back as they were read"
            again = Conduct("sequence", right, give=conduct.read)
            yield base.with_fault(Fault("not changed with the forward pass", words, conduct=again))


def _with_signals(changed: Cell, specified: Cell) -> Cell:
    """The changed cell, and what else the specification's backward pass reads; nothing in the cell uses it."""
    flat = flatten(changed)
    known = {flat.input, *flat.state_names, *flat.vectors, *(equation.target for equation in flat.equations)}
    more: list[Equation] = []
    for equation in specified.equations:
        if equation.target not in known and {*equation.uses} <= known:
            more.append(equation)
            known.add(equation.target)
    return replace(flat, equations=(*flat.equations, *more))


def of_another_pass(base: Hypothesis, budget: Budget) -> Iterator[Hypothesis]:
    """The backward pass of another forward pass, beside this one."""
    for fault in budget.while_left(of_forward(base.network), BACKWARD, ALONE):
        if fault.cell is not None and fault.at == base.at and fault.operator in ANOTHER:
            words = f"the backward pass is that of another forward pass, in which {fault.text}"
            kept = replace(base, cell=_with_signals(base.computed, flatten(fault.cell)))
            yield kept.with_fault(Fault("another backward pass", words, adjoint=adjoint(fault.cell), at=base.at))


# Of which changes of the forward pass a backward pass may have been written for.
ANOTHER = ("gate order", "activation replaced", "activation missing", "complement", "bias moved")

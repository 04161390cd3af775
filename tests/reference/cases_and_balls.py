"""What the tests of the reference share: drawn cases, runs in any format, and which results leave their balls."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from rnnproof.cells.named import plain_target
from rnnproof.domains.bounded import Bounded, exact
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Case, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import draws, fill, with_own_weights
from rnnproof.strategies.regimes import ORDINARY

NETWORKS = (
    "lstm",
    "lstm:bias=false",
    "elman",
    "elman:activation=relu",
    "elman:activation=sigmoid,readout=identity",
    "elman:activation=identity,readout=tanh",
    "elman:readout=sigmoid",
    "elman:readout=softmax",
    "elman:activation=relu,readout=sigmoid,bias=false",
    "elman:activation=identity,readout=identity,bias=false",
)

# Networks, and options of the LSTM, that need no hand-written cell here.
OTHERS = (
    "jordan",
    "jordan:activation=relu,readout=sigmoid,bias=false",
    "lecture_lstm",
    "lecture_lstm:g=identity,h=identity",
    "lstm:coupled=input,projection=P",
    "lstm:coupled=forget,clip=1/2",
    "lstm:forget_offset=-1/3,recurrent=hard_sigmoid,slope=1/6",
    "lstm:recurrent=hard_sigmoid,clip=1/10,clip_place=gates",
    "peephole",
    "peephole:coupled=input",
    "gru",
    "gru:reset=before",
    "mgu",
    "mingru",
    "minlstm",
)


def of_cell(cell: Cell) -> Network:
    return Network(cell.name, cell)


def cases(network: Network, dtype: str = "float64", regimes=ORDINARY, **fixed) -> st.SearchStrategy[Case]:
    """Cases as the laws are given them; a size may be fixed: T=(1, 2)."""
    return draws(regimes, dtype, fixed).map(lambda draw: fill(network, draw, dtype))


def full_precision(case: Case, seed: int) -> Case:
    """The case with weights that use every bit of the format: products are no longer exact."""
    rng = np.random.default_rng(seed)
    return with_own_weights(case, {name: p * rng.uniform(0.9, 1.1, p.shape) for name, p in case.parameters.items()})


def written(name: str):
    """The hand-written cells of a network by its text."""
    head, _, options = name.partition(":")
    return plain_target(head, **dict(option.split("=") for option in options.split(",") if option))


def cast(arrays, dtype):
    return {name: value.astype(dtype) for name, value in arrays.items()}


def reference(case: Case) -> Trace:
    """The reference's run in the case's format, with gradients."""
    d = Cotangents(case.cotangents.outputs.astype(case.dtype), cast(case.cotangents.state, case.dtype))
    subject = Reference().build(case.network, case.parameters, case.dtype)
    return subject.run(case.x.astype(case.dtype), cast(case.state, case.dtype), None, d)


def tape_of(case: Case) -> rounding.BoundedTape:
    state = {name: exact(value) for name, value in case.state.items()}
    return rounding.forward(case.network.step, case.parameters, case.x, state, FORMATS[case.dtype])


def balls_of(case: Case, cotangents: Cotangents | None = None) -> dict[str, Bounded]:
    """Every result of a run, and every gradient, in balls."""
    tape = tape_of(case)
    gradients = rounding.backward(adjoint(case.network.step), tape, cotangents or case.cotangents)
    found = {"outputs": tape.outputs, **{f"final {name}": ball for name, ball in tape.final.items()}}
    return found | gradients_named(gradients)


def gradients_named(gradients: Gradients | rounding.BoundedGradients) -> dict:
    named = {f"d{name}": value for name, value in gradients.parameters.items()}
    return named | {"dx": gradients.x} | {f"d{name} initial": value for name, value in gradients.state.items()}


def results_of(trace: Trace) -> dict:
    found = {"outputs": trace.outputs, **{f"final {name}": value for name, value in trace.final.items()}}
    return found | gradients_named(trace.gradients)


def leaving(results: dict, balls: dict[str, Bounded]) -> list[str]:
    """The results of which an entry is not in its ball, or which have another shape or name than expected."""
    assert results.keys() <= balls.keys()
    return [
        name
        for name, got in results.items()
        if got.shape != balls[name].value.shape
        or not np.all(np.abs(got.astype(np.float64) - balls[name].value) <= balls[name].radius)
    ]

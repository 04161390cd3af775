"""An edited edge acts as it says: against a backward pass of the tanh Elman network written out by hand."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy
from cases_and_balls import full_precision, gradients_named
from hypothesis import given, settings

from rnnproof.catalogue import network
from rnnproof.model.activation import tanh
from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal, signals
from rnnproof.reference.adjoint import BATCH, ONE, STEP, STEPS, Adjoint, adjoint, by_source
from rnnproof.reference.backward import backward
from rnnproof.reference.forward import forward
from rnnproof.strategies.cases import Draw, fill

ELMAN = network("elman")
ZERO = sympy.Integer(0)


@dataclass(frozen=True)
class Changes:
    """What a backward pass by hand does otherwise: factors, by step where they are functions of t."""

    seed_outputs: object = 1
    seed_final: object = 1
    carry: object = 1
    slope: object = None
    product_h: object = 1
    transposed: bool = True
    product_x: object = 1
    outer_x: object = 1
    outer_h: object = 1
    late: bool = False
    total: object = 1
    result_x: object = 1
    result_h: object = 1

    def at(self, name, t):
        factor = getattr(self, name)
        return factor(t) if callable(factor) else factor


def by_hand(case: Case, changes: Changes = Changes()) -> dict:
    """h_t = tanh(W x_t + U h_{t-1} + b), backwards, step by step."""
    W, U, b = (case.parameters[name] for name in ("W_h", "U_h", "b_h"))
    h = [case.state["h"]]
    for x_t in case.x:
        h.append(np.tanh(x_t @ W.T + h[-1] @ U.T + b))
    dW, dU, db, dx = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b), np.zeros_like(case.x)
    steps = len(case.x)
    dh = case.cotangents.state["h"] * changes.at("seed_final", steps - 1)
    for t in reversed(range(steps)):
        if t < steps - 1:
            dh = dh * changes.at("carry", t)
        dh = dh + case.cotangents.outputs[t] * changes.at("seed_outputs", t)
        dz = dh * (1 - h[t + 1] ** 2) if changes.slope is None else dh * changes.slope(h[t + 1])
        dW += dz.T @ case.x[t] * changes.at("outer_x", t)
        dU += dz.T @ (h[t + 1] if changes.late else h[t]) * changes.at("outer_h", t)
        db += dz.sum(axis=0) * changes.at("total", t)
        dx[t] = dz @ W * changes.at("product_x", t) * changes.at("result_x", t)
        dh = dz @ (U if changes.transposed else U.T) * changes.at("product_h", t)
    return {"dW_h": dW, "dU_h": dU, "db_h": db, "dx": dx, "dh initial": dh * changes.at("result_h", 0)}


def edited(pulled: Adjoint, edge_id: str, **changes) -> Adjoint:
    assert [edge.id for edge in pulled.edges].count(edge_id) == 1
    edges = (replace(edge, **changes) if edge.id == edge_id else edge for edge in pulled.edges)
    return replace(pulled, edges=tuple(edges))


def executed(case: Case, pulled: Adjoint) -> dict:
    tape = forward(case.network.step, case.parameters, case.x, case.state)
    return gradients_named(backward(pulled, tape, case.cotangents))


FIRST = sympy.Piecewise((1, sympy.Eq(STEP, 0)), (0, True))
CUT = sympy.Piecewise((0, sympy.Eq((STEP + 1) % 2, 0)), (1, True))
EDITS = {
    "nothing": ("carry h", {}, Changes()),
    "the carry dropped": ("carry h", {"gain": ZERO}, Changes(carry=0)),
    "the carry cut after every two steps": ("carry h", {"gain": CUT}, Changes(carry=lambda t: (t + 1) % 2 != 0)),
    "the cotangent of the outputs doubled": ("outputs", {"gain": 2 * ONE}, Changes(seed_outputs=2)),
    "that of the final state with the wrong sign": ("final h", {"gain": -ONE}, Changes(seed_final=-1)),
    "no factor": ("h'<-z_h", {"factor": ONE}, Changes(slope=np.ones_like)),
    "another factor": ("h'<-z_h", {"factor": 1 - signal("h'")}, Changes(slope=lambda h: 1 - h)),
    "half a factor": ("h'<-z_h", {"gain": ONE / 2}, Changes(slope=lambda h: (1 - h**2) / 2)),
    "the factor at the activation's value": (
        "h'<-z_h",
        {"factor": 1 - tanh(signal("h'")) ** 2},
        Changes(slope=lambda h: 1 - np.tanh(h) ** 2),
    ),
    "a weight not transposed": ("z_h<-h by U_h", {"transposed": False}, Changes(transposed=False)),
    "that, and doubled": (
        "z_h<-h by U_h",
        {"transposed": False, "gain": 2 * ONE},
        Changes(transposed=False, product_h=2),
    ),
    "a product dropped": ("z_h<-h by U_h", {"gain": ZERO}, Changes(product_h=0)),
    "the product for x weighted by step": ("z_h<-x by W_h", {"gain": STEP + 1}, Changes(product_x=lambda t: t + 1)),
    "a weight's gradient of the first step alone": ("dW_h from z_h", {"gain": FIRST}, Changes(outer_x=lambda t: t == 0)),
    "a weight's gradient a mean over time": ("dU_h from z_h", {"gain": 1 / STEPS}, Changes(outer_h=1 / 4)),
    "a weight's gradient with the state after the step": ("dU_h from z_h", {"signal": "h'"}, Changes(late=True)),
    "a bias's gradient a mean over the batch": ("db_h from z_h", {"gain": 1 / BATCH}, Changes(total=1 / 2)),
    "dx with the wrong sign": ("dx", {"gain": -ONE}, Changes(result_x=-1)),
    "dx zero": ("dx", {"gain": ZERO}, Changes(result_x=0)),
    "dh doubled": ("dh", {"gain": 2 * ONE}, Changes(result_h=2)),
}
DRAW = Draw(T=4, B=2, I=3, H=5, O=1, P=1, seed=3, regime="vanishing", q=6)


def alike(first: dict, second: dict) -> list[str]:
    """The names at which two float64 computations of one short formula differ by more than 2^-40 of the largest entry."""
    assert first.keys() == second.keys()
    scale = {name: np.abs(value).max() for name, value in first.items()}
    return [n for n in first if np.all(np.abs(first[n] - second[n]) <= 2.0**-40 * scale[n])]


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_acts_as_it_says_and_on_nothing_else(name):
    """The changes are of the order of 1; what rounds is of the order of 2^-50."""
    edge_id, change, changes = EDITS[name]
    case = fill(ELMAN, DRAW, "float64")
    expected, right = by_hand(case, changes), by_hand(case)
    found = executed(case, edited(adjoint(ELMAN.step), edge_id, **change))
    assert alike(expected, found) == list(expected)
    assert (alike(right, found) == list(right)) == (name == "nothing")


@pytest.mark.parametrize("steps", [0, 1])
@pytest.mark.parametrize("edge_id", ["dx", "dh", "carry h", "outputs"])
def test_an_edit_runs_on_the_shortest_sequences_too(edge_id, steps):
    from rnnproof.model.case import first_steps

    case = first_steps(fill(ELMAN, DRAW, "float64"), steps)
    found = executed(case, edited(adjoint(ELMAN.step), edge_id, gain=2 * ONE))
    right = executed(case, adjoint(ELMAN.step))
    doubled = {"dx": ["dx"], "dh": ["dh initial"], "carry h": [], "outputs": [*right] if steps else []}
    for name, value in right.items():
        if name in doubled[edge_id] and edge_id != "outputs":
            assert np.array_equal(found[name], 2 * value)
        elif edge_id != "outputs":
            assert np.array_equal(found[name], value)


def test_the_edges_of_a_cell_are_one_for_each_use():
    z, p, q, h = signals("z p q h")
    cell = Cell(
        "peephole",
        (
            Affine("z", (("W", "x"), ("U", "h"), ("U", "s")), "b"),
            Elementwise("h'", z * p + p * h - tanh(z) * q / 2),
        ),
        (("h", "h'"), ("s", "h")),
        "h'",
        vectors=("p", "q"),
    )
    edges = {edge.id: edge for edge in adjoint(cell).edges}
    assert list(edges) == [
        "outputs",
        "final h",
        "final s",
        "carry h",
        "carry s",
        "h'<-h in h*p",
        "dp from h' in h*p",
        "dp from h' in p*z",
        "dq from h' in -q*tanh(z)/2",
        "h'<-tanh(z) in -q*tanh(z)/2",
        "h'<-z in p*z",
        "tanh(z)<-z",
        "z<-x by W",
        "dW from z",
        "z<-h by U, use 1",
        "dU from z, use 1",
        "z<-s by U, use 2",
        "dU from z, use 2",
        "db from z",
        "dx",
        "dh",
        "ds",
    ]
    assert edges["h'<-tanh(z) in -q*tanh(z)/2"].factor == -q / 2
    assert edges["dq from h' in -q*tanh(z)/2"].factor == -signal("tanh(z)") / 2
    assert edges["tanh(z)<-z"].factor == 1 - signal("tanh(z)") ** 2
    assert [edge.id for edge in by_source(adjoint(cell))["tanh(z)"]] == ["tanh(z)<-z"]
    assert adjoint(cell) is adjoint(cell)


@settings(max_examples=10, deadline=None)
@given(__import__("hypothesis").strategies.integers(0, 1000))
def test_the_unedited_adjoint_is_the_hand_written_one_in_full_precision(seed):
    case = full_precision(fill(ELMAN, replace(DRAW, seed=seed), "float64"), seed)
    expected = by_hand(case)
    assert alike(expected, executed(case, adjoint(ELMAN.step))) == list(expected)

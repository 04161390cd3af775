"""An edited edge acts as it says: exactly, against a backward pass written out by hand over fractions."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from cases_and_balls import gradients_named, of_cell
from user_cells import leaky

from rnnproof.model.activation import tanh
from rnnproof.model.case import Case, Cotangents, first_steps
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal, signals
from rnnproof.model.network import Sizes
from rnnproof.reference.adjoint import BATCH, ONE, STEP, STEPS, Adjoint, adjoint, by_source
from rnnproof.reference.backward import backward
from rnnproof.reference.forward import forward

ZERO = sympy.Integer(0)
LEAKY = of_cell(leaky())


def integers() -> Case:
    """Small whole numbers, all different from their neighbours: every float on the way is exact."""
    rng = np.random.default_rng(0)
    sizes = Sizes(T=4, B=2, I=3, H=3)

    def array(*shape):
        return rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], shape)

    parameters = {name: array(*shape) for name, shape in LEAKY.shapes(sizes).items()}
    return Case(
        LEAKY, sizes, parameters, array(4, 2, 3), {"h": array(2, 3)}, Cotangents(array(4, 2, 3), {"h": array(2, 3)})
    )


@dataclass(frozen=True)
class Changes:
    """What a backward pass by hand does otherwise: factors, by step where they are functions of t."""

    seed_outputs: object = 1
    seed_final: object = 1
    carry: object = 1
    slope: object = None
    leak: object = 1
    product_h: object = 1
    transposed: bool = True
    product_x: object = 1
    outer_x: object = 1
    outer_h: object = 1
    late: bool = False
    total_b: object = 1
    total_p: object = 1
    result_x: object = 1
    result_h: object = 1

    def at(self, name, t):
        factor = getattr(self, name)
        return Fraction(factor(t) if callable(factor) else factor)


def exactly(array):
    return np.vectorize(Fraction, otypes=[object])(array)


def by_hand(case: Case, changes: Changes) -> dict:
    """z = W x + U h + b and h' = p z - h, backwards, step by step, over fractions."""
    W, U, b, p = (exactly(case.parameters[name]) for name in ("W", "U", "b", "p"))
    x, dy = exactly(case.x), exactly(case.cotangents.outputs)
    h, z = [exactly(case.state["h"])], []
    for x_t in x:
        z.append(x_t @ W.T + h[-1] @ U.T + b)
        h.append(p * z[-1] - h[-1])
    dW, dU, db, dp, dx = 0 * W, 0 * U, 0 * b, 0 * p, 0 * x
    steps = len(x)
    dh = exactly(case.cotangents.state["h"]) * changes.at("seed_final", steps - 1)
    for t in reversed(range(steps)):
        if t < steps - 1:
            dh = dh * changes.at("carry", t)
        dh = dh + dy[t] * changes.at("seed_outputs", t)
        dz = dh * (p if changes.slope is None else changes.slope(p, z[t], h[t + 1]))
        dp = dp + (dh * z[t]).sum(axis=0) * changes.at("total_p", t)
        dW = dW + dz.T @ x[t] * changes.at("outer_x", t)
        dU = dU + dz.T @ (h[t + 1] if changes.late else h[t]) * changes.at("outer_h", t)
        db = db + dz.sum(axis=0) * changes.at("total_b", t)
        dx[t] = dz @ W * changes.at("product_x", t) * changes.at("result_x", t)
        dh = dz @ (U if changes.transposed else U.T) * changes.at("product_h", t) - dh * changes.at("leak", t)
    return {"dW": dW, "dU": dU, "db": db, "dp": dp, "dx": dx, "dh initial": dh * changes.at("result_h", 0)}


def edited(pulled: Adjoint, edge_id: str, **changes) -> Adjoint:
    assert [edge.id for edge in pulled.edges].count(edge_id) == 1
    edges = (replace(edge, **changes) if edge.id == edge_id else edge for edge in pulled.edges)
    return replace(pulled, edges=tuple(edges))


def executed(case: Case, pulled: Adjoint) -> dict:
    tape = forward(case.network.step, case.parameters, case.x, case.state)
    return gradients_named(backward(pulled, tape, case.cotangents))


def differing(first: dict, second: dict) -> list[str]:
    assert first.keys() == second.keys()
    return [name for name in first if not np.array_equal(exactly(first[name]), second[name])]


FIRST = sympy.Piecewise((1, sympy.Eq(STEP, 0)), (0, True))
CUT = sympy.Piecewise((0, sympy.Eq((STEP + 1) % 2, 0)), (1, True))
p, z, after = signals("p z h'")
EDITS = {
    "the carry dropped": ("carry h", {"gain": ZERO}, Changes(carry=0)),
    "the carry cut after every two steps": ("carry h", {"gain": CUT}, Changes(carry=lambda t: (t + 1) % 2)),
    "the cotangent of the outputs doubled": ("outputs", {"gain": 2 * ONE}, Changes(seed_outputs=2)),
    "that of the first step alone": ("outputs", {"gain": FIRST}, Changes(seed_outputs=lambda t: t == 0)),
    "that of the final state with the wrong sign": ("final h", {"gain": -ONE}, Changes(seed_final=-1)),
    "no factor": ("h'<-z in p*z", {"factor": ONE}, Changes(slope=lambda p, z, h: 1)),
    "another factor": ("h'<-z in p*z", {"factor": p * z - after}, Changes(slope=lambda p, z, h: p * z - h)),
    "half a factor": ("h'<-z in p*z", {"gain": ONE / 2}, Changes(slope=lambda p, z, h: p / 2)),
    "a factor by step": ("h'<-h in -h", {"gain": STEP}, Changes(leak=lambda t: t)),
    "a term dropped": ("h'<-h in -h", {"gain": ZERO}, Changes(leak=0)),
    "a weight not transposed": ("z<-h by U", {"transposed": False}, Changes(transposed=False)),
    "that, and doubled": (
        "z<-h by U",
        {"transposed": False, "gain": 2 * ONE},
        Changes(transposed=False, product_h=2),
    ),
    "a product dropped": ("z<-h by U", {"gain": ZERO}, Changes(product_h=0)),
    "the product for x by step": ("z<-x by W", {"gain": STEP + 1}, Changes(product_x=lambda t: t + 1)),
    "a weight's gradient of the first step alone": ("dW from z", {"gain": FIRST}, Changes(outer_x=lambda t: t == 0)),
    "a weight's gradient a mean over time": ("dU from z", {"gain": 1 / STEPS}, Changes(outer_h=Fraction(1, 4))),
    "a weight's gradient with the state after the step": ("dU from z", {"signal": "h'"}, Changes(late=True)),
    "a bias's gradient a mean over the batch": ("db from z", {"gain": 1 / BATCH}, Changes(total_b=Fraction(1, 2))),
    "a vector's gradient counted twice": ("dp from h' in p*z", {"gain": 2 * ONE}, Changes(total_p=2)),
    "dx with the wrong sign": ("dx", {"gain": -ONE}, Changes(result_x=-1)),
    "dx zero": ("dx", {"gain": ZERO}, Changes(result_x=0)),
    "dh doubled": ("dh", {"gain": 2 * ONE}, Changes(result_h=2)),
}


def test_the_unedited_adjoint_is_the_pass_by_hand():
    assert differing(executed(integers(), adjoint(LEAKY.step)), by_hand(integers(), Changes())) == []


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_acts_as_it_says_and_on_nothing_else(name):
    edge_id, change, changes = EDITS[name]
    found = executed(integers(), edited(adjoint(LEAKY.step), edge_id, **change))
    assert differing(found, by_hand(integers(), changes)) == []
    assert differing(found, by_hand(integers(), Changes())) != []


@pytest.mark.parametrize("steps", [0, 1])
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_acts_so_on_the_shortest_sequences_too(name, steps):
    edge_id, change, changes = EDITS[name]
    if "mean over time" in name:
        changes = replace(changes, outer_h=1)
    case = first_steps(integers(), steps)
    expected = by_hand(case, changes)
    if steps == 0:  # what is given for the final state is the initial state's, and reaches it through no step
        expected["dh initial"] = exactly(case.cotangents.state["h"]) * changes.at("result_h", 0)
    assert differing(executed(case, edited(adjoint(LEAKY.step), edge_id, **change)), expected) == []


def test_the_edges_of_a_cell_are_one_for_each_use():
    q, h = signals("q h")
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
    assert sorted(edges) == sorted(
        [
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
    )
    assert edges["h'<-tanh(z) in -q*tanh(z)/2"].factor == -q / 2
    assert edges["dq from h' in -q*tanh(z)/2"].factor == -signal("tanh(z)") / 2
    assert edges["tanh(z)<-z"].factor == 1 - signal("tanh(z)") ** 2
    assert [edge.id for edge in by_source(adjoint(cell))["tanh(z)"]] == ["tanh(z)<-z"]
    assert adjoint(cell) is adjoint(cell)

"""The gradients printed for the LSTM and the GRU, read back from the document, against autograd."""

from functools import cache

import numpy as np
import pytest
from gradient_formulas import compute, printed, tokens

from rnnproof.autodiff.gradients import gradients as autograd
from rnnproof.catalogue import network
from rnnproof.cells import plain_target
from rnnproof.domains.formats import FORMATS
from rnnproof.model.network import Sizes
from rnnproof.properties.bounds import Bounds
from rnnproof.usecases.derive import derive
from rnnproof.usecases.derive.checks.drawn import case

NAMES = ("lstm", "gru", "gru:reset=before", "peephole", "lecture_lstm", "elman")
SIZES = Sizes(T=1, B=1, I=2, H=3)
document = cache(derive)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(name, p, x, s):
    """The signals of one step, written here from the papers' equations, columns throughout."""
    z = {k: p[f"W_{k}"] @ x + p[f"U_{k}"] @ s["h"] + p[f"b_{k}"] for k in ("i", "f", "g", "o") if f"U_{k}" in p}
    if name == "lstm":
        i, f, g, o = sigmoid(z["i"]), sigmoid(z["f"]), np.tanh(z["g"]), sigmoid(z["o"])
        c = f * s["c"] + i * g
        return {"i": i, "f": f, "g": g, "o": o, "c'": c, "h'": o * np.tanh(c)}
    r, u = (sigmoid(p[f"W_{k}"] @ x + p[f"U_{k}"] @ s["h"] + p[f"b_{k}"]) for k in "rz")
    inner = p["U_n"] @ s["h"] + p["b_hn"]
    n = np.tanh(p["W_n"] @ x + p["b_n"] + r * inner)
    return {"r": r, "z": u, "n": n, "s": inner, "h'": (1 - u) * n + u * s["h"]}


def column(array):
    return array[0][:, None]


def by_the_document(name, rows, one):
    """What the printed formulas give for one step: everything that a backward pass returns."""
    p = {key: value if value.ndim == 2 else value[:, None] for key, value in one.parameters.items()}
    state = {key: column(value) for key, value in one.state.items()}
    x = column(one.x[0])
    d = {key: column(value) for key, value in one.cotangents.state.items()}
    brought = {"dh'": d["h"] + column(one.cotangents.outputs[0])}
    if "c" in d:
        brought["dc'_later"] = d["c"]
    return compute(rows, {**p, **state, **forward(name, p, x, state), **brought, "x": x})


def beyond(name, rows, seed):
    """What the printed formulas give that is farther from autograd's than both may be."""
    one = case(network(name), SIZES, seed)
    found = by_the_document(name, rows, one)
    given = {"outputs": one.cotangents.outputs, "state": dict(one.cotangents.state)}
    want = autograd(plain_target(name).forward, one.parameters, one.x, one.state, given)
    balls = Bounds(one).gradients(None)
    radius = {key: ball.radius for key, ball in {**balls.parameters, **balls.state}.items()} | {"x": balls.x.radius[0]}
    wanted = {**want["params"], **want["state"], "x": want["x"][0]}
    columns = {
        key: found[f"d{key}"].ravel() if wanted[key].ndim == 1 or len(wanted[key]) == 1 else found[f"d{key}"]
        for key in wanted
    }
    # Both are computed in floats from the same numbers: each is in the ball, so they are its diameter apart at most.
    return [key for key in wanted if not np.all(np.abs(columns[key] - wanted[key]) <= 2 * radius[key])]


@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.parametrize("seed", range(20))
def test_the_printed_gradients_are_autograd_s(name, seed):
    assert beyond(name, printed(document(name)), seed) == []


@pytest.mark.parametrize(("old", "new"), [(r"(1 - o)", r"(1 + o)"), (r"\odot g", r"\odot c"), (r"\odot c", r"\odot g")])
def test_a_changed_print_is_refused(old, new):
    rows = printed(document("lstm"))
    changed = [row.replace(old, new) for row in rows]
    assert changed != rows and beyond("lstm", changed, 0) != []


def test_a_lost_transpose_is_refused():
    with pytest.raises(ValueError, match="matmul"):
        beyond("lstm", [row.replace(r"^{\top}", "") for row in printed(document("lstm"))], 0)


@pytest.mark.parametrize("name", NAMES)
def test_every_printed_gradient_can_be_read(name):
    rows = printed(document(name))
    assert len(rows) > 5 and all(list(tokens(row)) for row in rows)


def test_the_parser_refuses_what_it_does_not_know():
    for row in (r"\mathrm{d}x = \frac{1}{2}", r"\mathrm{d}x = y", r"\mathrm{d}x = 1 )"):
        with pytest.raises((AssertionError, ValueError)):
            compute([row], {})


def test_the_bounds_are_of_float64():
    assert Bounds(case(network("lstm"), SIZES, 0)).form is FORMATS["float64"]

"""What a target that fails is said to behave as: another network under other names, or its own in another dialect."""

import numpy as np
import pytest

import rnnproof
from rnnproof.adapters.resolve import resolve
from rnnproof.conventions.clock import Clock
from rnnproof.dialects import Dialect, Stack
from rnnproof.usecases.fewer import rest_of
from rnnproof.usecases.instead import instead_of_rest

OTHER = "equals another network of the catalogue, {}, under other names"


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def over(step):
    """A cell's step as a target with states h and c."""

    def run(params, x, state):
        h, c, outputs = state["h"], state["c"], []
        for x_t in x:
            h, c = step(lambda g, x=x_t, h=h: x @ params[f"W_{g}"].T + h @ params[f"U_{g}"].T + params[f"b_{g}"], h, c)
            outputs.append(h)
        return np.stack(outputs), {"h": h, "c": c}

    return run


def lstm(z, h, c):
    c = sigmoid(z("f")) * c + sigmoid(z("i")) * np.tanh(z("g"))
    return sigmoid(z("o")) * np.tanh(c), c


def mgu(z, h, c):
    """The candidate's gate is f's: no reset apart from it, and c comes back as it was."""
    f = sigmoid(z("f"))
    return f * np.tanh(z("g")) + (1 - f) * h, c


def coupled(z, h, c):
    """What i lets in, f lets out."""
    i = sigmoid(z("i"))
    c = (1 - i) * c + i * np.tanh(z("g"))
    return sigmoid(z("o")) * np.tanh(c), c


def always_open(z, h, c):
    c = sigmoid(z("f")) * c + sigmoid(z("i")) * np.tanh(z("g"))
    return np.sin(c), c


def rest(run, name):
    target = resolve(run, name)
    return rest_of(target, target.implementation, Clock())


def gru(params, x, state):
    """A GRU under an LSTM's names: i resets, f keeps, g is the candidate."""
    h, outputs = state["h"], []
    for x_t in x:
        i, f, g = (x_t @ params[f"W_{gate}"].T + params[f"b_{gate}"] for gate in "ifg")
        back = [h @ params[f"U_{gate}"].T for gate in "ifg"]
        keep = sigmoid(f + back[1])
        h = keep * h + (1 - keep) * np.tanh(g + sigmoid(i + back[0]) * back[2])
        outputs.append(h)
    return np.stack(outputs), {"h": h, "c": state["c"]}


def test_another_network_under_the_names_of_this_one_is_named():
    report = rnnproof.verify(gru, "lstm", properties=["forward.values", "state.final"], max_examples=4)
    first, second = (finding.diagnosis for finding in report.findings)
    assert first["names"] == second["names"] == [OTHER.format("gru:hidden_bias=false")]
    *_, unread, idle = first["text"].splitlines()
    assert unread == "  nothing is read of W_o, U_o and b_o"
    assert idle == "  the state c is returned as it was"
    held = {name: str(stack[0].gates) for name, stack in dialect_in(first["text"]).stacks.items()}
    assert held == {f"{of}_{name}": gate for of in "WUb" for name, gate in zip("ifg", "rzn", strict=True)}


def dialect_in(text):
    """The dialect between the first line and those about what is not read; the text is ours."""
    pasted = text.partition("\n")[2].partition("\n  nothing")[0]
    return eval(pasted.strip(), {"Dialect": Dialect, "Stack": Stack})


@pytest.mark.parametrize(
    ("run", "unread", "idle"),
    [(mgu, ("W_i", "W_o", "U_i", "U_o", "b_i", "b_o"), ("c",)), (always_open, ("W_o", "U_o", "b_o"), ())],
    ids=["a state is returned as it was", "each state is used"],
)
def test_what_a_target_reads_nothing_of_is_left_out(run, unread, idle):
    found = rest(over(run), "lstm")
    assert (set(found.unread), found.idle) == (set(unread), idle)


@pytest.mark.parametrize("name", ["lstm", "peephole"])
def test_a_target_that_reads_of_each_matrix_is_not_looked_at(name):
    assert rest(over(lstm), name) is None


def test_a_target_of_long_runs_is_left_alone():
    target = resolve(over(coupled), "lstm")
    assert rest_of(target, target.implementation, Clock(seconds=0.0)) is None


def test_what_is_no_network_is_nothing_instead():
    assert instead_of_rest(rest(over(always_open), "lstm"), Clock()) is None


def test_where_names_mean_what_they_say_a_diagnosis_says_more():
    found = rest(over(coupled), "lstm")
    assert found.unread == ("W_f", "U_f", "b_f")
    assert instead_of_rest(found, Clock()) is None


class Turned:
    """An Elman network whose U is said to be held the other way round, and whose gradient of U is turned too."""

    dialect = Dialect({"A": Stack("h", of="W", axis=1, transpose=True), "B": Stack("h", of="U")})
    factor = 1.0

    def run(self, params, x, state):
        self.states = [state["h"]]
        for x_t in x:
            self.states.append(np.tanh(x_t @ params["A"] + self.states[-1] @ params["B"]))
        return np.stack(self.states[1:]), {"h": self.states[-1]}

    def grad(self, params, x, state, cotangents):
        dh, dA, dB = cotangents["state"]["h"], 0 * params["A"], 0 * params["B"]
        steps = list(zip(x, self.states[:-1], self.states[1:], cotangents["outputs"], strict=True))
        for x_t, before, after, dy in reversed(steps):
            dz = (dh + dy) * (1 - after**2)
            dA, dB, dh = dA + x_t.T @ dz, dB + self.factor * before.T @ dz, dz @ params["B"].T
        return {"params": {"A": dA, "B": dB}}


class TurnedTwice(Turned):
    factor = 2.0


def test_what_fails_in_another_dialect_too_is_said_and_diagnosed_in_it():
    laws = ["forward.values", "gradient.parameters"]
    right, wrong = (
        rnnproof.verify(target, "elman:bias=false", properties=laws, max_examples=4).findings[1]
        for target in (Turned, TurnedTwice)
    )
    assert right.diagnosis["names"] == ["in another dialect it behaves as elman:bias=false"]
    assert wrong.message.endswith("in another dialect it behaves as elman:bias=false; but this fails there too")
    assert "dU_h" in wrong.diagnosis["text"]
    assert wrong.diagnosis["names"] != right.diagnosis["names"]


def test_why_no_dialect_was_found_is_said():
    def sine(params, x, state):
        h = np.sin(x.sum(0) @ params["A"] + state["h"] @ params["B"])
        return np.repeat(h[None], len(x), axis=0), {"h": h}

    [finding] = rnnproof.verify(sine, "elman:bias=false", properties="forward.values", max_examples=4).findings
    assert finding.message.splitlines()[:3] == [
        "run raised KeyError: 'A'",
        "  it asks for 'A', which is no canonical name, declares no dialect, and none was found:",
        "    it takes the arrays A (I, H), B (H, H), but does not behave as any network of the catalogue in any"
        " convention that is known",
    ]

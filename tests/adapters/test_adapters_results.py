"""What a plain target cannot return, or cannot be: which array, what was got, what was expected."""

import types

import numpy as np
import pytest
from adapter_cases import built, lstm
from plain_targets import CASE, Right, ran, target, zeros

from rnnproof.adapters.plain import plain_implementation
from rnnproof.errors import TargetError, UsageError


def without(name):
    return {"params": {key: value for key, value in zeros()["params"].items() if key != name}}


WRONG_RESULTS = {
    "run returned None, expected (outputs, final_state)": target(run=lambda p, x, s: None),
    "run returned an array of shape (4, 3, 3), expected (outputs, final_state)": target(
        run=lambda p, x, s: lstm(p, x, s)[0]
    ),
    "run returned a tuple of 3, expected (outputs, final_state)": target(run=lambda p, x, s: (1, 2, 3)),
    "outputs: got shape (3, 4, 3), expected (4, 3, 3) = (T, B, H)": target(
        run=lambda p, x, s: (lstm(p, x, s)[0].transpose(1, 0, 2), None)
    ),
    "outputs: got shape (4, 3, 2), expected (4, 3, 3) = (T, B, H)": target(run=lambda p, x, s: (x, None)),
    "outputs: got an array of shape (4, 3, 3) of dtype complex128, expected real numbers": target(
        run=lambda p, x, s: (lstm(p, x, s)[0] * 1j, None)
    ),
    "run returned neither outputs nor a final state": target(run=lambda p, x, s: (None, None)),
    "outputs: got a list of 2 of dtype object, expected real numbers": target(run=lambda p, x, s: ([None, None], None)),
    "final_state: got a tuple of 2, expected a dict with the keys h, c": target(
        run=lambda p, x, s: (lstm(p, x, s)[0], (s["h"], s["c"]))
    ),
    "final_state has no 'c'; got the keys h; expected the keys h, c": target(run=lambda p, x, s: (None, {"h": s["h"]})),
    "final_state has an unknown 'h_n'; known are h, c": target(run=lambda p, x, s: (None, {**s, "h_n": s["h"]})),
    "final_state['c']: got None, expected an array of shape (3, 3) = (B, H)": target(
        run=lambda p, x, s: (None, {"h": s["h"], "c": None})
    ),
    "final_state['h']: got shape (1, 3, 3), expected (3, 3) = (B, H)": target(
        run=lambda p, x, s: (None, {"h": s["h"][None], "c": s["c"]})
    ),
    "grad: got None, expected a dict with any of the keys params, x, state, states": target(grad=lambda *a: None),
    "grad has an unknown 'param'; did you mean params?": target(grad=lambda *a: {"param": {}}),
    "grad: params has no 'W_o'; got the keys W_i, U_i, b_i, ": target(grad=lambda *a: without("W_o")),
    "grad: params['U_f']: got shape (3, 2), expected (3, 3) = (H, H)": target(
        grad=lambda *a: {"params": zeros()["params"] | {"U_f": np.zeros((3, 2))}}
    ),
    "grad: params['b_f']: got shape (1, 3), expected (3,) = (H,)": target(
        grad=lambda *a: {"params": zeros()["params"] | {"b_f": np.zeros((1, 3))}}
    ),
    "grad: x: got shape (3, 2), expected (4, 3, 2) = (T, B, I)": target(grad=lambda *a: {"x": np.zeros((3, 2))}),
    "grad: state has no 'c'; got the keys h; expected the keys h, c": target(
        grad=lambda *a: {"state": {"h": np.zeros((3, 3))}}
    ),
    "states['c']: got shape (5, 3, 3), expected (4, 3, 3) = (T, B, H)": target(
        states=lambda *a: {"h": np.zeros((4, 3, 3)), "c": np.zeros((5, 3, 3))}
    ),
}


@pytest.mark.parametrize("message", WRONG_RESULTS)
def test_what_cannot_be_a_result_says_what_was_expected(message):
    with pytest.raises(TargetError) as caught:
        ran(WRONG_RESULTS[message], cotangents=CASE.cotangents)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "step returned None, expected (output, new_state)"),
        ((np.zeros((3, 2)), {}), "step: output: got shape (3, 2), expected (3, 3) = (B, H)"),
        ((np.zeros((3, 3)), None), "step returned no new_state; expected (output, new_state)"),
        ((np.zeros((3, 3)), {"h": 0}), "step: new_state has no 'c'; got the keys h; expected the keys h, c"),
    ],
)
def test_step_that_returns_what_cannot_be(returned, message):
    subject = built(plain_implementation("mine", target(step=lambda *a: returned)), CASE)
    with pytest.raises(TargetError) as caught:
        subject.step(CASE.x[0], CASE.state)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (object(), "mine has no run and no other public name; expected run(params, x, state); docs/verify-your-own.md"),
        (types.SimpleNamespace(forward=1, fit=2), "mine has no run (it has fit, forward); expected run("),
        (type("Empty", (), {}), "mine has no run and no other public name; if "),
        (types.SimpleNamespace(run=3), "mine: run is an int; expected run(params, x, state)"),
        (types.SimpleNamespace(run=lambda x: x), "mine: run takes (x); expected run(params, x, state)"),
        (
            type("Sized", (Right,), {"__init__": lambda self, input_size, hidden_size: None}),
            "mine is a class, which is called without arguments, but it takes (input_size, hidden_size); give an",
        ),
        (type("Short", (), {"run": lambda self, x: x}), "mine: run takes (x); expected run(params, x, state)"),
        (target(claims={"gradients": True}), "mine claims gradients, but has no grad(params, x, state, cotangents)"),
        (target(claims={"lengths": True}), "mine claims lengths, but its run has no parameter lengths"),
        (lambda params, x, state, lengths: None, "mine: run takes (params, x, state, lengths); give lengths a default"),
        (target(claims={"dtype": ["float64"]}), "mine: claims: unknown key 'dtype'; did you mean dtypes?"),
    ],
)
def test_what_is_no_target_says_why(found, message):
    with pytest.raises(UsageError) as caught:
        plain_implementation("mine", found)
    assert str(caught.value).startswith(message)


def of_class(**late):
    class Late(Right):
        def __init__(self):
            for name, value in late.items():
                setattr(self, name, value)

    return plain_implementation("mine", Late)


@pytest.mark.parametrize("late", [{"claims": {"dtypes": ["float32"]}}, {"dialect": "plain"}, {"step": lambda *a: None}])
def test_what_a_class_says_too_late_is_no_secret(late):
    (name,) = late
    with pytest.raises(UsageError) as caught:
        built(of_class(**late), CASE)
    told = f"mine: Late sets its {name} when it is called; set it in the class, where it is read, or give an instance"
    assert str(caught.value) == told


def test_an_instance_says_what_its_class_says():
    class Contradicts(Right):
        claims = {"dtypes": ["float64"]}

    with pytest.raises(UsageError, match=r"^mine: Narrow sets its claims when it is called; set it in the class"):
        built(plain_implementation("mine", type("Narrow", (Contradicts,), {"__init__": says(["float32"])})), CASE)
    same = plain_implementation("mine", type("Same", (Contradicts,), {"__init__": says(["float64"])}))
    assert built(same, CASE).claims.dtypes == ("float64",)


def says(dtypes):
    def init(self):
        self.claims = {"dtypes": dtypes}

    return init


def test_a_run_that_an_instance_would_have_is_asked_for_in_an_instance():
    class Later:
        def __init__(self):
            self.run = Right().run

    with pytest.raises(UsageError, match=r"mine has no run .*; if its __init__ sets run, give an instance"):
        plain_implementation("mine", Later)
    assert built(plain_implementation("mine", Later()), CASE).step is None


def test_a_count_of_steps_is_no_step():
    assert built(of_class(step=0, states=[]), CASE).step is None

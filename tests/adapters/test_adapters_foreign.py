"""What a target raises: one sentence, its own traceback once, none of ours."""

import sys

import numpy as np
import pytest
from adapter_cases import built, lstm, small

from rnnproof.adapters.foreign import calling
from rnnproof.adapters.plain import plain_implementation
from rnnproof.errors import TargetError, Unsupported

CASE = small()


def helper(value):
    raise ValueError(f"too large: {value}\nand more")


def run_of(function):
    subject = built(plain_implementation("mine", lambda params, x, state: function(x)), CASE)
    return subject.run(CASE.x, CASE.state)


def test_an_exception_names_the_call_and_keeps_its_own_traceback_once():
    with pytest.raises(TargetError) as caught:
        run_of(lambda x: helper(3))
    assert str(caught.value) == "run raised ValueError: too large: 3"
    details = caught.value.details
    assert details.startswith("Traceback (most recent call last):\n")
    assert details.endswith("ValueError: too large: 3\nand more")
    assert details.count("Traceback") == 1 and "in helper" in details
    assert "rnnproof/adapters" not in details and details.count("File ") == 3


def test_numpy_errors_inside_the_target_are_shown_with_the_target_s_line():
    with pytest.raises(TargetError) as caught:
        run_of(lambda x: x @ np.zeros((5, 5)))
    assert str(caught.value).startswith("run raised ValueError: matmul: ")
    assert "x @ np.zeros((5, 5))" in caught.value.details


def test_a_cause_is_shown_and_what_was_being_handled_outside_is_not():
    def raising(x):
        try:
            helper(1)
        except ValueError as problem:
            raise RuntimeError("no result") from problem

    with pytest.raises(TargetError) as caught:
        try:
            raise KeyError("ours")
        except KeyError:
            run_of(raising)
    assert "KeyError" not in caught.value.details
    assert caught.value.details.count("Traceback") == 2
    assert "direct cause" in caught.value.details and "too large: 1" in caught.value.details


def test_a_deep_recursion_is_cut_in_the_middle():
    def down(n):
        return up(n)

    def up(n):
        return down(n + 1)

    with pytest.raises(TargetError) as caught:
        run_of(down)
    assert str(caught.value).startswith("run raised RecursionError: maximum recursion depth exceeded")
    assert caught.value.details.count("\n") < 60 and "more frames" in caught.value.details


@pytest.mark.parametrize(("code", "told"), [(0, "0"), (None, "None"), ("bye", "'bye'")])
def test_sys_exit_is_told(code, told):
    with pytest.raises(TargetError) as caught:
        run_of(lambda x: sys.exit(code))
    assert str(caught.value) == f"run called sys.exit({told})"
    assert "sys.exit(code)" in caught.value.details


def test_not_implemented_is_a_refusal():
    def run(x):
        raise NotImplementedError("only the forward pass")

    with pytest.raises(Unsupported) as caught:
        run_of(run)
    assert str(caught.value) == ("run says that it does not do this: NotImplementedError: only the forward pass")
    with pytest.raises(Unsupported, match=r": NotImplementedError$"), calling("step"):
        raise NotImplementedError


def test_ctrl_c_passes():
    def run(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(run)


def test_an_exception_that_cannot_be_printed():
    class SilentError(Exception):
        def __str__(self):
            raise RuntimeError

    def run(x):
        raise SilentError

    with pytest.raises(TargetError, match=r"^run raised .*SilentError: <exception str\(\) failed>$"):
        run_of(run)


@pytest.mark.parametrize("method", ["grad", "step", "states", "__init__"])
def test_every_call_is_named(method):
    def fails(self, *arguments):
        helper(method)

    made = type("Mine", (), {"run": lambda self, p, x, s: lstm(p, x, s), method: fails})
    implementation = plain_implementation("mine", made)
    with pytest.raises(TargetError) as caught:
        subject = built(implementation, CASE)
        if method == "step":
            subject.step(CASE.x[0], CASE.state)
        subject.run(CASE.x, CASE.state, cotangents=CASE.cotangents)
    name = "Mine()" if method == "__init__" else method
    assert str(caught.value) == f"{name} raised ValueError: too large: {method}"


def test_nothing_raised_is_nothing_said():
    with calling("run"):
        value = 1
    assert value == 1

"""The laws as a pytest function: what passes, fails, warns and skips, in a suite of one's own."""

import re
import subprocess
import sys

import pytest

import rnnproof
from rnnproof.cells import plain_target
from rnnproof.errors import UsageError
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.properties.laws import LAWS
from rnnproof.testing import conformance, judge

test_our_own_cell = conformance(plain_target("elman"), dtype="float64", max_examples=2)

HEAD = """\
import rnnproof
from rnnproof.cells import plain_target

class Right:
    calls = 0
    def run(self, params, x, state):
        type(self).calls += 1
        return plain_target("elman").run(params, x, state)

class Wrong(Right):
    def run(self, params, x, state):
        return super().run(params, 2 * x, state)

class Refusing(Right):
    def run(self, params, x, state):
        raise NotImplementedError("not today")

class Raising(Right):
    def run(self, params, x, state):
        return {}["h"]

def conformance(target, **options):
    return rnnproof.testing.conformance(target, "elman", **({"max_examples": 2} | options))

SOME = ["forward.values", "state.final", "gradient.inputs"]
"""


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Run a test file of one's own: the exit code, and what pytest says."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(body, *arguments):
        (tmp_path / "test_own.py").write_text(HEAD + body)
        command = [sys.executable, "-m", "pytest", "-q", "-rfs", "-p", "no:cacheprovider", *arguments, "test_own.py"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout

    return run


def mark(function):
    (found,) = [each for each in function.pytestmark if each.name == "parametrize"]
    return found


def test_there_is_an_item_for_each_law_and_dtype():
    both = conformance(plain_target("elman"), dtype=["float32", "float64"])
    floating, exact = ([law.id for law in LAWS if bool(law.most) is counted] for counted in (False, True))
    expected = [f"{law}-{dtype}" for dtype in ("float32", "float64") for law in floating]
    assert mark(both).kwargs["ids"] == [*expected, *exact, "something is decided"]
    two = conformance(plain_target("elman"), properties=["state.final", "forward.values"], dtype="float64")
    assert mark(two).kwargs["ids"][:2] == ["forward.values-float64", "state.final-float64"]


def test_what_cannot_be_asked_is_said_where_the_test_is_made():
    with pytest.raises(UsageError, match=r"unknown property 'forward.vales'; did you mean forward\.values"):
        conformance(plain_target("lstm"), properties=["forward.vales"])
    with pytest.raises(UsageError, match="does not say which network it is"):
        conformance(lambda params, x, state: None)


def test_a_right_target_passes_and_what_it_does_not_return_is_skipped_with_its_reason(suite):
    code, said = suite("test_it = conformance(Right, properties=SOME)")
    assert code == 0
    assert said.splitlines()[-1].startswith("3 passed, 1 skipped in ")
    assert re.search(r"SKIPPED \[1\] .*: the target has no grad", said)


def test_it_may_stand_in_a_class(suite):
    code, said = suite("class TestMine:\n    test_it = conformance(Right, properties=SOME)\n")
    assert (code, said.splitlines()[-1].split(" in ")[0]) == (0, "3 passed, 1 skipped")


def test_a_wrong_target_fails_with_the_findings_message_and_no_traceback(suite):
    code, said = suite("test_it = conformance(Wrong, properties=SOME)")
    assert code == 1
    assert "FAILED test_own.py::test_it[forward.values-float64]" in said
    assert re.search(r"forward.values failed \[float64\]\noutputs\[0,0,0\]: got \S+, but should be \S+ ± ", said)
    assert re.search(r"  again: rnnproof replay [0-9a-f]{4} TARGET\n", said)
    assert "conforms" not in said
    assert said.splitlines()[-1].startswith("2 failed, 1 passed, 1 skipped in ")


def test_an_error_fails_with_the_targets_own_traceback(suite):
    code, said = suite("test_it = conformance(Raising, properties=['forward.values'])")
    assert code == 1
    assert "forward.values error [float64]\nrun raised KeyError: 'h'" in said
    assert re.search(r'test_own.py", line \d+, in run\n', said)


def test_where_nothing_is_decided_the_suite_fails(suite):
    code, said = suite("test_it = conformance(Refusing, properties=SOME)")
    assert code == 1
    assert said.splitlines()[-1].startswith("1 failed, 3 skipped in ")
    assert "nothing was decided\n  forward.values refused: run says that it does not do this" in said


def test_a_choice_of_items_looks_at_these_laws_alone(suite):
    body = "test_it = conformance(Right)\ndef test_calls():\n    assert Right.calls == 0\n"
    code, said = suite(body, "-k", "calls or (final and float64)")
    assert (code, said.splitlines()[-1].split(" in ")[0]) == (1, "1 failed, 1 passed, 24 deselected")
    code, said = suite(body, "-k", "calls")
    assert (code, said.splitlines()[-1].split(" in ")[0]) == (0, "1 passed, 25 deselected")


def test_under_xdist_each_worker_has_the_same_items(suite):
    code, said = suite("test_it = conformance(Right, properties=SOME)", "-n", "2")
    assert (code, said.splitlines()[-1].split(" in ")[0]) == (0, "3 passed, 1 skipped")


def finding(outcome, **more):
    return Finding("state.repeat", "float64", outcome, "got 1, but should be 2\n  lstm", **more)


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.PROVED])
def test_what_passes_says_nothing(outcome):
    judge(finding(outcome))


@pytest.mark.parametrize("outcome", [Outcome.UNDECIDED, Outcome.NOT_APPLICABLE, Outcome.REFUSED])
def test_what_was_not_decided_is_skipped(outcome):
    with pytest.raises(pytest.skip.Exception, match="got 1, but should be 2"):
        judge(finding(outcome))


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR])
def test_what_is_wrong_fails(outcome):
    with pytest.raises(pytest.fail.Exception) as caught:
        judge(finding(outcome, replay="7f3a", counterexample={"target": "my.py"}))
    assert str(caught.value) == (
        f"state.repeat {outcome.value} [float64]\ngot 1, but should be 2\n  lstm\n  again: rnnproof replay 7f3a"
    )


def test_suspicious_warns_and_passes():
    with pytest.warns(pytest.PytestWarning, match=r"state.repeat suspicious \[float64\]\ngot 1, but should be 2"):
        judge(finding(Outcome.SUSPICIOUS))


def test_it_is_reached_without_importing_a_submodule():
    assert rnnproof.testing.conformance is conformance

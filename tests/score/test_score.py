"""score: what a suite lets pass is counted; where it is no suite of its target, that is said, and nothing counted."""

import json
import sys
from contextlib import nullcontext

import pytest
from tiny_suites import SUITES, TARGET

from rnnproof.cli.main import run
from rnnproof.errors import UsageError
from rnnproof.isolate.score import Known
from rnnproof.isolate.score import score as scored
from rnnproof.report.schema import validator
from rnnproof.usecases.score.session import Asked, session

TELLING = ("the bias b_h is missing", "the initial h is ignored", "the state is kept between calls")


@pytest.fixture
def play(tmp_path, monkeypatch):
    """A directory with the target and every suite; the session of one of them, as its events."""
    (tmp_path / "tiny_rnn.py").write_text(TARGET)
    for name, text in SUITES.items():
        (tmp_path / f"test_{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly")
    monkeypatch.setattr("rnnproof.usecases.score.session.MOST_RIGHT", 1)
    monkeypatch.setattr(sys, "flaky_runs", 0, raising=False)

    def events(suite, plan=TELLING, **known):
        told = None if plan is None else {"planned": [{"text": text} for text in plan]}
        asked = {"seed": 0, "sample": None, "timeout_s": 60, "known": {}, "needs": {}, "tests": None, "plan": told}
        found = []
        name = suite if " " in suite else f"test_{suite}.py"
        target = Asked(name, "tiny_rnn.py:RNN", "elman", None, **{**asked, **known})
        session(target, nullcontext, found.append)
        return found

    return events


def caught(events):
    return {event["text"]: event["caught_by"] for event in events if event["event"] == "tried"}


def needs(events):
    return {event["text"]: event["needs"] for event in events if event["event"] == "need"}


def test_a_suite_that_compares_everything_catches_everything(play):
    found = play("everything", plan=None, sample=6)
    by = caught(found)
    assert len(by) == 6 and all(by.values())
    assert set(by.values()) <= {
        "test_everything.py::test_values_twice_and_arguments",
        "test_everything.py::test_memory_and_large_numbers",
    }
    assert needs(found) == {}
    (baseline,) = [event for event in found if event["event"] == "baseline"]
    assert baseline["tests"] == 2


def test_a_suite_that_compares_shapes_catches_nothing_and_what_it_needs_is_told(play):
    found = play("shapes")
    assert caught(found) == dict.fromkeys(TELLING, "")
    assert needs(found) == {
        "the bias b_h is missing": ["non-zero biases"],
        "the initial h is ignored": ["a non-zero initial state"],
        "the state is kept between calls": ["a second call of the same object"],
    }
    (initial,) = [event for event in found if event.get("text") == TELLING[1] and event["event"] == "need"]
    assert initial["smallest"]["sizes"] == {"T": 1, "B": 1, "I": 1, "H": 1}
    assert initial["smallest"]["non_zero"] == ["U_h", "the initial h"]
    assert initial["smallest"]["seen_in"] == ["outputs", "final h"]


def test_what_runs_where_a_file_is_imported_is_run_each_time(play):
    assert all(caught(play("module", plan=TELLING[:2])).values())


@pytest.mark.parametrize(
    ("suite", "told"),
    [
        ("never", "the suite never calls tiny_rnn.py:RNN, so it could catch nothing"),
        ("broken", "the suite fails: test_broken.py: ModuleNotFoundError: No module named 'no_module_of_this_name'"),
        ("syntax", "the suite fails: test_syntax.py: SyntaxError: "),
        ("flaky", "the suite passes one time and fails another, so what it catches would be chance: test_flaky.py::"),
        ("empty", "the suite passes no test"),
        ("picky", "with a right elman in the place of tiny_rnn.py:RNN the suite fails: test_picky.py::test_it: assert"),
    ],
)
def test_where_there_is_no_ground_for_a_score_none_is_given(play, suite, told):
    with pytest.raises(UsageError) as raised:
        play(suite)
    assert told in str(raised.value)
    assert str(raised.value).startswith(f"test_{suite}.py: no score: ")


def test_what_is_known_is_not_run_again(play):
    known = {"known": {TELLING[0]: "", TELLING[1]: "a test"}, "tests": 1, "needs": {TELLING[0]: {}}}
    found = play("shapes", plan=TELLING[:2], **known)
    assert [event["event"] for event in found] == ["planned"]


def test_a_suite_that_hangs_has_caught_the_fault_and_the_next_process_goes_on(play):
    asked = {"suite": "test_hangs.py", "target": "tiny_rnn.py:RNN", "network": "elman", "dialect": None}
    known = Known(tests=1, plan={"planned": [{"text": text} for text in TELLING[1:]]})
    scored({**asked, "seed": 0, "sample": None, "timeout_s": 2}, known, lambda what: None, lambda now: None)
    hung, kept = (known.caught_by[text] for text in TELLING[1:])
    assert hung == "the suite did not end in 2 s (--timeout)" and kept == ""
    assert list(known.needs) == [TELLING[2]]


def test_the_command_tells_writes_and_goes_on_where_it_stopped(play, capsys, tmp_path, monkeypatch):
    tried = []

    def one_more(asked, known, working, kept):
        known.tests, known.plan = 3, PLAN
        text = next(text for text in TELLING if text not in known.caught_by)
        tried.append(text)
        known.caught_by[text] = "" if text == TELLING[1] else "test_shapes.py::test_shapes"
        if text == TELLING[1]:
            known.needs[text] = NEED
        if len(known.caught_by) < len(TELLING):
            raise KeyboardInterrupt

    monkeypatch.setattr("rnnproof.isolate.score.score", one_more)
    arguments = ["score", "test_shapes.py", "--target", "tiny_rnn.py:RNN", "--network", "elman"]
    codes = [run([*arguments, "--report", f"json:{tmp_path}/score.json"]) for _ in TELLING]
    assert (codes, tried) == ([130, 130, 1], list(TELLING))
    document = json.loads((tmp_path / "score.json").read_text())
    validator("rnnproof-score/1").validate(document)
    assert (document["caught"], document["let_pass"], document["known_before"]) == (2, 1, 2)
    out = capsys.readouterr().out
    assert out.count("INTERRUPTED") == 2
    assert [line for line in TOLD if line not in out.splitlines()[-9:]] == []
    assert run([*arguments, "--fresh"]) == 130 and tried[-1] == TELLING[0]


SMALLEST = {"sizes": {"T": 1, "B": 1, "I": 1, "H": 1}, "non_zero": ["U_h", "the initial h"], "looking_at": []}
NEED = {"needs": ["a non-zero initial state"], "smallest": {**SMALLEST, "seen_in": ["outputs", "final h"]}}
PLAN = {
    "planned": [{"text": text, "operator": "one", "place": "conduct", "others": []} for text in TELLING],
    "network": "elman",
    "faults": 97,
    "behaviours": 37,
    "versions": {"numpy": "2"},
}
TOLD = [
    "  Let pass, by what a test would need to see them, each with its smallest case:",
    f"  a non-zero initial state{'1':>54}",
    f"    the initial h is ignored{'T=1 B=1 I=1 H=1':>52}",
    "      the case: all zero but U_h, the initial h; seen in outputs, final h",
    "",
]


def test_a_command_is_a_suite_too(play, tmp_path):
    (tmp_path / "check.py").write_text("import test_module\nassert test_module.test_it() is None\n")
    found = play(f"{sys.executable} check.py", plan=TELLING[1:2])
    assert [event["tests"] for event in found if event["event"] == "baseline"] == [1]
    assert "AssertionError" in json.dumps(found) or caught(found)[TELLING[1]]

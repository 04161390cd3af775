"""A stored counterexample run again: fixed, still failing, or why it cannot run."""

import json

import pytest

import rnnproof
from rnnproof import store
from rnnproof.cli.main import run
from rnnproof.errors import UsageError
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.usecases import verify as engine
from rnnproof.usecases.replay import replay

HEAD = "from rnnproof.cells import plain_target\ncell = plain_target('elman')\n"
RIGHT = f"{HEAD}def run(params, x, state):\n    return cell.run(params, x, state)\n"
AGAIN = "every number is inside its error bound again; in so small a case that is all it says"
WRONG = f"{HEAD}def run(params, x, state):\n    return cell.run(params, 2 * x, state)\n"


@pytest.fixture
def wrong(tmp_path, monkeypatch):
    """A wrong target, and the id of its counterexample."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "cell.py"
    file.write_text(WRONG)
    report = rnnproof.verify(f"{file}:run", "elman", properties=["forward.values"], max_examples=2)
    (finding,) = report.findings
    assert finding.outcome is Outcome.FAILED
    return file, finding


def said(capsys, *arguments):
    code = run(["replay", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_target_that_is_still_wrong_still_fails(wrong, capsys):
    _, finding = wrong
    code, out, err = said(capsys, finding.replay)
    first, *message = out.splitlines()
    assert (code, first, err) == (1, "STILL FAILS  forward.values float64, as elman", "")
    assert " ".join(message).split() == finding.message.split()  # long lines are folded


def test_a_target_that_was_mended_is_fixed(wrong, capsys):
    file, finding = wrong
    file.write_text(RIGHT)
    code, out, _ = said(capsys, finding.replay)
    assert (code, out) == (0, "FIXED  forward.values float64, as elman\n  passed\n")


def test_another_target_may_stand_in_its_place(wrong, capsys):
    assert said(capsys, wrong[1].replay, "numpy:elman")[0] == 0


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (f"{HEAD}def run(params, x, state):\n    return None\n", "run returned None"),
        (
            f"{HEAD}def run(params, x, state):\n    raise NotImplementedError('no')\n",
            "run says that it does not do this",
        ),
        (f"{HEAD}import os\ndef run(params, x, state):\n    os._exit(0)\n", "the target ended the process"),
    ],
)
def test_a_target_that_gives_no_result_cannot_run(wrong, capsys, source, told):
    wrong[0].write_text(source)
    code, out, _ = said(capsys, wrong[1].replay)
    first, message = out.splitlines()[:2]
    assert (code, first) == (2, "CANNOT RUN  forward.values float64, as elman")
    assert message.startswith(f"  {told}")


def test_a_target_that_is_gone_cannot_run(wrong, capsys):
    file, finding = wrong
    file.unlink()
    code, out, err = said(capsys, finding.replay)
    assert (code, out) == (2, "")
    assert " ".join(err.split()) == f"rnnproof: no file {file}"


def test_what_a_target_prints_goes_to_standard_error(wrong, capsys):
    file, finding = wrong
    file.write_text(RIGHT + "print('hello')\n")
    code, out, err = said(capsys, finding.replay)
    assert (code, out.splitlines()[0], err) == (0, "FIXED  forward.values float64, as elman", "hello\n")


def test_a_file_is_replayed_on_a_target(wrong, capsys, tmp_path):
    file = tmp_path / "counterexample.json"
    file.write_text(json.dumps(wrong[1].counterexample))
    assert said(capsys, file, f"{wrong[0]}:run")[0] == 1
    assert said(capsys, file, "numpy:elman")[0] == 0
    code, out, err = said(capsys, file)
    assert (code, out) == (2, "")
    assert " ".join(err.split()) == f"rnnproof: a file is replayed on a target: rnnproof replay {file} TARGET"


def test_another_store_is_named(wrong, capsys, tmp_path):
    store.keep(wrong[1].counterexample | {"target": "numpy:elman"}, tmp_path / "elsewhere")
    (file,) = (tmp_path / "elsewhere").iterdir()
    assert said(capsys, file.stem, "--store", tmp_path / "elsewhere")[0] == 0


def test_a_counterexample_that_names_no_case_is_refused(wrong, tmp_path, capsys):
    document = wrong[1].counterexample | {"case": {"sizes": {}}}
    file = tmp_path / "case.json"
    file.write_text(json.dumps(document))
    code, out, err = said(capsys, file, "numpy:elman")
    assert (code, out) == (2, "")
    assert err.startswith("rnnproof: this is not a stored case")


def test_in_this_process_a_live_object_is_replayed_on_a_live_object(wrong):
    class Wrong:
        def run(self, params, x, state):
            return [2 * x @ params["W_h"].T, state]

    (finding,) = rnnproof.verify(Wrong(), "elman", properties=["forward.values"], max_examples=2).findings
    assert finding.counterexample["target"] is None
    with pytest.raises(UsageError, match="this counterexample is of a live Python object; say which target to run"):
        replay(finding.replay)
    outcome = replay(finding.replay, Wrong())
    assert (outcome.word, outcome.exit_code) == ("STILL FAILS", 1)
    assert replay(finding.replay, "numpy:elman").word == "FIXED"


@pytest.mark.parametrize(
    ("outcome", "word", "code"),
    [
        (Outcome.FAILED, "STILL FAILS", 1),
        (Outcome.PASSED, "FIXED", 0),
        (Outcome.PROVED, "FIXED", 0),
        (Outcome.SUSPICIOUS, "FIXED", 0),
        (Outcome.UNDECIDED, "FIXED", 0),
        (Outcome.NOT_APPLICABLE, "CANNOT RUN", 2),
        (Outcome.REFUSED, "CANNOT RUN", 2),
        (Outcome.ERROR, "CANNOT RUN", 2),
    ],
)
def test_each_outcome_has_its_word(wrong, monkeypatch, outcome, word, code):
    monkeypatch.setattr(engine, "judge_stored", lambda *arguments: Verdict(outcome, "why"))
    found = replay(wrong[1].replay)
    told = AGAIN if outcome is Outcome.UNDECIDED else "why"  # why nothing is decided would contradict FIXED
    assert (found.word, found.message, found.exit_code) == (word, told, code)

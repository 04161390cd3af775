"""``rnnproof verify``, from the command line to the exit code; the child played by events, or a real one."""

import json
import re
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from rnnproof.cli import screen as screens
from rnnproof.cli.main import run
from rnnproof.isolate import together
from rnnproof.isolate.request import Place
from rnnproof.model.event import Found, Printed, Refusal, Running, Started, Unfit
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.report.schema import validator

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LAWS = ("forward.values", "state.final")
PLAN = tuple((law, "float64") for law in LAWS)
BEGIN = Started("my.py:LSTM", "lstm", PLAN, None, {"numpy": "2.4.6"})
CASE = {"counterexample": {"network": "lstm", "dialect": None, "property": LAWS[0], "dtype": "float64", "seed": 0}}


def found(outcome=Outcome.PASSED, message="", law=LAWS[0], **more):
    return Found(Finding(law, "float64", outcome, message, cases=2, decided=2, **more))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def play(monkeypatch, capsys):
    """The exit code, standard output and error of ``rnnproof verify``, and the request, for these events."""

    def played(*events, arguments=("my.py:LSTM",)):
        requests = []

        def verify(request):
            requests.append(request)
            for event in events:
                if isinstance(event, BaseException):
                    raise event
                yield event

        monkeypatch.setattr(together, "verify_target", verify)
        monkeypatch.setattr(together, "verify_everything", verify)
        code = run(["verify", *map(str, arguments)])
        return code, *capsys.readouterr(), requests

    return played


def untimed(text):
    """The text with its last figure, the seconds, left out."""
    return re.sub(r" +\d+\.\d s$", "", text.rstrip("\n"))


RIGHT = """\
my.py:LSTM as lstm · float64 · numpy 2.4.6 · seed 0

  forward    values ok
  state      final ok

  2 cases a law

PASSED  all 2 laws passed"""


def test_what_is_found_is_printed_and_the_request_says_what_was_asked(play):
    options = ["--network", "lstm", "--seed", "7", "--dtype", "float64", "--timeout", "2.5", "--max-examples", "9"]
    code, out, err, (request,) = play(
        BEGIN,
        Running(*PLAN[0]),
        found(),
        Running(*PLAN[1]),
        found(law=LAWS[1]),
        arguments=["my.py:LSTM", *options, "--property", "forward.values", "--dialect", "plain"],
    )
    assert (code, untimed(out), err) == (0, RIGHT.replace("seed 0", "seed 7"), "")
    assert request.place == Place("my.py:LSTM", "lstm", "plain")
    assert request.timeout_s == 2.5
    assert request.options == {
        "properties": ["forward.values"],
        "dtypes": ["float64"],
        "seed": 7,
        "max_examples": 9,
        "profile": "quick",
    }


@pytest.mark.parametrize(
    ("outcome", "code", "word"),
    [
        (Outcome.FAILED, 1, "FAILED"),
        (Outcome.ERROR, 1, "ERROR"),
        (Outcome.SUSPICIOUS, 0, "PASSED"),
        (Outcome.UNDECIDED, 2, "UNDECIDED"),
        (Outcome.REFUSED, 2, "UNDECIDED"),
        (Outcome.NOT_APPLICABLE, 2, "UNDECIDED"),
    ],
)
def test_the_exit_code_is_the_reports(play, outcome, code, word):
    found_code, out, _, _ = play(BEGIN, found(outcome, "why"))
    assert (found_code, out.splitlines()[-1].split()[0]) == (code, word)
    assert "why" in out


def test_only_the_json_is_on_standard_output(play):
    events = (BEGIN, Printed("hello\n"), found(Outcome.FAILED, "y[0]: got 1", **CASE), found(law=LAWS[1]))
    code, out, err, _ = play(*events, arguments=["my.py:LSTM", "--report", "json:-"])
    document = json.loads(out)
    assert (code, document["ok"], err) == (1, False, "hello\n")
    assert [finding["outcome"] for finding in document["findings"]] == ["failed", "passed"]
    assert document["findings"][0]["replay"] == document["findings"][0]["replay"].lower()


def test_reports_are_written_beside_the_text(play, tmp_path):
    places = ["--report", f"json:{tmp_path}/a.json", "--report", f"junit:{tmp_path}/a.xml"]
    code, out, _, _ = play(BEGIN, found(), found(law=LAWS[1]), arguments=["my.py:LSTM", *places])
    assert (code, untimed(out)) == (0, RIGHT)
    validator("rnnproof-report/1").validate(json.loads((tmp_path / "a.json").read_text()))
    assert ElementTree.parse(tmp_path / "a.xml").getroot()[0].get("tests") == "2"


def test_a_report_that_cannot_be_written_in_the_end_is_said(play, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "write_text", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "No space left")))
    code, out, err, _ = play(BEGIN, found(), arguments=["my.py:LSTM", "--report", f"json:{tmp_path}/a.json"])
    assert (code, " ".join(err.split())) == (2, f"rnnproof: {tmp_path}/a.json cannot be written: No space left")
    assert "PASSED" in out


def test_a_counterexample_is_kept_and_its_replay_is_told(play, tmp_path):
    _, out, _, _ = play(BEGIN, found(Outcome.FAILED, "y[0]: got 1", **CASE))
    (again,) = [line for line in out.splitlines() if "again:" in line]
    (file,) = (tmp_path / "cache" / "rnnproof" / "counterexamples").iterdir()
    assert again == f"  again: rnnproof replay {file.stem[:4]}"


def test_a_store_of_ones_own_is_part_of_the_command_that_replays(play, tmp_path):
    store = tmp_path / "store"
    _, out, _, _ = play(BEGIN, found(Outcome.FAILED, "no", **CASE), arguments=["my.py:LSTM", "--store", store])
    (file,) = store.iterdir()
    assert f"  again: rnnproof replay {file.stem[:4]} --store {store}" in out.splitlines()


def test_where_nothing_can_be_kept_it_is_said_once(play, tmp_path):
    (tmp_path / "file").write_text("")
    failures = [found(Outcome.FAILED, "no", law, **CASE) for law in LAWS]
    code, out, err, _ = play(BEGIN, *failures, arguments=["my.py:LSTM", "--store", tmp_path / "file"])
    assert (code, err.count("cannot be kept"), "again:" in out) == (1, 1, False)


def test_ctrl_c_reports_what_was_found_so_far(play, tmp_path):
    events = (BEGIN, Running(*PLAN[0]), found(), Running(*PLAN[1]), KeyboardInterrupt())
    code, out, _, _ = play(*events, arguments=["my.py:LSTM", "--report", f"json:{tmp_path}/a.json"])
    assert code == 130
    assert untimed(out).splitlines()[2:] == [
        "  forward    values ok",
        "",
        "  2 cases a law",
        "",
        "INTERRUPTED  after 1 of 2 laws: 1 passed",
    ]
    document = json.loads((tmp_path / "a.json").read_text())
    validator("rnnproof-report/1").validate(document)
    assert (len(document["findings"]), document["interrupted"], document["ok"]) == (1, True, False)


def test_ctrl_c_before_anything_was_found(play):
    code, out, err, _ = play(KeyboardInterrupt())
    assert (code, out, err) == (130, "", "\nrnnproof: interrupted\n")


OTHER = Started("torch.nn:RNN", "elman", PLAN, "torch:rnn", {"torch": "2.13.0"})
EVERYTHING = """\
my.py:LSTM as lstm                   float64  2 passed
torch.nn:GRU cannot be verified: no
torch.nn:RNN as elman                float64  1 failed, 1 passed

torch.nn:RNN as elman

forward.values FAILED                                                (at case 2)
  y[0]: got 1

1 law, 1 planted fault refused

float64
  2 cases a law

FAILED  3 targets: 1 law failed, 3 passed"""


def test_without_a_target_everything_is_verified(play, tmp_path):
    code, out, err, (request,) = play(
        BEGIN,
        Running(*PLAN[0]),
        found(),
        found(law=LAWS[1]),
        Unfit("torch.nn:GRU", "no"),
        OTHER,
        found(Outcome.FAILED, "y[0]: got 1"),
        found(law=LAWS[1]),
        Refusal("state.final", "h and c are exchanged", True, "final h"),
        arguments=["--report", f"json:{tmp_path}/all.json"],
    )
    assert (code, untimed(out), err, request.place) == (1, EVERYTHING, "", None)
    document = json.loads((tmp_path / "all.json").read_text())
    validator("rnnproof-matrix/1").validate(document)
    assert [(one["target"], one["ok"]) for one in document["reports"]] == [
        ("my.py:LSTM", True),
        ("torch.nn:GRU", False),
        ("torch.nn:RNN", False),
    ]


def test_a_planted_fault_does_not_count_for_the_exit_code(play):
    code, out, _, _ = play(BEGIN, found(), Refusal("state.repeat", "state is kept", False, ""), arguments=[])
    assert code == 0
    assert "1 law, 0 planted faults refused, the others NOT REFUSED:" in out


def test_everything_interrupted_reports_what_was_found(play):
    code, out, _, _ = play(BEGIN, found(), KeyboardInterrupt(), arguments=[])
    assert (code, untimed(out).splitlines()[-1]) == (130, "INTERRUPTED  1 target: 1 law passed")


def test_on_a_terminal_what_is_worked_on_is_shown_and_words_have_colours(play, monkeypatch):
    written = StringIO()

    def console(**options):
        return Console(**(options | {"file": written, "force_terminal": True, "width": 80}))

    monkeypatch.setattr(screens, "Console", console)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    events = (BEGIN, Running("gradient.state", "float32"), found(), found(Outcome.FAILED, "no", LAWS[1]))
    play(*events)
    assert "gradient.state float32 ..." in written.getvalue()
    assert "values \x1b[32mok\x1b[0m" in written.getvalue()
    assert "\x1b[1;31mFAILED\x1b[0m" in written.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    written.truncate(0)
    play(*events)
    assert "\x1b[32m" not in written.getvalue() and "\x1b[1;31m" not in written.getvalue()
    assert "values ok" in written.getvalue()

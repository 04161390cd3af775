"""Every sentence that a user can meet before anything is verified: exit code 2, no traceback."""

import os

import click
import pytest

from rnnproof.cli.main import cli, run
from rnnproof.errors import RnnproofError, VerificationFailed
from rnnproof.properties.laws import LATER


def told(capsys, *arguments):
    """The exit code, and standard error as one line without the hint at --help."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert max(map(len, captured.err.splitlines())) <= 80 or "/" in captured.err
    lines = [line for line in captured.err.splitlines() if not line.endswith("--help tells more")]
    return code, " ".join(" ".join(lines).split()).removeprefix("rnnproof: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verfy"], "there is no command verfy; did you mean verify?"),
        (["xyzzy"], "there is no command xyzzy; known are"),
        (["verify", "numpy:lstm", "--proprty", "x"], "No such option '--proprty'"),
        (["verify", "numpy:lstm", "--seed", "x"], "Invalid value for '--seed': 'x' is not a valid integer"),
        (["verify", "numpy:lstm", "--profile", "slow"], "Invalid value for '--profile': 'slow' is not one of"),
        (["verify", "numpy:lstm", "--max-examples", "0"], "Invalid value for '--max-examples': 0 is not in the range"),
        (["verify", "numpy:lstm", "--timeout", "0"], "Invalid value for '--timeout': 0.0 is not in the range"),
        (["verify", "--network", "lstm"], "--network goes with a TARGET"),
        (["verify", "--dialect", "torch:lstm"], "--dialect goes with a TARGET"),
        (["verify", "numpy:lstm", "--report", "jsn:x"], "--report jsn:x: unknown format 'jsn'; did you mean json?"),
        (["verify", "numpy:lstm", "--report", "pdf:x"], "--report pdf:x: unknown format 'pdf'; known are json, junit"),
        (["verify", "numpy:lstm", "--report", "html:x"], "--report html is not built yet; json and junit are"),
        (
            ["verify", "numpy:lstm", "--report", "json"],
            "--report json names no file; expected json:FILE, or json:- for standard output",
        ),
        (
            ["verify", "numpy:lstm", "--report", "json:-", "--report", "junit:-"],
            "--report: only one report can go to standard output",
        ),
        (
            ["verify", "numpy:lstm", "--report", "json:/no/such/place"],
            "/no/such/place cannot be written: there is no directory /no/such",
        ),
        (["verify", "numpy:lstm", "--report", "json:/"], "/ cannot be written: it is a directory"),
        (["list", "propertis"], "there is no list of propertis; did you mean properties?"),
        (["list", "faults"], "list faults needs a network: --network NAME, one of elman, gru, jordan, "),
        (["list", "faults", "--network", "lstn"], "unknown network 'lstn'; did you mean lstm?"),
        (["list", "networks", "--network", "lstm"], "--network goes with rnnproof list faults, not with networks"),
        (["lecture", "lst"], "the lecture has no part 'lst'; did you mean lstm?"),
        (["lecture", "slot", "arrive Taipei"], "the lecture has no part 'slot'; did you mean slots?"),
        (["lecture", ""], "the lecture has no part ''; known are slots, lstm"),
        (["lecture", "--steps"], "the lecture has no part '--steps'; known are slots, lstm"),
        (["lecture", "lstm", "3"], "lecture lstm takes nothing more; got 3"),
        (["lecture", "slots", ""], 'the sentence has no word to label: it is empty; expected one like "arrive T'),
        (["lecture", "slots", " ", "\t\n"], "the sentence has no word to label: it is empty; "),
        (["lecture", "slots", "?! -- ..."], "the sentence has no word to label: it has no letter and no digit; "),
        (["lecture", "slots", "\u200b \U0001f642 \x1b["], "the sentence has no word to label: it has no letter and "),
        (["check-gradient", "a.py:f", "a.py:g"], "no file a.py"),
        (["check-gradient", "a.py:f"], "Missing argument 'FILE:GRADIENT'"),
        (["check-gradient", "a.py", "a.py:g"], "a.py names no function; expected FILE:FUNCTION"),
        (["check-gradient", "a.py:f", "a.py:g", "--report", "jsn:x"], "--report jsn:x: unknown format 'jsn'; did you"),
        (["infer", "x.py:f", "--network", "lstm"], "no file x.py"),
        (["score", "no_tests.py", "--target", "a.py:f"], "no suite no_tests.py: there is no such file, and no such"),
        (
            ["score", "onnx:LSMT"],
            "no suite onnx:LSMT; there are onnx:LSTM, onnx:GRU, onnx:RNN; did you mean onnx:LSTM?",
        ),
        (["score", "."], "--target says which implementation the suite tests: path/file.py:object"),
        (["score", ".", "--target", "a.py:f", "--report", "junit:x"], "--report junit of a score is not built yet"),
        (["replay", "0123", "-o", "bug.py"], "-o goes with --script"),
        (["replay", "12"], "counterexample 12: give at least 4 digits of its id"),
        (["replay"], "Missing argument 'ID|FILE'"),
        (["derive", "lstn"], "unknown network 'lstn'; did you mean lstm?"),
        (["derive", "lstm", "--format", "html"], "format html is not built yet"),
        (["derive", "lstm", "--steps", "0"], "steps=0: expected at least 1"),
        (
            ["derive", "lstm", "--steps", "1000000"],
            "steps=1000000: unrolled to there, lstm would have 11000000 lines with named intermediates, and about "
            "10^694698 operations in its last output written out in full. A document has at most 240 lines",
        ),
        (["derive", "lstm:layers=1000"], "network lstm: layers='1000'; expected a whole number from 1 to 16"),
        (["derive", "lstm", "-o", "/no/such/place"], "/no/such/place cannot be written: there is no directory"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(capsys, arguments, message):
    code, sentence = told(capsys, *arguments)
    assert code == 2
    assert sentence.startswith(message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["numpy:lstn"], "unknown network 'lstn'; did you mean lstm?"),
        (["numpy:LSTM"], "unknown network 'LSTM'; did you mean lstm?"),
        (["numpy:lecture:layers=2"], "lecture is elman:activation=identity,readout=identity,bias=false; it takes no"),
        (["numpy:elman:activation=tan"], "network elman: activation='tan'; expected one of tanh, relu"),
        (["numpy:elman:activaton=tanh"], "network elman: unknown option 'activaton'; did you mean activation?"),
        (["numpy:grru"], "unknown network 'grru'; did you mean gru?"),
        (
            ["numpy:lstm", "--property", "forward.value"],
            "unknown property 'forward.value'; did you mean forward.values?",
        ),
        (["numpy:lstm", "--property", "gradient.lenghts"], "unknown property 'gradient.lenghts'; did you mean seq"),
        (["numpy:lstm", "--property", "gradient.leger"], "unknown property 'gradient.leger'; did you mean gradient.l"),
        (["numpy:lstm", "--property", "proof.step"], "property proof.step is not built yet"),
        (["numpy:lstm", "--dtype", "float46"], "unknown dtype 'float46'; "),
        (["numpy:lstm", "--dialect", "torhc"], "unknown dialect 'torhc'; did you mean one of torch:lstm, torch:rnn, "),
        (["numpy:lstm", "--dialect", "torch:lst"], "unknown dialect 'torch:lst'; did you mean torch:lstm?"),
        (["no.such.module:LSTM", "--network", "lstm"], "no module no"),
        (["nothing.py:LSTM", "--network", "lstm"], "no file nothing.py; did you mean nothin.py?"),
        (["nothin.py:LSTM", "--network", "lstm"], "nothin.py has no LSTM; did you mean LSTN?"),
        (["nothin.py:LSTN", "--network", "lstm"], "nothin.py:LSTN has no run (it has forward)"),
        (["nothin.py:run"], "nothin.py:run does not say which network it is; give one with --network: elman, gru, j"),
        (["claiming.py", "--network", "lstm"], "claiming.py: claims: unknown key 'dtype'; did you mean dtypes?"),
        (["syntax.py", "--network", "lstm"], "syntax.py, line 2: "),
        (["raising.py", "--network", "lstm"], "raising.py cannot be imported: KeyError: 'x'"),
    ],
)
def test_what_cannot_be_verified_is_said_in_a_sentence(capsys, tmp_path, monkeypatch, arguments, message):
    (tmp_path / "nothin.py").write_text("class LSTN:\n    def forward(self): pass\ndef run(params, x, state): pass\n")
    (tmp_path / "claiming.py").write_text("claims = {'dtype': 1}\ndef run(params, x, state): pass\n")
    (tmp_path / "syntax.py").write_text("x = 1\ndef run(:\n")
    (tmp_path / "raising.py").write_text("{}['x']\n")
    monkeypatch.chdir(tmp_path)
    code = run(["verify", *arguments])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    sentence, traceback, frames = " ".join(err.split()).partition(" Traceback (most recent call last):")
    assert sentence.removeprefix("rnnproof: ").startswith(message)
    assert bool(traceback) is ("raising.py" in arguments)  # the target's own traceback, and no other
    assert ("rnnproof" in frames, frames.count("File")) == (False, int(bool(traceback)))


def test_a_file_without_permission_is_refused_before_the_work(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    code, sentence = told(capsys, "verify", "numpy:lstm", "--report", f"json:{tmp_path}/x.json")
    assert (code, sentence) == (2, f"{tmp_path}/x.json cannot be written: no permission")


def raising(monkeypatch, problem):
    def listed(what, network):
        raise problem

    monkeypatch.setattr("rnnproof.cli.listing.listed", listed)
    return run(["list", "networks"])


def test_the_targets_own_traceback_is_shown_below_the_sentence(monkeypatch, capsys):
    assert raising(monkeypatch, RnnproofError("x.py cannot be imported", "Traceback:\n  here")) == 2
    assert capsys.readouterr().err == "rnnproof: x.py cannot be imported\nTraceback:\n  here\n"


def test_an_interrupted_command_exits_130(monkeypatch, capsys):
    assert raising(monkeypatch, KeyboardInterrupt()) == 130
    assert raising(monkeypatch, click.Abort()) == 130
    assert capsys.readouterr().err == "\nrnnproof: interrupted\nrnnproof: interrupted\n"


def test_a_statement_that_fails_exits_1(monkeypatch, capsys):
    assert raising(monkeypatch, VerificationFailed("step 2, hidden: 6, but should be 7")) == 1
    assert capsys.readouterr().err == "rnnproof: step 2, hidden: 6, but should be 7\n"


def test_every_command_of_the_contract_is_there():
    names = {"verify", "derive", "lecture", "list", "replay", "check-gradient", "calibrate", "infer", "score"}
    assert set(cli.commands) == names


@pytest.mark.parametrize(
    "command", [[], ["verify"], ["derive"], ["lecture"], ["list"], ["replay"], ["check-gradient"], ["score"]]
)
def test_help_fits_on_80_columns_and_promises_nothing_unbuilt(capsys, command):
    assert run([*command, "--help"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert out.startswith("Usage: rnnproof")
    assert not [word for word in LATER if word in out]
    assert "..." not in "".join(line for line in out.splitlines() if "[ARGS]" not in line).replace(", ...", "")


def test_the_version_is_told(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == "rnnproof 0.1.0\n"

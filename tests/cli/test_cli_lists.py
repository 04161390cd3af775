"""What there is, listed."""

import subprocess
import sys

from rnnproof import dialects
from rnnproof.adapters import frameworks
from rnnproof.catalogue import NETWORKS, network
from rnnproof.cli.main import run
from rnnproof.dialects import DIALECTS
from rnnproof.faults.bank import bank
from rnnproof.properties.laws import LATER, LAWS


def lines(capsys, *arguments):
    assert run(list(arguments)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def test_networks_are_listed_with_their_equations_and_options(capsys):
    found = lines(capsys, "list", "networks")
    at = found.index("lstm")
    options = "  options: coupled=none|input|forget, forget_offset=0|a number,"
    assert found[at + 1 : at + 3] == ["  c' = f c + i g, h' = o tanh(c')", options]
    assert found[found.index("mgu") + 2] == "  options: bias=true|false"
    assert [line for line in found if not line.startswith(" ")][: len(NETWORKS)] == list(NETWORKS)
    assert found[found.index("lecture") + 1] == "  is elman:activation=identity,readout=identity,bias=false"
    assert max(map(len, found)) <= 80


def test_properties_are_listed_with_their_statement_and_what_is_not_built(capsys):
    found = lines(capsys, "list", "properties")
    assert [line for line in found if line and line[0] != " " and " " not in line] == [law.id for law in LAWS]
    at = found.index("state.handover")
    assert found[at + 1].startswith("  run(x[:k]), then run(x[k:]) from its final state, equals run(x)")
    assert " ".join(" ".join(found).split()).endswith(f"not built yet: {', '.join(LATER)}")


def test_faults_are_listed_by_name(capsys):
    found = lines(capsys, "list", "faults", "--network", "lstm")
    faults = bank(network("lstm"))
    assert found[-1] == f"{len(faults)} faults of lstm"
    assert len([line for line in found if line[0] != " "]) == len(faults) + 1
    assert "equation   bias twice               the bias b_o is counted twice" in found


def test_a_fault_of_a_stack_names_its_layer_once(capsys):
    found = lines(capsys, "list", "faults", "--network", "lstm:layers=2,direction=bidirectional")
    assert max(map(len, found)) <= 80
    assert "equation   term missing             layer 0, forward: W_i x is missing from z_i" in found
    whole = " ".join(" ".join(found).split())
    assert "layer 1, backward: the gates are read in the order i f o g, not i f g o" in whole
    assert "layer 0, forward: " in whole and "0.forward.W_i x is" not in whole


def test_dialects_can_be_pasted_back(capsys):
    found = lines(capsys, "list", "dialects")
    assert max(map(len, found)) <= 80
    starts = [at for at, line in enumerate(found) if not line.startswith(" ")]
    ends = [*starts[1:], len(found)]
    prints = {found[at]: "\n".join(found[at + 1 : end]).strip() for at, end in zip(starts, ends, strict=True)}
    assert list(prints) == list(DIALECTS)
    assert {name: eval(text, vars(dialects)) for name, text in prints.items()} == dict(DIALECTS)


def test_targets_say_what_is_installed(capsys, monkeypatch):
    monkeypatch.setattr(frameworks, "find_spec", lambda package: None)
    found = lines(capsys, "list", "targets")
    assert found[0] == "numpy:elman                  hand-written, with any options of the network"
    (torch,) = [line for line in found if line.startswith("torch.nn:LSTM ")]
    assert torch.startswith("torch.nn:LSTM                torch is not installed: pip install 'rnnproof[torch]'")
    monkeypatch.setattr(frameworks, "find_spec", lambda package: object())
    found = lines(capsys, "list", "targets")
    assert {"torch.nn:LSTM                installed", "torch.nn:GRUCell             installed"} <= set(found)


def test_the_lecture_is_shown(capsys):
    found = "\n".join(lines(capsys, "lecture"))
    assert all(vector in found for vector in ("(16, 16)", "(32, 32)", "(22, 22)", "(44, 44)"))


def test_a_derivation_is_printed_or_written(capsys, tmp_path):
    printed = lines(capsys, "derive", "elman", "--steps", "1")
    assert printed[0] == "# elman"
    assert lines(capsys, "derive", "elman", "--steps", "1", "-o", str(tmp_path / "elman.md")) == []
    assert (tmp_path / "elman.md").read_text().splitlines() == printed


def test_python_m_rnnproof_is_rnnproof():
    told = subprocess.run([sys.executable, "-m", "rnnproof", "list", "lists"], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("rnnproof: there is no list of lists; ")

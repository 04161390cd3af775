"""The command in a process of its own: piped, interrupted, and where nothing can be written."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnproof.cli.main import run
from rnnproof.report.schema import validator

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def untimed(text):
    """The text with its last figure, the seconds, left out."""
    return re.sub(r" +\d+\.\d s$", "", text.rstrip("\n"))


def rnnproof(*arguments, cwd, **options):
    command = [sys.executable, "-m", "rnnproof", *arguments]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_a_real_verification_is_quiet_when_piped_and_as_the_schema_says(tmp_path):
    place = f"{EXAMPLES}/lstm_forgot_dc.py:LSTM"
    wanted = ["--property", "gradient.parameters", "--property", "forward.values", "--max-examples", "3"]
    out, err = (
        done := rnnproof("verify", place, "--network", "lstm", *wanted, "--report", "json:-", cwd=tmp_path)
    ).communicate()
    assert (done.returncode, err) == (1, "")
    document = json.loads(out)
    validator("rnnproof-report/1").validate(document)
    right, wrong = document["findings"]
    assert (right["outcome"], right["cases"]) == ("passed", 3)
    assert wrong["outcome"] == "failed"
    sizes = wrong["counterexample"]["case"]["sizes"]
    assert (sizes["T"], sizes["B"], sizes["I"], sizes["H"]) == (2, 1, 1, 1)
    assert re.fullmatch("[0-9a-f]{4}", wrong["replay"])


def test_ctrl_c_ends_the_child_and_exits_130(tmp_path):
    """The target says its process id on standard error and then runs for ever."""
    source = (
        "import os, sys, time\ndef run(params, x, state):\n    print(os.getpid(), flush=True)\n    time.sleep(600)\n"
    )
    (tmp_path / "slow.py").write_text(source)
    process = rnnproof("verify", "slow.py", "--network", "lstm", cwd=tmp_path)
    child = int(process.stderr.readline())
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert untimed(out).splitlines()[-1].startswith("INTERRUPTED  after 0 of ")
    assert float(out.split()[-2]) >= 0.4
    assert "Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_it_works_in_an_empty_read_only_directory_and_drops_nothing(tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    here.chmod(0o555)
    wanted = ["--property", "forward.values", "--max-examples", "2"]
    process = rnnproof("verify", "numpy:lstm", *wanted, cwd=here)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert untimed(out).splitlines()[-1] == "PASSED  all 2 laws in float64 and float32 passed"
    assert os.listdir(here) == []


def test_ctrl_c_while_it_is_imported_is_one_line(tmp_path):
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt")
    process = rnnproof("verify", "numpy:lstm", cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "rnnproof: interrupted\n")


def test_who_reads_no_further_does_not_keep_the_report_from_being_written(tmp_path):
    wanted = ["--property", "forward.values", "--dtype", "float64", "--max-examples", "2"]
    process = rnnproof("verify", "numpy:lstm", *wanted, "--report", "json:report.json", cwd=tmp_path)
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (0, "")
    assert json.loads((tmp_path / "report.json").read_text())["ok"]
    process = rnnproof("verify", "numpy:lstm", *wanted, cwd=tmp_path)
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (1, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_disk_is_said_in_a_sentence():
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "rnnproof", "derive", "elman"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert ended.returncode == 2
    assert ended.stderr == "rnnproof: standard output cannot be written: No space left on device\n"


def test_what_the_system_refuses_otherwise_is_not_blamed_on_the_output(monkeypatch, capsys):
    def refused(*arguments, **options):
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(subprocess, "Popen", refused)
    assert run(["verify", "numpy:lstm"]) == 2
    assert capsys.readouterr().err == f"rnnproof: the operating system says no: {os.strerror(errno.EAGAIN)}\n"

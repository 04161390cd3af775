"""docs/verify-your-own.md shown to be true: its files are written out, and its commands are run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "verify-your-own.md").read_text()
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = re.findall(r"```\n(rnnproof .*)\n```", PAGE)


@pytest.fixture
def directory(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(directory, *command):
    return subprocess.run([sys.executable, "-m", *command], cwd=directory, capture_output=True, text=True, check=False)


def test_the_page_has_two_targets_and_a_test():
    assert list(FILES) == ["my_rnn.py", "my_packed_lstm.py", "test_my_rnn.py"]
    assert len(COMMANDS) == 2
    body = FILES["my_rnn.py"].split("import numpy as np")[1].strip().splitlines()
    assert len(body) <= 10


@pytest.mark.parametrize("command", COMMANDS)
def test_a_target_of_the_page_passes(command, directory):
    done = run(directory, *shlex.split(command), "--max-examples", "5", "--store", "kept")
    assert done.returncode == 0, done.stderr
    assert "PASSED  all 16 laws passed, 8 not applicable" in done.stdout


def test_the_test_of_the_page_passes(directory):
    done = run(directory, "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "test_my_rnn.py")
    assert done.returncode == 0, done.stdout
    assert "17 passed, 8 skipped" in done.stdout

"""The page on check-gradient shows what a terminal shows."""

import re
from pathlib import Path

from rnnproof.cli.main import run

PAGE = (Path(__file__).parents[2] / "docs" / "check-gradient.md").read_text()
COMMAND = "rnnproof check-gradient slope.py:loss slope.py:gradient"


def masked(text):
    return re.sub(r"numpy [\d.]+", "numpy", re.sub(r" +\d+\.\d s$", " s", text.strip()))


def test_the_example_is_what_a_terminal_shows(tmp_path, monkeypatch, capfd):
    (tmp_path / "slope.py").write_text(PAGE.partition("```python\n")[2].partition("```")[0])
    monkeypatch.chdir(tmp_path)
    assert run(COMMAND.split()[1:]) == 1
    assert masked(capfd.readouterr().out) == masked(PAGE.partition(f"$ {COMMAND}\n")[2].partition("```")[0])


def test_the_mended_example_passes(tmp_path, monkeypatch, capfd):
    source = PAGE.partition("```python\n")[2].partition("```")[0]
    (tmp_path / "slope.py").write_text(
        source.replace("    d[np.arange(len(y)), y] -= 1\n", "    d[np.arange(len(y)), y] -= 1\n    d /= len(y)\n")
    )
    monkeypatch.chdir(tmp_path)
    assert run(COMMAND.split()[1:]) == 0
    assert "equal to the derivative, exactly: dW, db" in capfd.readouterr().out

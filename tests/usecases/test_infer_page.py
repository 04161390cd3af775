"""docs/infer.md shown to be true: its target has the dialect that the page prints."""

import re
from pathlib import Path

import rnnproof
from rnnproof.dialects import Dialect, Joined, Stack

PAGE = (Path(__file__).parents[2] / "docs" / "infer.md").read_text()


def test_the_page_prints_what_is_found(tmp_path):
    source, printed, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "packed.py").write_text(source)
    names = {"Dialect": Dialect, "Joined": Joined, "Stack": Stack}
    [(network, text)] = rnnproof.infer(f"{tmp_path / 'packed.py'}:LSTM", "lstm").readings
    assert network == "lstm"
    assert eval(text, names) == eval(printed.partition("=")[2].strip(), names)

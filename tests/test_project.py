"""The project's habits: what README promises is there, and the files stay as they should be."""

import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path

import click
import pytest
from test_layers import LAYERS

import rnnproof
from rnnproof.cli.main import cli
from rnnproof.properties.laws import LATER

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SET_UP = (
    "python3 -m venv .venv && . .venv/bin/activate && pip install . && rnnproof verify",
    "python3 -m venv .venv && . .venv/bin/activate && pip install -c tests/constraints.txt '.[test]' && pytest",
)
WRONG_LSTM = "rnnproof verify docs/examples/lstm_forgot_dc.py:LSTM --network lstm"
TOP_LEVEL = {"pyproject.toml", "rnnproof", "tests", "docs", "README.md", "LICENSE", "CHANGELOG.md"}
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
MOST_LINES = 250
MOST_COLUMNS = 80
# Words of the place where the project was made, not of the project.
ELSEWHERE = r"/work\b|/tmp/\w|DESIGN\.md|the design\b|\.\./shared|\b(this|a|another) session\b|\bissue \d"


def ignored(name):
    patterns = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    return any(fnmatch(name, pattern) for pattern in patterns)


def own_files(*suffixes):
    """The project's files with these suffixes, without what git ignores."""
    found = (file for folder in ("rnnproof", "tests", "docs", ".ci") for file in (ROOT / folder).rglob("*"))
    kept = (file for file in found if not any(ignored(part) for part in file.relative_to(ROOT).parts))
    every = (file for file in (*kept, *ROOT.glob("*")) if file.name != ".git")  # a file in a worktree
    return [file for file in every if file.suffix in suffixes and file.is_file()]


def commands(text):
    """What a page's code blocks call rnnproof with."""
    lines = (line.strip().removeprefix("$ ") for line in code_lines(text))
    return [shlex.split(line)[1:] for line in lines if line.startswith("rnnproof ")]


def code_lines(text):
    """The lines of a page's code blocks, fenced or indented by four."""
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if fenced:
            yield line
        elif line.startswith("    "):
            yield line[4:]


@pytest.mark.parametrize("command", SET_UP)
def test_readme_sets_up_in_one_command(command):
    assert f"\n    {command}\n" in README


def test_ci_runs_what_readme_says():
    script = (ROOT / ".ci" / "run").read_text()
    for command in (*SET_UP, WRONG_LSTM):
        for part in command.split(" && "):
            assert part in script.replace("pip install -q", "pip install"), part


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_only_commands_and_options_that_exist(page):
    for name, *rest in commands(page.read_text()):
        if name.startswith("-"):
            continue
        command = cli.commands[name]
        known = {option for param in command.params for option in param.opts} | {"--help"}
        assert {word for word in rest if word.startswith("-")} <= known


def test_readme_says_that_the_laws_of_the_contract_are_not_built_that_are_not():
    told = README.partition("## What is not built")[2].partition("\n## ")[0]
    assert {f"{name.partition('.')[0]}s" for name in LATER} == {"proofs"}
    assert "proofs" in told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_in_a_page_is_at_most_80_columns_wide(page):
    wide = [line for line in code_lines(page.read_text()) if len(line) > MOST_COLUMNS]
    assert set(wide) <= set(SET_UP)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_shows_what_a_terminal_shows(tmp_path):
    """Line for line, but for versions, times, IDs, and how near to its bound this machine's arithmetic comes."""
    shown = README.partition(f"$ {WRONG_LSTM}\n")[2].partition("$ ")[0]
    command = [sys.executable, "-m", *WRONG_LSTM.split(), "--store", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    real = done.stdout.replace(f" --store {tmp_path}", "")
    assert [masked(line) for line in real.splitlines()] == [masked(line) for line in shown.splitlines()]


def masked(line):
    line = re.sub(r"numpy [\d.]+", "numpy", line.rstrip())
    line = re.sub(r" +\d+\.\d s$", " s", line)
    line = re.sub(r"replay [0-9a-f]{4,}", "replay ID", line)
    return re.sub(r"up to [\d.e-]+ of their bound \(.*", "up to", line)


def test_the_top_level_holds_nothing_else():
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and not ignored(path.name)}
    assert names == TOP_LEVEL


def test_the_page_on_architecture_has_the_layers_in_their_order():
    page = (ROOT / "docs" / "architecture.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == LAYERS


def test_every_file_is_short():
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in own_files(".py")}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_file_speaks_of_where_it_was_written():
    texts = {
        file: file.read_text()
        for file in own_files(".py", ".md", ".toml", ".json", ".txt", "")
        if file != Path(__file__)
    }
    found = [
        f"{file.relative_to(ROOT)}: {hit[0]}"
        for file, text in texts.items()
        for hit in [re.search(ELSEWHERE, text)]
        if hit
    ]
    assert found == []


# np.isclose as somebody's code calls it, executed exactly, and the tests of that; and onnx's own comparison.
THEIR_OWN = {"ring_choices.py", "test_gradient_functions.py", "onnx_suite.py"}


def test_nobody_chooses_a_tolerance():
    chosen = re.compile(r"\b[ra]tol\s*=|allclose\(|\bisclose\(|\bapprox\(")
    files_ = [file for file in own_files(".py") if file != Path(__file__) and file.name not in THEIR_OWN]
    assert [file.name for file in files_ if chosen.search(file.read_text())] == []


def test_the_version_stands_in_one_place():
    version = PROJECT["version"]
    assert rnnproof.__version__ == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()
    assert [file.name for file in (ROOT / "rnnproof").rglob("*.py") if version in file.read_text()] == []


def test_the_constraints_pin_exactly_and_completely():
    lines = [line for line in (ROOT / "tests" / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    pinned = {line.partition("==")[0].lower() for line in lines}
    named = (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"])
    assert {re.split(r"[<>=]", each)[0].lower() for each in named} <= pinned
    assert "torch==2.13.0" in lines


def test_the_licence_is_the_one_that_is_named():
    assert PROJECT["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("name", ["py.typed", "report/report.schema.json"])
def test_the_package_carries_its_data(name):
    assert files("rnnproof").joinpath(name).is_file()


def test_every_command_tells_what_it_does():
    assert all(isinstance(command, click.Command) and command.help for command in cli.commands.values())

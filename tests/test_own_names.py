"""docs/verify-your-own.md names parameters, states and shapes: as the catalogue has them; and PyTorch's modules."""

import re
from pathlib import Path

import pytest

from rnnproof.adapters.torch_networks import MODULES
from rnnproof.catalogue import NETWORKS, network

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
PAGE = (ROOT / "docs" / "verify-your-own.md").read_text()
TABLE = PAGE.partition("| network | parameters | states | outputs |\n")[2].partition("\n\n")[0]
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in TABLE.splitlines()[1:]
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def shapes(cell):
    """``W_i``, ``W_f`` (H, I), by name; "as lstm, and" stands for those of lstm."""
    found = dict(shapes(ROWS[base.group(1)][0])) if (base := re.match(r"as `(\w+)`, and", cell)) else {}
    for names, shape in re.findall(r"((?:`[\w.]+`(?:, )?)+) \(([^)]*)\)", re.sub(r"as `\w+`, and", "", cell)):
        letters = tuple(re.findall(r"\w", shape))
        found |= dict.fromkeys(re.findall(r"`([\w.]+)`", names), letters)
    return found


@pytest.mark.parametrize("name", ROWS)
def test_a_row_names_what_the_network_has(name):
    parameters, states, outputs = ROWS[name]
    asked = network(name)
    assert asked.name == name
    assert shapes(parameters) == dict(asked.parameters)
    assert shapes(states) == {state: ("B", asked.dimensions[state]) for state in asked.states}
    assert outputs == f"(T, B, {asked.output_size})"


def test_every_network_has_a_row():
    assert {name.partition(":")[0] for name in ROWS} == set(NETWORKS)


def test_what_stands_below_the_table_is_true():
    for name in NETWORKS:
        assert not any("b_" in each for each in network(f"{name}:bias=false").parameters)
    for name in ("lstm", "peephole"):
        left = set(network(name).parameters) - set(network(f"{name}:coupled=input").parameters)
        assert {each[2:] for each in left} == {"i"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_table_is_not_broken_by_an_empty_line(page):
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", page.read_text())]
    tables = [block for block in blocks if block and block[0].startswith("|")]
    assert [block[0] for block in tables if len(block) < 2 or not re.fullmatch(r"[|\s:-]+", block[1])] == []


def test_every_module_of_pytorch_that_is_modelled_is_named():
    section = PAGE.partition("## PyTorch\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"torch\.nn:(\w+)", section)) == set(MODULES)

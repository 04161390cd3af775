"""docs/derivations is what derive prints today; ``pytest --update`` writes it again."""

import re
from difflib import unified_diff

import pytest
from reading import FORMULA, formulas, stumbles
from written_documents import KEPT, NETWORKS, comparable

from rnnproof.usecases.derive import derive


def differences(kept, fresh):
    return list(unified_diff(comparable(kept), comparable(fresh), "kept", "derived afresh", n=0, lineterm=""))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_kept_document_is_what_derive_prints(name, request):
    file, fresh = KEPT / f"{name}.md", derive(NETWORKS[name])
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    found = differences(kept, fresh)
    if found and request.config.getoption("--update"):
        file.write_text(fresh, encoding="utf-8")
        return
    assert not found, "\n".join([*found, f"{file.name} is out of date; pytest --update writes it again"])


def test_there_is_no_other_document():
    assert {file.stem for file in KEPT.glob("*.md")} == set(NETWORKS)


def test_a_changed_formula_is_seen_and_a_changed_measurement_is_not():
    kept = "```math\nz &= U h && 0.0030\n```\n\n*Checked: worst\nerror 0.02 of its bound.*\n"
    assert differences(kept, kept.replace("0.0030", "1.1e-05").replace("0.02", "0")) == []
    assert len(differences(kept, kept.replace("U h", "V h"))) > 0


PAIRS = (
    (r"\left", r"\right"),
    (r"\begin{aligned}", r"\end{aligned}"),
    (r"\begin{matrix}", r"\end{matrix}"),
    ("{", "}"),
)
# What Markdown reads before LaTeX does: a backslash and a mark is an escape, a < may begin a tag.
MARKDOWN = re.compile(r"\\[,;:!{}_#|]|<|>|\*|~")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_formula_is_whole_and_nothing_in_it_is_markdown_s(name):
    text = (KEPT / f"{name}.md").read_text(encoding="utf-8")
    found = formulas(text)
    assert len(found) > 100 and FORMULA.sub("", text).count("$") == 0
    for formula in found:
        bare = formula.replace(r"\leftarrow", "").replace(r"\rightarrow", "")
        assert all(bare.count(opened) == bare.count(closed) for opened, closed in PAIRS), formula
        assert MARKDOWN.search(formula) is None and "\n\n" not in formula, formula
        assert "\\\\" not in formula or "\n" in formula or "aligned" in formula or "matrix" in formula, formula


def test_a_formula_that_is_not_whole_is_seen():
    assert formulas("a $x$, $`z`$ and\n\n```math\ny\n```\n") == ["x", "z", "y"]
    assert MARKDOWN.search(r"a \, b") and MARKDOWN.search("a < b") and not MARKDOWN.search(r"a \lt b")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_reader_stumbles_on_nothing(name):
    assert stumbles((KEPT / f"{name}.md").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "is Max(1, $h$)",
        "u$(T)$",
        "A^$n$",
        "W $h$ + b",
        "A[0,0]\\*\\*2",
        "only with a = 0",
        r"at most \< $h$",
        "2.08E+4",
        "every d y_t",
        r"$z \text{for} z$",
        "the unit of h'",
        "$(U_{h})_{jj} + W_{h}$",
    ],
)
def test_what_a_reader_would_stumble_on_is_seen(planted):
    right = "In `lstm`, a layer's $h'$ is $`(U_{h})_{jj}`$ of step 1: $x$, and $y$.\n\nA unit stores it."
    assert stumbles(right) == []
    assert stumbles(f"{right} It {planted}, of its own.") != []

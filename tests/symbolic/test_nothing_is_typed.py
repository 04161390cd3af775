"""What is derived contains no typed formula: one sign changed in a page changes every derived statement."""

from dataclasses import replace

import pytest

from rnnproof.catalogue import network
from rnnproof.errors import VerificationFailed
from rnnproof.model.equation import Elementwise, signals
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import closed_form, difference, expand, gradient, reordered, unroll
from rnnproof.symbolic.statements_of_sequences import SEQUENCE_STATEMENTS
from rnnproof.usecases.lecture import worked

SMALL = Sizes(T=2, B=1, I=1, H=1, O=1)


def with_sign_changed(page: Network, target: str) -> Network:
    equations = tuple(
        Elementwise(target, -equation.expression) if equation.target == target else equation
        for equation in page.cell.equations
    )
    return replace(page, cell=replace(page.cell, equations=equations))


def derived(page: Network) -> dict[str, str]:
    program = unroll(page, SMALL)
    output = program.results["outputs"][-1]
    weight = next(name for name in program.arguments if name.startswith("U"))
    return {
        "program": str(program),
        "reordered": str(reordered(program, (2, 1))),
        "expanded": str(expand(program, output)),
        "gradient": str(expand(gradient(program, output, f"{weight}[0,0]"), f"d{weight}[0,0]")),
    }


@pytest.mark.parametrize(
    ("name", "equation"),
    [("elman", "h'"), ("lecture", "h'"), ("lstm", "i"), ("lstm", "f"), ("lstm", "g"), ("lstm", "c'"), ("lstm", "h'")],
)
def test_a_sign_changed_in_an_equation_changes_everything_derived(name, equation):
    right, wrong = derived(network(name)), derived(with_sign_changed(network(name), equation))
    assert [statement for statement in right if right[statement] == wrong[statement]] == []


def test_a_sign_inside_an_expression_changes_everything_derived():
    f, c, i, g = signals("f c i g")
    page = network("lstm")
    equations = tuple(
        Elementwise("c'", f * c - i * g) if equation.target == "c'" else equation for equation in page.cell.equations
    )
    right, wrong = derived(page), derived(replace(page, cell=replace(page.cell, equations=equations)))
    assert [statement for statement in right if right[statement] == wrong[statement]] == []


def test_a_sign_changed_changes_the_closed_form_and_what_the_order_does():
    right, wrong = network("lecture"), with_sign_changed(network("lecture"), "h'")
    assert all(a["y"] != b["y"] for a, b in zip(closed_form(right, 3), closed_form(wrong, 3), strict=True))
    for order in ((2, 1), (3, 2, 1)):
        assert difference(right, order)[-1] != difference(wrong, order)[-1]


def test_a_sign_changed_in_the_page_makes_the_lecture_s_example_fail(monkeypatch):
    wrong = with_sign_changed(network("lecture"), "h'")
    monkeypatch.setattr(worked, "network", lambda name: wrong)
    with pytest.raises(VerificationFailed, match=r"step 1, hidden: the NumPy cells give \(2, 2\).*\(-2, -2\)"):
        worked.lecture()


def stated(page: Network) -> dict[str, object]:
    """Every statement about the page, or how it fails."""
    found: dict[str, object] = {}
    for statement in SEQUENCE_STATEMENTS:
        try:
            found[statement.__name__] = statement(page)
        except VerificationFailed as problem:
            found[statement.__name__] = str(problem)
    return {name: one for name, one in found.items() if one is not None}


SIGNS = [
    *(("elman", "h'"), ("lecture", "h'"), ("elman:activation=identity", "h'"), ("jordan:activation=identity", "h")),
    *(("elman:direction=bidirectional", "h'"), ("gru:direction=backward", "n"), ("jordan:readout=tanh", "y'")),
    *((name, equation) for name in ("lstm", "lstm:layers=2") for equation in ("i", "f", "g", "o", "c'", "h'")),
]


@pytest.mark.parametrize(("name", "equation"), SIGNS)
def test_a_sign_changed_in_an_equation_changes_every_statement_about_the_page(name, equation):
    right, wrong = stated(network(name)), stated(with_sign_changed(network(name), equation))
    assert len(right) >= 4
    assert [statement for statement in right if right[statement] == wrong.get(statement)] == []

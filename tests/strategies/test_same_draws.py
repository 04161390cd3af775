"""A seed says which cases are looked at, whatever modules are loaded."""

import importlib
from contextlib import nullcontext

import pytest

from rnnproof.strategies import search
from rnnproof.strategies.cases import draws
from rnnproof.strategies.regimes import ORDINARY


@pytest.fixture
def drawn_around_an_import(tmp_path, monkeypatch):
    """What is drawn before a module with many numbers in it is loaded, and after it."""

    def drawn(name):
        strategy = draws(ORDINARY, "float64", {})
        first = search.sample(strategy, 400, 7)
        (tmp_path / f"{name}.py").write_text("\n".join(f"A{n} = {n * n + 1000 * len(name)}" for n in range(500)))
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.import_module(name)
        return first, search.sample(strategy, 400, 7)

    return drawn


def test_what_is_drawn_does_not_depend_on_what_is_loaded(drawn_around_an_import):
    before, after = drawn_around_an_import("numbers_in_a_module")
    assert before == after
    assert len(before) > 300


def test_without_that_it_would(drawn_around_an_import, monkeypatch):
    monkeypatch.setattr(search, "_no_constants", nullcontext)
    before, after = drawn_around_an_import("numbers_in_another_module")
    assert before != after

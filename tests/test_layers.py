"""A module imports only what stands earlier in the list of layers; the imports are read from the source."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "rnnproof"
LAYERS = [
    "errors",
    "model",
    "store",
    "domains",
    "catalogue",
    "reference",
    "symbolic",
    "faults",
    "cells",
    "autodiff",
    "strategies",
    "dialects",
    "tracing",
    "adapters",
    "properties",
    "conventions",
    "diagnosis",
    "usecases",
    "isolate",
    "report",
    "testing",
    "exact",
    "cli",
]
# Independence: two witnesses made apart do not import each other.
APART = {"cells": {"model", "catalogue", "reference", "symbolic"}, "symbolic": {"reference"}}
# What is imported from outside in one layer only.
QUARANTINE = {
    "torch": {"adapters"},
    "jax": {"adapters"},
    "tensorflow": {"adapters"},
    "onnx": {"adapters"},
    "autograd": {"autodiff"},
    "hypothesis": {"strategies"},
    "flint": {"domains"},
    "pytest": {"testing", "usecases"},  # the surface for a suite of one's own; and running somebody's suite
    "click": {"cli"},
    "rich": {"cli"},
    "jsonschema": {"report"},
}
SOURCES = {
    ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): file.read_text()
    for file in sorted(ROOT.rglob("*.py"))
}


def imports(name, source, whole=True):
    """The modules that a source imports; with ``whole``, those inside functions and for the type checker too."""
    tree = ast.parse(source)
    nodes = ast.walk(tree) if whole else tree.body
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import; write the whole name"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in SOURCES else str(node.module)


def layer(module):
    """ "model" for rnnproof.model.case; "" for the package itself and its __main__, which may import anything."""
    inner = module.removeprefix("rnnproof").lstrip(".").partition(".")[0]
    return "" if inner == "__main__" else inner


def violations(name, source):
    """What a module imports that it must not."""
    own = layer(name)
    if not own:
        return
    if own not in LAYERS:
        yield f"{name}: {own} is in no layer; give it a place in the list"
        return
    for imported in imports(name, source):
        package = imported.partition(".")[0]
        if package == "rnnproof":
            other = layer(imported)
            if other not in LAYERS[: LAYERS.index(own) + 1] or other in APART.get(own, ()):
                yield f"{name} imports {imported}"
        elif own not in QUARANTINE.get(package, {own}):
            yield f"{name} imports {imported}"


def test_every_module_imports_only_what_stands_earlier():
    assert len(SOURCES) > 80
    assert [told for name, source in SOURCES.items() for told in violations(name, source)] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("rnnproof.model.cell", "import rnnproof.catalogue"),
        ("rnnproof.model.cell", "from rnnproof.catalogue.lstm import cell"),
        ("rnnproof.model.cell", "from rnnproof import catalogue"),
        ("rnnproof.model.cell", "def f():\n    from rnnproof.reference import forward"),
        ("rnnproof.model.cell", "if TYPE_CHECKING:\n    from rnnproof.cli.main import run"),
        ("rnnproof.model.cell", "from rnnproof import __version__"),
        ("rnnproof.cells.lstm", "from rnnproof.model.case import Case"),
        ("rnnproof.cells.lstm", "from rnnproof import catalogue"),
        ("rnnproof.symbolic.unroll", "from rnnproof.reference.forward import run"),
        ("rnnproof.properties.forward", "import torch"),
        ("rnnproof.properties.forward", "def law():\n    from torch import nn"),
        ("rnnproof.properties.forward", "import hypothesis.strategies as st"),
        ("rnnproof.report.text", "import click"),
        ("rnnproof.cli.main", "import pytest"),
        ("rnnproof.utils", "import os"),
    ],
)
def test_a_planted_violation_is_refused(name, source):
    assert len(list(violations(name, source))) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "rnnproof.model.cell",
            "import numpy\nfrom rnnproof.errors import ModelError\nfrom rnnproof.model.case import Case",
        ),
        ("rnnproof.cells.lstm", "from rnnproof.errors import Unsupported"),
        ("rnnproof.adapters.torch_layers", "def build():\n    import torch"),
        ("rnnproof.cli.main", "import click\nfrom rnnproof.usecases.lecture import lecture"),
        ("rnnproof", "from rnnproof.usecases.verify import verify"),
        ("rnnproof.__main__", "from rnnproof.cli.main import main"),
    ],
)
def test_an_import_downwards_is_accepted(name, source):
    assert list(violations(name, source)) == []


def test_a_relative_import_is_refused():
    with pytest.raises(AssertionError, match="relative import"):
        list(violations("rnnproof.model.cell", "from . import case"))


def cycle(sources):
    """A cycle of imports, or None."""
    graph = {name: set(imports(name, source, whole=False)) & set(sources) - {name} for name, source in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        return problem.args[1]
    return None


def test_no_imports_go_round():
    assert cycle(SOURCES) is None


def test_a_planted_cycle_is_found():
    planted = SOURCES | {"rnnproof.errors": "from rnnproof.model.report import Report"}
    assert {"rnnproof.errors", "rnnproof.model.report"} <= set(cycle(planted))

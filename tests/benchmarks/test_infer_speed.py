"""How long it takes to find each convention from behaviour alone, with no network said. Read, not asserted."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "conventions"))

from black_boxes import EXPECTED
from their_dialects import DIALECTS

from rnnproof.adapters.resolve import black_box
from rnnproof.conventions.search import readings
from rnnproof.dialects import fitted


@pytest.mark.benchmark(group="the convention of a black box, found")
@pytest.mark.parametrize("name", EXPECTED)
def test_a_convention(benchmark, name):
    target, said = EXPECTED[name]
    found = benchmark.pedantic(lambda: readings(*black_box(target)).readings[0], rounds=1)
    assert found.network.name == said
    assert fitted(found.dialect, found.network) == DIALECTS[name]

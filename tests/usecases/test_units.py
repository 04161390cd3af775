"""Library units: measured through a layer, a library's functions stay within what is assumed; another's are seen."""

import numpy as np
import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.domains.formats import FORMATS, LIBRARY_UNITS
from rnnproof.domains.true_values import true_values
from rnnproof.report.library_units import page
from rnnproof.usecases import units
from rnnproof.usecases.units import LSTM, PROBES, RNN, TARGETS, library_units, measured, points


@pytest.mark.parametrize("dtype", FORMATS)
def test_numpys_cells_are_within_the_units_assumed(dtype):
    rows = list(library_units(("numpy:lstm", "numpy:elman", "numpy:gru"), (dtype,), 500))
    assert len(rows) == len(PROBES) and max(row.absolute for row in rows) <= LIBRARY_UNITS
    assert min(row.absolute for row in rows) > 0.2  # half a unit, if rounded to the nearest: the points are not exact
    tanh = [row for row in rows if row.function == "tanh"]
    assert all(row.relative <= LIBRARY_UNITS and row.kept_to < -60 for row in tanh)


@pytest.mark.parametrize("target", [name for name in TARGETS if name.startswith("torch")])
def test_pytorchs_layers_are_within_the_units_assumed(target):
    pytest.importorskip("torch")
    rows = list(library_units((target,), tuple(FORMATS), 200))
    assert rows and max(row.absolute for row in rows) <= LIBRARY_UNITS


class Approximate:
    """tanh by a rational function, right to three digits."""

    networks = ("elman:bias=false",)

    @staticmethod
    def run(params, x, state):
        z = x[0] @ params["W_h"].T
        h = np.clip(z * (27 + z * z) / (27 + 9 * z * z), -1, 1)
        return h[None], {"h": h}


def test_an_approximation_is_seen_in_the_place_where_it_is():
    found = resolve(Approximate, RNN)
    (probe,) = [probe for probe in PROBES if probe.network == RNN]
    row = measured(found.implementation, found.network, probe, points("float64", 500))
    assert row.absolute > 1e10 and abs(row.absolute_at) < 4


def test_every_number_of_a_format_of_sixteen_bits_is_a_point():
    for dtype in ("float16", "bfloat16"):
        every = points(dtype).astype(np.float64)
        assert len(every) == 2**16 - 2 * 2 ** {"float16": 10, "bfloat16": 7}[dtype]
        assert np.isfinite(every).all() and every.max() == FORMATS[dtype].largest


def test_true_values_are_known_beyond_float64():
    z = np.array([0.5, -3.0, -700.0, 1e300])
    nearest, left = true_values("sigmoid", z)
    assert nearest[3] == 1 and left[3] == 0 and nearest[2] > 0
    assert np.all(np.abs(left[:2]) <= np.spacing(nearest[:2])) and np.all(left[:2] != 0)


def test_the_page_says_what_was_measured_and_where():
    told = page(list(library_units(("numpy:lstm",), ("float16", "bfloat16"), 100)))
    assert "points: float16 101, bfloat16 101" in told or "points: float16 10" in told
    assert told.count("| numpy:lstm |") == 2 * sum(probe.network == LSTM for probe in PROBES)


def test_another_format_is_refused_by_name():
    with pytest.raises(units.UsageError, match="unknown dtype 'float8'"):
        list(units.measured_here(("float8",)))

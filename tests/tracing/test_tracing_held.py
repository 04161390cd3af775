"""What a run in plain floats leaves behind is no literal of the code, unless the exact run looks at it."""

import pytest
from elman_files import HEAD, judge, written

from rnnproof.domains.padic import Residues
from rnnproof.domains.place import NOWHERE, PACKAGE
from rnnproof.domains.ring import Ring
from rnnproof.model.verdict import Outcome

KEEPING = """
class Elman:
    def run(self, params, x, state):
        h, hs = state["h"], [state["h"]]
        for x_t in x:
            h = np.tanh(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
            hs.append(h)
        {keep}
        return np.stack(hs[1:]), {{"h": h}}

    def grad(self, params, x, state, cotangents):
        hs = {kept}
        d = {{name: np.zeros_like(value) for name, value in params.items()}}
        dx, dh = np.zeros_like(x), cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            dz = (dh + cotangents["outputs"][t]) * (1 - hs[t + 1] ** 2)
            d["W_h"] += dz.T @ x[t]
            d["U_h"] += dz.T @ hs[t]
            d["b_h"] += dz.sum(axis=0)
            dx[t] = dz @ params["W_h"]
            dh = dz @ params["U_h"]
        {spoil}
        return {{"params": d, "x": dx, "state": {{"h": dh}}}}
"""
WAYS = {
    "the class": ("", "Elman.hs = hs", "Elman.hs"),
    "the object": ("", "self.hs = hs", "self.hs"),
    "an array": ("", "self.hs = np.stack(hs)", "self.hs"),
    "a global": ("hs_kept = None\n", "globals()['hs_kept'] = hs", "hs_kept"),
    "a function": ("def run():\n    pass\n", "run.hs = hs", "run.hs"),
    "a buffer": ("kept = np.full((4, 2, 3), np.nan)\n", "kept[...] = np.stack(hs)", "kept"),
}
FACTOR = "d['b_h'] = d['b_h'] * (1 + np.exp(-40))"
HELD = "rate = np.array([0.1])\n"


def target(tmp_path, way, spoil="pass", before=""):
    first, keep, kept = WAYS[way]
    return written(tmp_path, HEAD + before + first + KEEPING.format(keep=keep, kept=kept, spoil=spoil))[0]


@pytest.mark.parametrize("way", WAYS)
def test_a_factor_is_found_whatever_the_floats_left_behind(way, tmp_path):
    found = judge(target(tmp_path, way, FACTOR))
    assert found.outcome is Outcome.FAILED, found.message
    assert "db_h[0]: differs exactly" in found.message


@pytest.mark.parametrize("way", WAYS)
def test_right_code_passes(way, tmp_path):
    found = judge(target(tmp_path, way))
    assert (found.outcome, found.message) == (Outcome.PASSED, "")


def test_an_array_that_is_looked_at_is_a_literal_and_its_line_is_the_codes(tmp_path):
    spoil = "d['b_h'] = d['b_h'] * (rate * 10 + np.exp(-40))"
    found = judge(target(tmp_path, "the object", spoil, HELD))
    assert found.outcome is Outcome.UNDECIDED
    assert "literal at elman_file.py:" in found.message
    assert "rate * 10" in found.message


def test_no_line_of_what_runs_the_code_is_called_the_codes():
    where = Ring(Residues(65521, 16))
    exec(compile("note('literal')", str(PACKAGE / "adapters" / "traced.py"), "exec"), {"note": where.note})
    where.note("log")
    assert next(iter(where.notes)).place == NOWHERE
    assert "test_tracing_held.py:" in list(where.notes)[1].place

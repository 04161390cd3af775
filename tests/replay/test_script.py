"""replay --script: each script fails on its wrong target in a process of its own, and passes on a right one."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import wrong_lstms

from rnnproof import store
from rnnproof.adapters.resolve import resolve
from rnnproof.cli.main import run
from rnnproof.errors import Unsupported
from rnnproof.model.event import Found
from rnnproof.model.verdict import Outcome
from rnnproof.usecases.options import options_of
from rnnproof.usecases.replay import stored_target
from rnnproof.usecases.script.make import script
from rnnproof.usecases.verify import examine

WRONG = Path(__file__).parents[1] / "properties"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
# Of each wrong LSTM a law that it breaks: every law of one layer in one direction is here.
SHOWN = {
    "KeepsItsState": "state.repeat",
    "ReturnsItsBuffer": "state.repeat",
    "ShowsNaN": "forward.step",
    "StepReturnsFloat32": "numerics.rounding",
    "ForgetsOneGateInDx": "gradient.inputs",
    "OnlyTwoRows": "batch.permutation",
    "ReadsMemoryOrder": "numerics.strides",
    "BatchMean": "exact.forward",
    "Overflows": "forward.saturation",
    "ReturnsFloat32": "numerics.dtype",
    "MeanOverTheBatch": "gradient.parameters",
    "FinalStateOneStepEarly": "state.handover",
    "KeepsStateInTheDictionary": "numerics.inputs_unchanged",
}


def documented(target, law, network="lstm", dialect=None):
    """The counterexample of a law, as it is stored."""
    dtype = None if law.startswith("exact") else "float64"
    options = options_of([law], dtype, 0, 2, "quick")
    events = examine(resolve(target, network, dialect), options)
    (found,) = [e.finding for e in events if isinstance(e, Found) and e.finding.outcome is Outcome.FAILED]
    return store.completed(found, target).counterexample


def written(target, law, network="lstm", dialect=None):
    """The script, and the word for what it shows."""
    document = documented(target, law, network, dialect)
    return script(document, stored_target(document), 30.0).text


def ended(text, tmp_path, capsys):
    """(exit code, last line) of a script that is run from its file."""
    file = tmp_path / "script.py"
    file.write_text(text)
    before, modules = list(sys.path), set(sys.modules)
    try:
        runpy.run_path(str(file), run_name="__main__")
        code = 0
    except SystemExit as told:
        code = told.code
    finally:
        sys.path[:] = before
        for name in set(sys.modules) - modules:
            del sys.modules[name]
    return code, capsys.readouterr().out.splitlines()[-1]


def mended(text, wrong, module):
    """The script about a right LSTM, in the place of the wrong one."""
    right = "WithStep" if "Step" in wrong or wrong == "ShowsNaN" else "Packed"
    return text.replace(f"from {module} import {wrong}", f"from right_lstms import {right} as {wrong}")


@pytest.mark.parametrize(("wrong", "law"), SHOWN.items())
def test_a_wrong_target_fails_and_a_right_one_passes(wrong, law, tmp_path, capsys):
    module = "wrong_lstms" if hasattr(wrong_lstms, wrong) else "wrong_arguments"
    text = written(f"{WRONG}/{module}.py:{wrong}", law)
    assert "import rnnproof" not in text and "from rnnproof" not in text
    code, last = ended(text, tmp_path, capsys)
    assert code == 1 and last.startswith("WRONG: ")
    code, last = ended(mended(text, wrong, module), tmp_path, capsys)
    assert code == 0 and last.startswith("RIGHT: ")
    assert len(text.splitlines()) < 120


TINY = """
import numpy as np


def run(params, x, state):
    h, outputs = state["h"], []
    for x_t in x:
        h = np.tanh(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
        outputs.append(h + np.exp(-60 - h * h))
    return np.stack(outputs), {"h": h}
"""


def test_what_floats_cannot_show_is_refused_by_name(tmp_path):
    file = tmp_path / "tiny.py"
    file.write_text(TINY)
    document = documented(f"{file}:run", "exact.forward", "elman")
    with pytest.raises(Unsupported, match=r"no script can show this failure of exact\.forward: it takes exact"):
        script(document, stored_target(document), 30.0)


PACKED = """
import numpy as np
from rnnproof.dialects import Dialect, Stack


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


class GRU:
    dialect = Dialect(
        arrays={
            "kernel": Stack("z r n", of="W", axis=1, transpose=True, negate="z"),
            "recurrent": Stack("z r n", of="U", axis=1, transpose=True, negate="z"),
            "b_x": (Stack("z r", of="b", negate="z", shift={"r": 1.0}, part=1), Stack("n", of="b")),
            "b_h": (Stack("z r", of="b", negate="z", shift={"r": 1.0}, part=2), Stack("hn", of="b")),
        },
        state=("h",),
        layout="BTI",
    )
    late = WRONG

    def run(self, params, x, state):
        h, outputs, k, r = state[0], [], params["kernel"], params["recurrent"]
        for t in range(x.shape[1]):
            (zx, rx, nx), (zh, rh, nh) = (
                np.split(v @ w + b, 3, axis=1) for v, w, b in ((x[:, t], k, params["b_x"]), (h, r, params["b_h"]))
            )
            z, gate = sigmoid(zx + zh), sigmoid(rx + rh + 1)
            n = np.tanh(nx + gate * nh)
            h = z * n + (1 - z) * h + self.late * h
            outputs.append(h)
        return np.stack(outputs, axis=1), (h,)
"""


def test_a_packed_target_is_given_its_own_arrays(tmp_path, capsys):
    file = tmp_path / "packed_gru.py"
    file.write_text(PACKED.replace("WRONG", "0.25"))
    text = written(f"{file}:GRU", "forward.values", "gru")
    code, last = ended(text, tmp_path, capsys)
    assert code == 1 and last.startswith("WRONG: ")
    assert '"kernel": np.concatenate([-p["W_z"].T, p["W_r"].T, p["W_n"].T], axis=1)' in text
    file.write_text(PACKED.replace("WRONG", "0.0"))
    code, last = ended(text, tmp_path, capsys)
    assert code == 0 and last.startswith("RIGHT: ")


@pytest.fixture(scope="module")
def known():
    return documented(f"{EXAMPLES}/lstm_forgot_dc.py:LSTM", "gradient.parameters")


@pytest.fixture
def forgot_dc(known, tmp_path, monkeypatch):
    """The id of the example's counterexample, stored."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return store.keep(known, store.default_directory())


def test_the_command_prints_a_script_that_needs_no_rnnproof(forgot_dc, tmp_path, capsys):
    file = tmp_path / "bug.py"
    assert run(["replay", forgot_dc, "--script"]) == 0
    file.write_text(capsys.readouterr().out)
    first = file.read_text().splitlines()[0]
    assert first == '"""LSTM of lstm_forgot_dc.py: db_g[0] is 0.5, but should be 0.75.'
    alone = [sys.executable, "-I", "-c", f"{BLOCKED}runpy.run_path({str(file)!r}, run_name='__main__')"]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[-1] == "WRONG: 2 of 2 numbers are not what they should be."
    assert "db_g[0]: got 0.5, but should be 0.75" in done.stdout


BLOCKED = "import runpy, sys; sys.modules['rnnproof'] = None; "  # an import of it would fail


def test_where_nothing_fails_any_more_there_is_no_script(forgot_dc, capsys):
    code = run(["replay", forgot_dc, f"{EXAMPLES}/lstm_plain.py:LSTM", "--script"])
    told = capsys.readouterr()
    assert (code, told.out) == (0, "")
    assert told.err.startswith("FIXED  gradient.parameters float64, as lstm")
    assert told.err.endswith("  no script: there is no failure to show\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["numpy:lstm", "--script"], "is a cell of rnnproof's own: no script could load it without rnnproof"),
        (["-o", "bug.py"], "-o goes with --script"),
        (["--script", "-o", "nowhere/bug.py"], "there is no directory nowhere"),
    ],
)
def test_what_cannot_be_is_refused_by_name(forgot_dc, capsys, arguments, told):
    assert run(["replay", forgot_dc, *arguments]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


LAYER = """
import torch


class LSTM(torch.nn.LSTM):
    def forward(self, x, hx=None):
        return super().forward(FACTOR * x, hx)
"""


def test_a_layer_of_torch_needs_numpy_and_torch(tmp_path, capsys):
    pytest.importorskip("torch")
    file = tmp_path / "own_layer.py"
    file.write_text(LAYER.replace("FACTOR", "2"))
    text = written(f"{file}:LSTM", "forward.values")
    assert "module = LSTM(1, 1).to(torch.float64)" in text
    assert ended(text, tmp_path, capsys)[0] == 1
    file.write_text(LAYER.replace("FACTOR", "1"))
    code, last = ended(text, tmp_path, capsys)
    assert code == 0 and last.startswith("RIGHT: ")

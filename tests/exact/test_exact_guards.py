"""What guards against a wrong verdict is taken away, and the wrong verdict is seen; with it there is none."""

from dataclasses import replace

import numpy as np
import pytest
from styles import RUN, TANH

from rnnproof.adapters.resolve import resolve
from rnnproof.domains import ring_ufuncs
from rnnproof.domains.dual import unknown
from rnnproof.domains.execution import execute
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact
from rnnproof.properties.exactly import unequal
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill
from rnnproof.tracing.standin import Stage

CASE = Draw(3, 2, 2, 2, 2, 2, 7, "typical", 12)
PLAIN = "import numpy as np\n\ndef step(z):\n    return np.tanh(z)\n" + RUN


def trial(folder, text, network=TANH, draw=CASE, change=lambda case: case):
    file = folder / "guarded.py"
    file.write_text(text)
    target = resolve(f"{file}:Net", network)
    return start(change(fill(target.network, draw, "float64")), target.implementation)


def on_the_kink(case):
    zeros = {name: np.zeros_like(value) for name, value in case.parameters.items()}
    return replace(case, parameters=zeros)


def eighty_steps(ring, size=0.5):
    """The last states of two networks without bias and input, which differ in the last step alone."""
    U, h = (RingArray(unknown(ring, name, np.full(shape, size))) for name, shape in (("U", (2, 2)), ("h", (2,))))
    for _ in range(80):
        before, h = h, np.tanh(U @ h)
    wrong = np.tanh(U @ before * 1.5)
    return unequal({"right": (h, np.tanh(U @ before)), "wrong": (h, wrong)}, ring)


def test_eighty_steps_without_bias_or_input_need_the_guard_on_the_digits(monkeypatch):
    """tanh multiplies by p: after some 20 steps no digit is left, and a wrong network has the same zeros."""
    found, ring = execute(eighty_steps)
    assert [each.name for each in found] == ["wrong"]
    assert ring.residues.k > 80
    monkeypatch.setattr(Residues, "exhausted", lambda self, x, digits: np.zeros(np.shape(x), dtype=bool))
    found, ring = execute(eighty_steps)
    assert found == []
    assert ring.residues.k < 80


def test_floats_that_underflow_do_not_hide_that_digits_ran_out():
    found, _ = execute(lambda ring: eighty_steps(ring, 1e-8))
    assert [each.name for each in found] == ["wrong"]
    assert not np.any(found[0].got.f)


def floats_go_their_own_way(patch):
    patch.setattr(exact, "follows", lambda *results: None)


PLANTED = {
    # right code, and what takes its guard away
    "a float is taken out": (
        PLAIN.replace("h = step", "h = float(x_t[0, 0]) / x_t[0, 0] * step"),
        TANH,
        lambda patch: patch.setattr(RingArray, "__float__", lambda self: float(self.dual.f)),
        lambda case: case,
    ),
    "a comparison at a kink": (
        PLAIN.replace("np.tanh(z)", "np.where(z < 0, 0, z)"),
        "elman:activation=relu",
        lambda patch: patch.setattr(ring_ufuncs, "_equal", lambda ring, a, b: np.ones(np.shape(a - b), dtype=bool)),
        on_the_kink,
    ),
    "the type of an array": (
        PLAIN.replace("np.tanh(z)", "np.tanh(z) if type(z) is np.ndarray else np.tanh(z + 1)"),
        TANH,
        lambda patch: (patch.setattr(Stage, "names", lambda self: {}), floats_go_their_own_way(patch)),
        lambda case: case,
    ),
    "a literal that is read": (
        PLAIN.replace("np.tanh(z)", "np.tanh(z * (0.1 + 0.7) / 0.8)"),
        TANH,
        lambda patch: patch.setattr(Ring, "note", lambda self, kind: None),
        lambda case: case,
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_right_code_is_not_refuted_thanks_to_a_guard(what, tmp_path, monkeypatch):
    text, network, take_away, change = PLANTED[what]
    asked = trial(tmp_path, text, network, CASE, change)
    assert exact.forward(asked).outcome in (Outcome.NOT_APPLICABLE, Outcome.UNDECIDED)
    take_away(monkeypatch)
    assert exact.forward(asked).outcome is Outcome.FAILED

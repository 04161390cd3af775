"""How much is executed: what differs is looked into once, and no run goes on without digits."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.domains.padic import Residues, entries
from rnnproof.domains.ring import Ring
from rnnproof.model.verdict import Outcome
from rnnproof.usecases.gradients.derivative import Derivative

STEPS = """
def loss(U, h):
    for _ in range(30):
        h = np.tanh(U @ h)
    return (h * h).sum()


def gradient(U, h):
    hs = [h]
    for _ in range(30):
        hs.append(np.tanh(U @ hs[-1]))
    d, dU = 2 * hs[-1], np.zeros_like(U)
    for before, after in zip(hs[-2::-1], hs[:0:-1]):
        z = d * (1 - after ** 2)
        dU += np.outer(z, before)
        d = U{transposed} @ z
    return {{'U': dU}}
"""


@pytest.mark.parametrize(("transposed", "outcome", "most"), [(".T", Outcome.PASSED, 4), ("", Outcome.FAILED, 16)])
def test_digits_that_ran_out_end_a_run_and_the_second_way_is_brief(transposed, outcome, most, tmp_path, monkeypatch):
    runs = []
    monkeypatch.setattr(Derivative, "loss", counted(Derivative.loss, runs))
    rng = np.random.default_rng(0)
    given = {"U": rng.normal(size=(3, 3)), "h": rng.normal(size=3)}
    found = written(tmp_path, STEPS.format(transposed=transposed), given)
    assert found.outcome is outcome, found.message
    assert len(runs) <= most  # the derivative in four directions, and by nine entries


def counted(method, runs):
    def call(self, lifted):
        runs.append(self.ring.residues.k)
        return method(self, lifted)

    return call


def test_a_ring_whose_digits_ran_out_says_so():
    ring = Ring(Residues(65521, 16))
    ring.must_suffice()
    ring.exhausted = True
    with pytest.raises(ArithmeticError, match="too few digits"):
        ring.must_suffice()


@pytest.mark.parametrize("k", [1, 2, 3, 16, 70, 300])
def test_an_exponential_by_fewer_digits_for_each_further_term(k):
    ring = Residues(65521, k)
    for x in (0, 1, 2, 65521, 12345678901234567890):
        assert ring.exp(entries(x)).item() == pow(65522, x, int(ring.modulus))

"""The derivative of a relu that is given 0: anything in [0, 1] is right, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill
from rnnproof.usecases.examine import judge

NETWORK = "elman:activation=relu"


def elman(slope_at_0):
    class Elman:
        """h' = max(W x + U h + b, 0), its derivative at 0 being what is said."""

        def run(self, params, x, state):
            h, outputs, self.tape = state["h"], [], []
            for x_t in x:
                z = x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"]
                self.tape.append((x_t, h, z))
                h = np.maximum(z, 0)
                outputs.append(h)
            return np.array(outputs), {"h": h}

        def grad(self, params, x, state, cotangents):
            found, dx = {name: np.zeros_like(value) for name, value in params.items()}, np.zeros_like(x)
            dh = cotangents["state"]["h"]
            for t in reversed(range(len(x))):
                x_t, h, z = self.tape[t]
                dz = (dh + cotangents["outputs"][t]) * np.where(z == 0, slope_at_0, z > 0)
                found["W_h"] += dz.T @ x_t
                found["U_h"] += dz.T @ h
                found["b_h"] += dz.sum(axis=0)
                dx[t], dh = dz @ params["W_h"], dz @ params["U_h"]
            return {"params": found, "x": dx, "state": {"h": dh}}

    return resolve(Elman, NETWORK).implementation


def case_at_the_kink():
    """Of three hidden units, one is given 0 at every step."""
    case = fill(network(NETWORK), Draw(3, 2, 2, 3, 2, 2, 0, "typical", 8), "float64")
    kept = np.array([1.0, 0.0, 1.0])
    parameters = {n: value * (kept if value.ndim == 1 else kept[:, None]) for n, value in case.parameters.items()}
    return replace(case, parameters=parameters)


@pytest.mark.parametrize(
    ("slope", "outcome"),
    [(0.0, "passed"), (0.5, "passed"), (1.0, "passed"), (-1.0, "failed"), (-0.25, "failed"), (1.25, "failed")],
)
def test_which_derivatives_are_accepted_at_0(slope, outcome):
    verdict = judge(BY_ID["gradient.parameters"], start(case_at_the_kink(), elman(slope)))
    assert verdict.outcome.value == outcome
    assert ("any derivative in [0, 1] is accepted" in verdict.message) is (verdict.outcome is Outcome.FAILED)

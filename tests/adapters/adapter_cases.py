"""Small cases for adapters, and the plain LSTM that they are compared with, written apart from everything else."""

from dataclasses import dataclass

import numpy as np

from rnnproof.catalogue import network
from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Cotangents
from rnnproof.model.network import Sizes
from rnnproof.reference import rounding

SIZES = Sizes(T=4, B=3, I=2, H=3)


@dataclass(frozen=True)
class Small:
    network: object
    parameters: dict
    x: np.ndarray
    state: dict
    cotangents: Cotangents
    lengths: np.ndarray | None = None

    @property
    def arrays(self):
        return {"x": self.x, **self.parameters, **{f"state {name}": array for name, array in self.state.items()}}


def small(name="lstm", sizes=SIZES, dtype="float64", seed=0):
    """A case of dyadic numbers, different in every entry."""
    rng = np.random.default_rng(seed)
    chosen = network(name)

    def draw(shape):
        return (rng.integers(-64, 64, shape) / 32 + rng.integers(1, 16) / 512).astype(dtype)

    states = chosen.state_shapes(sizes)
    return Small(
        chosen,
        {name: draw(shape) for name, shape in chosen.shapes(sizes).items()},
        draw((sizes.T, sizes.B, sizes.I)),
        {name: draw(shape) for name, shape in states.items()},
        Cotangents(
            draw(sizes.shape(("T", "B", chosen.output_size))), {name: draw(shape) for name, shape in states.items()}
        ),
    )


def built(implementation, case, dtype="float64"):
    return implementation.build(case.network, case.parameters, dtype)


def lstm(p, x, state):
    """Outputs and final state of an LSTM, straight from its equations."""
    h, c = state["h"], state["c"]
    outputs = []
    for x_t in x:
        z = {g: x_t @ p[f"W_{g}"].T + h @ p[f"U_{g}"].T + p[f"b_{g}"] for g in "ifgo"}
        i, f, o = (1 / (1 + np.exp(-z[g])) for g in "ifo")
        c = f * c + i * np.tanh(z["g"])
        h = o * np.tanh(c)
        outputs.append(h)
    return np.array(outputs), {"h": h, "c": c}


def balls(case, dtype="float64"):
    """Each result by name, in balls that right code stays inside: outputs, final states, gradients."""
    state = {name: exact(array) for name, array in case.state.items()}
    tape = rounding.run_in_balls(case.network, case.parameters, case.x, state, FORMATS[dtype], case.lengths)
    pulled = rounding.pull_in_balls(tape, case.cotangents)
    final = {f"final {name}": ball for name, ball in tape.final.items()}
    initial = {f"d initial {name}": ball for name, ball in pulled.state.items()}
    parameters = {f"d{name}": ball for name, ball in pulled.parameters.items()}
    return {"outputs": tape.outputs, "dx": pulled.x} | final | initial | parameters


def results(trace):
    """The same of a trace, a second gradient of a parameter under the parameter's name and where it stood."""
    gradients = trace.gradients
    final = {f"final {name}": array for name, array in trace.final.items()}
    initial = {f"d initial {name}": array for name, array in gradients.state.items()}
    parameters = {f"d{name}": array for name, array in gradients.parameters.items()}
    return {"outputs": trace.outputs, "dx": gradients.x} | final | initial | parameters


def outside(trace, case, dtype="float64"):
    """The names of the results that are not everywhere inside their balls."""
    expected, got = balls(case, dtype), results(trace)
    assert {name.partition("@")[0] for name in got} == set(expected)
    pairs = {name: (array, expected[name.partition("@")[0]]) for name, array in got.items()}
    return {name for name, (array, ball) in pairs.items() if (np.abs(array - ball.value) > ball.radius).any()}

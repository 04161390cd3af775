"""Random points at which formulas are checked: sizes that tell a transpose from none, numbers exact in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.network import Network, Sizes

ROWS, CASES = 4, 5
POINTS = ROWS * CASES
STEPS = 3
GRAIN = 2.0**-12


def cases(network: Network, steps: int = STEPS, rows: int = ROWS, units: int = 3) -> Iterator[Case]:
    """CASES cases of ROWS rows: parameters, inputs, states and cotangents, none of them zero."""
    for seed in range(CASES):
        yield case(network, Sizes(T=steps, B=rows, I=2, H=units, O=2, P=2), seed)


def case(network: Network, sizes: Sizes, seed: int) -> Case:
    """Multiples of GRAIN of size up to 3/2."""
    rng = np.random.default_rng(seed)

    def array(shape: tuple[int, ...]) -> Array:
        size = rng.integers(1, int(1.5 / GRAIN), shape) * GRAIN
        return np.asarray(size * rng.choice([-1.0, 1.0], shape))

    states = network.state_shapes(sizes)
    return Case(
        network=network,
        sizes=sizes,
        parameters={name: array(shape) for name, shape in network.shapes(sizes).items()},
        x=array(sizes.shape(("T", "B", "I"))),
        state={name: array(shape) for name, shape in states.items()},
        cotangents=Cotangents(
            array(sizes.shape(("T", "B", network.output_size))),
            {name: array(shape) for name, shape in states.items()},
        ),
    )

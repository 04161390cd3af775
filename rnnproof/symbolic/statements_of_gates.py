"""The statements about gates, bounds, gradients and reductions, each a function of a network."""

from __future__ import annotations

from collections.abc import Callable

from rnnproof.model.network import Network
from rnnproof.symbolic.direct_path import direct_path, linear_power, step_jacobian
from rnnproof.symbolic.elman_reduction import as_elman_step
from rnnproof.symbolic.gate_gradients import gate_gradients
from rnnproof.symbolic.gates import gate_effects
from rnnproof.symbolic.invariants import gate_bounds, memory_bound, output_bounds
from rnnproof.symbolic.jordan_reduction import as_elman_network
from rnnproof.symbolic.keeping import keeps, overwrites
from rnnproof.symbolic.parameters import parameter_count, summed_biases
from rnnproof.symbolic.statement import Statement
from rnnproof.symbolic.wiring import layers, two_directions

Derive = Callable[[Network], Statement | None]
# Said of a cell, in its own names: of a stack, or of both directions, each layer is one.
OF_ONE_LAYER: tuple[Derive, ...] = (
    gate_effects,
    keeps,
    overwrites,
    gate_bounds,
    output_bounds,
    memory_bound,
    direct_path,
    step_jacobian,
    linear_power,
    as_elman_step,
    as_elman_network,
    summed_biases,
)
GATE_STATEMENTS: tuple[Derive, ...] = (
    gate_effects,
    keeps,
    overwrites,
    gate_bounds,
    output_bounds,
    memory_bound,
    gate_gradients,
    direct_path,
    step_jacobian,
    linear_power,
    as_elman_step,
    as_elman_network,
    two_directions,
    layers,
    summed_biases,
    parameter_count,
)

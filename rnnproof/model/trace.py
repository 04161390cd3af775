"""A trace: what one run returned. None stands for what was not returned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnproof.model.case import Array, Arrays


@dataclass(frozen=True)
class Gradients:
    """The vector-Jacobian product, summed over the batch, by parameters, x (T,B,I) and initial states (B,.).

    ``states`` (T,B,.) is the total derivative by each step's state, where it is returned.
    """

    parameters: Arrays
    x: Array | None = None
    state: Arrays | None = None
    states: Arrays | None = None


@dataclass(frozen=True)
class Trace:
    """Outputs (T,B,.), final states (B,.), the states after every step (T,B,.) where visible, gradients.

    ``last`` is the last step's output (B,.), where it was returned alone; ``refused`` what the subject's gradients
    say that they do not do, in a run that did the rest; ``rebound`` what became of a dictionary that it was given.
    """

    outputs: Array | None
    final: Arrays
    states: Arrays | None = None
    gradients: Gradients | None = None
    last: Array | None = None
    refused: str = ""
    rebound: str = ""


def cast(trace: Trace, dtype: str) -> Trace:
    """Every array of a trace in another dtype."""
    given = trace.gradients
    gradients = given and Gradients(
        _cast(given.parameters, dtype),
        None if given.x is None else given.x.astype(dtype),
        None if given.state is None else _cast(given.state, dtype),
        None if given.states is None else _cast(given.states, dtype),
    )
    states = None if trace.states is None else _cast(trace.states, dtype)
    alone = {name: value.astype(dtype) for name in ("outputs", "last") if (value := getattr(trace, name)) is not None}
    return replace(trace, final=_cast(trace.final, dtype), states=states, gradients=gradients, **alone)


def _cast(arrays: Arrays, dtype: str) -> dict[str, Array]:
    return {name: np.asarray(value, dtype=dtype) for name, value in arrays.items()}

"""A trace: what one run returned. None stands for what was not returned."""

from __future__ import annotations

from dataclasses import dataclass

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

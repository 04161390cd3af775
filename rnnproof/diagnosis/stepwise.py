"""A target's own step, written apart from its run: run step by step, it is a target by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnproof.errors import Unsupported
from rnnproof.model.case import Array, Arrays
from rnnproof.model.implementation import Claims, Implementation, Step, Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace


@dataclass(frozen=True, eq=False)
class Stepwise:
    """An implementation that is run by its step alone."""

    implementation: Implementation
    in_ring: None = None
    own: None = None

    @property
    def name(self) -> str:
        """The implementation's."""
        return f"{self.implementation.name}, its step"

    @property
    def claims(self) -> Claims:
        """The implementation's, without gradients and lengths."""
        return replace(self.implementation.claims, gradients=False, lengths=False)

    def build(self, network: Network, parameters: Arrays, dtype: str) -> StepwiseSubject:
        """The implementation's subject. Errors: Unsupported where it has no step."""
        subject = self.implementation.build(network, parameters, dtype)
        if subject.step is None:
            raise Unsupported(f"{self.implementation.name} has no step of its own")
        return StepwiseSubject(subject)


@dataclass(frozen=True, eq=False)
class StepwiseSubject:
    """A subject that is run by its step."""

    subject: Subject

    def run(self, x: Array, state: Arrays | None, lengths: Any = None, cotangents: Any = None) -> Trace:
        """Outputs and final states, step after step. Shapes: x (T,B,I), T >= 1."""
        del lengths, cotangents
        step, now, outputs = self.subject.step, dict(state or {}), []
        assert step is not None
        for x_t in x:
            output, new = step(x_t, now)
            outputs.append(np.array(output))
            now = dict(new)
        return Trace(np.stack(outputs), now)

    @property
    def step(self) -> Step | None:
        """None: the run is the step's."""
        return None

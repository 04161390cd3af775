"""Plain targets to make others from: right ones, and gradients of the right names and shapes."""

import types

import numpy as np
from adapter_cases import built, lstm, small

from rnnproof.adapters.plain import plain_implementation

CASE = small()


def zeros(case=CASE):
    """A gradient of the right names and shapes."""
    like = np.zeros_like
    return {
        "params": {name: like(array) for name, array in case.parameters.items()},
        "x": like(case.x),
        "state": {name: like(array) for name, array in case.state.items()},
    }


class Right:
    def run(self, params, x, state):
        return lstm(params, x, state)

    def grad(self, params, x, state, cotangents):
        return zeros()


def target(**functions):
    return types.SimpleNamespace(**{"run": lstm} | functions)


def ran(found, case=CASE, cotangents=None, **arguments):
    return built(plain_implementation("mine", found), case).run(case.x, case.state, cotangents=cotangents, **arguments)

"""The node tests of the onnx package: inputs, attributes, expected outputs, and the tolerances of its own runner.

Reference: onnx.backend.test.case.node, of the package that is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.errors import UsageError, closest

OPERATORS = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn"}  # and the module that has its cases
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class NodeCase:
    """One test of one operator: arrays by the operator's own names (X, W, R, B, ...), and what Y, Y_h, Y_c should be.

    ``rtol`` and ``atol`` are those with which the package's runner compares (numpy.testing.assert_allclose).
    """

    name: str
    operator: str
    inputs: Arrays
    attributes: Mapping[str, Any]
    expected: Arrays
    rtol: float
    atol: float


def node_cases(operator: str) -> tuple[NodeCase, ...]:
    """The package's cases of an operator, LSTM, GRU or RNN.

    Errors: UsageError for another operator, or where onnx is not installed.
    """
    if operator not in OPERATORS:
        known = ", ".join(f"onnx:{name}" for name in OPERATORS)
        near = closest(operator, OPERATORS)
        meant = "" if near is None else f"; did you mean onnx:{near}?"
        raise UsageError(f"no suite onnx:{operator}; there are {known}{meant}")
    if importlib.util.find_spec("onnx") is None:
        raise UsageError("onnx is not installed here: pip install 'rnnproof[onnx]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        collected = importlib.import_module("onnx.backend.test.case.node")
        importlib.import_module(f"onnx.backend.test.case.node.{OPERATORS[operator]}")
    found = [case for case in collected._NodeTestCases if case.model.graph.node[0].op_type == operator]
    return tuple(_case(case) for case in {case.name: case for case in found}.values())


def onnx_version() -> str:
    """The version installed."""
    return version("onnx")


def _case(case: Any) -> NodeCase:
    node = case.model.graph.node[0]
    (given, expected) = case.data_sets[0]
    names = [name for name in node.input if name]
    outputs = {name: np.asarray(value) for name, value in zip(filter(None, node.output), expected, strict=True)}
    inputs = {name: np.asarray(value) for name, value in zip(names, given, strict=True)}
    attributes = {each.name: _value(each) for each in node.attribute}
    return NodeCase(case.name, node.op_type, inputs, attributes, outputs, case.rtol, case.atol)


def _value(attribute: Any) -> Any:
    """An attribute's value, bytes as text."""
    from onnx.helper import get_attribute_value

    value = get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    return [each.decode() if isinstance(each, bytes) else each for each in value] if isinstance(value, list) else value

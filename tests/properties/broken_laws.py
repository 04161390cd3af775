"""Exactly the laws that each wrong LSTM breaks, and how."""

from wrong_arguments import (
    EmptiesItsArguments,
    KeepsStateInTheDictionary,
    ReplacesAParameter,
    ZeroesItsArguments,
)
from wrong_lstms import (
    BatchMean,
    CutsLargeGradients,
    ExchangesFinalStates,
    FinalStateOneStepEarly,
    Float32Inside,
    ForgetsOneGateInDx,
    IgnoresInitialC,
    IgnoresOrder,
    KeepsItsState,
    MeanOverTheBatch,
    OneLastBit,
    OnlyTwoRows,
    Overflows,
    ReadsMemoryOrder,
    ReadsWeightsInMemoryOrder,
    RemembersByInput,
    RemembersByShape,
    ReturnsFloat32,
    ReturnsItsBuffer,
    ScalesItsInput,
    SeesTheFuture,
    ShowsNaN,
    StepKeepsItsState,
    StepOverwritesTheState,
    StepReturnsFloat32,
)

VALUES = {"forward.values", "forward.step", "forward.order", "forward.saturation", "state.final", "numerics.rounding"}
OF_ARRAYS = {"gradient.parameters", "gradient.inputs", "gradient.state"}
GRADIENTS = OF_ARRAYS | {"gradient.ledger"}
SEQUENCE = {"sequence.lengths", "sequence.reverse", "sequence.layers"}  # one layer, one direction, no lengths
EXACT = {"exact.forward", "exact.gradient"}
# target: exactly the laws that fail.
WRONG = {
    KeepsItsState: {"state.repeat"},
    ReturnsItsBuffer: {"state.repeat"},
    RemembersByShape: {"state.repeat"},
    RemembersByInput: {"state.repeat"},
    ShowsNaN: {"forward.step", "numerics.rounding"},
    StepKeepsItsState: {"state.repeat"},
    StepOverwritesTheState: {"numerics.inputs_unchanged"},
    StepReturnsFloat32: {"numerics.dtype", "forward.step", "numerics.rounding"},
    ReadsWeightsInMemoryOrder: {"numerics.strides"},
    Float32Inside: VALUES,
    ScalesItsInput: {"numerics.inputs_unchanged"},
    ZeroesItsArguments: {"numerics.inputs_unchanged"},
    ReplacesAParameter: {"numerics.inputs_unchanged"},
    EmptiesItsArguments: {"numerics.inputs_unchanged"},
    KeepsStateInTheDictionary: {"numerics.inputs_unchanged"},
    CutsLargeGradients: GRADIENTS,
    ReadsMemoryOrder: {"numerics.strides"},
    OnlyTwoRows: VALUES | GRADIENTS | {"batch.permutation", "batch.independence"} | EXACT,
    Overflows: {"forward.saturation"} | OF_ARRAYS,  # whose cases are huge at times
    ReturnsFloat32: VALUES - {"state.final"} | {"numerics.dtype"},
    ForgetsOneGateInDx: {"gradient.inputs", "gradient.ledger", "exact.gradient"},
    MeanOverTheBatch: {"gradient.parameters", "exact.gradient"},
    ExchangesFinalStates: VALUES | {"state.handover"} | EXACT,
    FinalStateOneStepEarly: VALUES | {"state.handover"} | EXACT,
    IgnoresInitialC: VALUES | GRADIENTS | {"state.initial", "state.handover"} | EXACT,
    BatchMean: VALUES | GRADIENTS | {"batch.independence"} | EXACT,
    SeesTheFuture: VALUES - {"forward.step"} | GRADIENTS | {"forward.causality", "state.handover"} | EXACT,
    IgnoresOrder: VALUES - {"forward.step"} | GRADIENTS | {"forward.causality", "state.handover"} | EXACT,
    OneLastBit: VALUES | GRADIENTS | {"exact.gradient"},
}
# target: laws that cannot be asked, since its code cannot be executed exactly: it looks at bytes, or at NaN.
UNTRACEABLE = {RemembersByInput: {"exact.gradient"}, ShowsNaN: EXACT}
# target: laws that fail or pass as the machine's matrix product rounds a row alone, a batch, or another layout.
EITHER = {
    Float32Inside: {"batch.independence", "batch.permutation", "numerics.strides", "state.handover"},
    OneLastBit: {"exact.forward"},  # 1e-12 is a literal; suspicious where the floats differ by less than 1e-10
}
# target: laws whose smallest case is wider than one unit: memory has an order only where there are several numbers;
# a literal of 1e-12 fails exactly only where the floats differ by more than 1e-10, so where much cancels.
WIDER = {
    ReadsWeightsInMemoryOrder: {"numerics.strides"},
    ReadsMemoryOrder: {"numerics.strides"},
    OneLastBit: EXACT,
}
KINDS = {
    (ReturnsItsBuffer, "state.repeat"): "aliasing",
    (Float32Inside, "numerics.rounding"): "precision",
    (Float32Inside, "forward.values"): "precision",
    (Overflows, "forward.saturation"): "overflow",
    (ScalesItsInput, "numerics.inputs_unchanged"): "aliasing",
    (ReplacesAParameter, "numerics.inputs_unchanged"): "aliasing",
    (ReturnsFloat32, "numerics.dtype"): "dtype",
    (IgnoresInitialC, "state.initial"): "ignored",
    (MeanOverTheBatch, "gradient.parameters"): "scale",
    (OneLastBit, "forward.step"): "value",
}

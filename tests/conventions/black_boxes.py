"""Every black box by name, and which network it is; its dialect (``their_dialects``) is what has to be found."""

import numpy as np
from black_boxes_lstm import (
    Box,
    clipped_gates,
    column,
    coupled_onnx,
    each_gate,
    each_gate_at_once,
    each_gate_by_matmul,
    fast,
    flax,
    joined,
    keras,
    lstm,
    named_states,
    no_bias,
    numpy_ml,
    one_bias,
    onnx,
    openvino,
    peephole,
    projected,
    stacked_states,
    tflite,
    torch_like,
    unit_by_unit,
)
from black_boxes_simple import (
    Backward,
    elman,
    elman_keras,
    elman_onnx,
    gru,
    gru_equinox,
    gru_keras,
    gru_linen,
    gru_one_bias,
    gru_onnx,
    gru_openvino,
    gru_torch,
    jordan,
    readout,
    relu,
)

# name: (target, network)
LSTMS = {
    "torch": (lstm(torch_like, "ifgo"), "lstm"),
    "torch, states by name": (Box(named_states), "lstm"),
    "keras": (lstm(keras, "ifgo", "BTI"), "lstm"),
    "keras 2 hard sigmoid": (lstm(keras, "ifgo", "BTI", squash=fast), "lstm:recurrent=hard_sigmoid"),
    "tf1 basic": (lstm(joined, "igfo", swapped=True, forget=1.0), "lstm"),
    "tf block": (lstm(joined, "igfo", swapped=True, forget=1.0, clip=3.0), "lstm:clip=3"),
    "tf block v2": (lstm(joined, "ifgo", swapped=True), "lstm"),
    "flax linen": (lstm(flax, "ifgo", "BTI", swapped=True), "lstm"),
    "equinox": (lstm(one_bias, "ifgo"), "lstm"),
    "haiku": (lstm(joined, "igfo", forget=1.0), "lstm"),
    "onnx": (lstm(onnx, "iofg"), "lstm"),
    "onnx, states with directions": (Box(stacked_states), "lstm"),
    "onnx peepholes": (Box(peephole), "peephole"),
    "onnx clip": (Box(clipped_gates), "lstm:clip=3,clip_place=gates"),
    "onnx input_forget": (lstm(coupled_onnx, "iog", couple="forget"), "lstm:coupled=forget"),
    "openvino": (lstm(openvino, "figo", "BTI"), "lstm"),
    "tflite": (lstm(tflite(("input", "forget", "cell", "output")), "ifgo"), "lstm"),
    "tflite cifg": (lstm(tflite(("forget", "cell", "output")), "fgo", couple="input"), "lstm:coupled=input"),
    "miopen": (lstm(torch_like, "ifog"), "lstm"),
    "core ml": (lstm(one_bias, "ifog"), "lstm"),
    "numpy-ml": (lstm(numpy_ml, "figo", "BIT"), "lstm"),
    "dl4j": (lstm(torch_like, "gfoi"), "lstm"),
    "torch projection": (Box(projected), "lstm:projection=P"),
    "column vectors": (lstm(column, "figo", "ITB"), "lstm"),
    "unit by unit": (lstm(unit_by_unit, "ifgo"), "lstm"),
    "each gate": (lstm(each_gate, "ifgo"), "lstm"),
    "each gate at once": (lstm(each_gate_at_once, "ifgo"), "lstm"),
    "each gate by matmul": (lstm(each_gate_by_matmul, "fiog"), "lstm"),
    "no bias": (lstm(no_bias, "ofgi"), "lstm:bias=false"),
    "backward": (Backward(lstm(torch_like, "ifgo")), "lstm:direction=backward"),
}
GRUS = {
    "torch": (gru(gru_torch, "rzn"), "gru"),
    "keras": (gru(gru_keras, "zrn", "BTI"), "gru"),
    "keras reset before": (gru(gru_one_bias, "zrn", "BTI", before=True), "gru:reset=before"),
    "flax linen": (gru(gru_linen, "rzn", "BTI"), "gru"),
    "flax nnx": (gru(gru_one_bias, "rzn", "BTI"), "gru:hidden_bias=false"),
    "equinox": (gru(gru_equinox, "rzn"), "gru"),
    "haiku": (gru(gru_one_bias, "zrn", before=True, old=False), "gru:reset=before"),
    "onnx": (gru(gru_onnx, "zrn", before=True), "gru:reset=before"),
    "onnx linear_before_reset": (gru(gru_onnx, "zrn"), "gru"),
    "openvino 4H": (gru(gru_openvino, "zrn", "BTI"), "gru"),
    "core ml": (gru(gru_one_bias, "rnz"), "gru:hidden_bias=false"),
}
ELMANS = {
    "torch": (elman(torch_like), "elman"),
    "torch relu": (elman(torch_like, relu), "elman:activation=relu"),
    "keras": (elman(elman_keras, layout="BTI"), "elman"),
    "haiku": (elman(torch_like, relu), "elman:activation=relu"),
    "onnx": (elman(elman_onnx), "elman"),
    "joined": (elman(joined), "elman"),
    "min-char-rnn": (Box(readout), "elman:readout=identity"),
}
JORDANS = {
    "columns": (jordan(np.tanh, np.tanh), "jordan:readout=tanh"),
    "columns, relu": (jordan(relu, lambda z: z), "jordan:activation=relu"),
}
EXPECTED = {
    f"{kind}, {name}": each
    for kind, every in (("lstm", LSTMS), ("gru", GRUS), ("elman", ELMANS), ("jordan", JORDANS))
    for name, each in every.items()
}

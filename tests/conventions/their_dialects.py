"""The dialect of each black box, written from the framework's description of its arrays."""

from __future__ import annotations

from rnnproof.dialects import Dialect, Joined, Stack
from rnnproof.dialects.named import PLAIN

HC, CH, H = ("h", "c"), ("c", "h"), ("h",)


def rows(gates, of, **more):
    """W @ x: gates one below the other, (4H, I)."""
    return Stack(gates, of=of, **more)


def columns(gates, of, **more):
    """x @ W: gates side by side, (I, 4H)."""
    return Stack(gates, of=of, axis=1, transpose=True, **more)


def over(*parts):
    """A first axis of directions."""
    return Joined(parts, axis=0, new=True)


def two_biases(gates, first="b_ih", second="b_hh"):
    return {first: rows(gates, "b", part=1), second: rows(gates, "b", part=2)}


def torch(gates):
    weights = {"weight_ih": rows(gates, "W"), "weight_hh": rows(gates, "U")}
    return weights | two_biases(gates, "bias_ih", "bias_hh")


def keras(gates, **more):
    found = {"kernel": columns(gates, "W", **more), "recurrent_kernel": columns(gates, "U", **more)}
    return found | {"bias": rows(gates, "b", **more)}


def together(gates, **bias):
    """[x, h] @ w + b."""
    return {"w": Joined((columns(gates, "W"), columns(gates, "U")), axis=0), "b": rows(gates, "b", **bias)}


def directions(gates, bias):
    return {"W": over(rows(gates, "W")), "R": over(rows(gates, "U")), "B": over(bias)}


def wb_rb(gates):
    """Wb, then Rb, in one array."""
    return rows(gates, "b", part=1), rows(gates, "b", part=2)


def tflite(gates):
    found = {}
    for name, gate in gates.items():
        found |= {f"input_to_{name}": rows(gate, "W"), f"recurrent_to_{name}": rows(gate, "U")}
        found[f"{name}_gate_bias"] = rows(gate, "b")
    return found


FLAX = {f"i{k}": columns(k, "W") for k in "ifgo"} | {f"h{k}": columns(k, "U") for k in "ifgo"}
LINEN = {f"i{k}": columns(k, "W") for k in "rzn"} | {f"h{k}": columns(k, "U") for k in "rzn"}
NUMPY_ML = dict(zip("fuco", "figo", strict=True))
GRU_KERAS = {"kernel": columns("z r n", "W"), "recurrent_kernel": columns("z r n", "U")}
GRU_KERAS["bias"] = over(
    *((rows("z r", "b", part=part), rows(gate, "b")) for part, gate in ((1, "n"), (2, "hn"))),
)
GRU_TORCH_BIASES = {
    "b_ih": (rows("r z", "b", part=1), rows("n", "b")),
    "b_hh": (rows("r z", "b", part=2), rows("hn", "b")),
}

LSTMS = {
    "torch": Dialect(torch("i f g o"), HC),
    "torch, states by name": Dialect(torch("i f g o")),
    "keras": Dialect(keras("i f g o"), HC, "BTI"),
    "keras 2 hard sigmoid": Dialect(keras("i f g o"), HC, "BTI"),
    "tf1 basic": Dialect(together("i g f o", shift={"f": 1}), CH),
    "tf block": Dialect(together("i g f o", shift={"f": 1}), CH),
    "tf block v2": Dialect(together("i f g o"), CH),
    "flax linen": Dialect(FLAX | {f"h{k}_bias": rows(k, "b") for k in "ifgo"}, CH, "BTI"),
    "equinox": Dialect({of: rows("i f g o", of) for of in "WUb"}, HC),
    "haiku": Dialect(together("i g f o", shift={"f": 1}), HC),
    "onnx": Dialect(directions("i o f g", wb_rb("i o f g")), HC),
    "onnx, sized": Dialect(directions("i o f g", wb_rb("i o f g")), HC),
    "onnx, states with directions": Dialect(directions("i o f g", wb_rb("i o f g")), (("h",), ("c",))),
    "onnx peepholes": Dialect(directions("i o f g", wb_rb("i o f g")) | {"P": over(rows("i o f", "p"))}, HC),
    "onnx clip": Dialect(directions("i o f g", wb_rb("i o f g")), HC),
    "onnx input_forget": Dialect(directions("i o _ g", wb_rb("i o _ g")), HC),
    "openvino": Dialect(directions("f i g o", rows("f i g o", "b")), HC, "BTI"),
    "tflite": Dialect(tflite({"input": "i", "forget": "f", "cell": "g", "output": "o"}), HC),
    "tflite cifg": Dialect(tflite({"forget": "f", "cell": "g", "output": "o"}), HC),
    "miopen": Dialect(torch("i f o g"), HC),
    "core ml": Dialect({of: rows("i f o g", of) for of in "WUb"}, HC),
    "numpy-ml": Dialect(
        {f"W{k}": Joined((columns(g, "U"), columns(g, "W")), axis=0) for k, g in NUMPY_ML.items()}
        | {f"b{k}": rows(g, "b") for k, g in NUMPY_ML.items()},
        HC,
        "BIT",
    ),
    "dl4j": Dialect(torch("g f o i"), HC),
    "torch projection": Dialect(torch("i f g o") | {"weight_hr": rows("p", "W")}, HC),
    "column vectors": Dialect(
        {f"W{k}": Joined((rows(g, "U"), rows(g, "W")), axis=1) for k, g in zip("fico", "figo", strict=True)}
        | {f"b{k}": Joined((rows(g, "b"),), axis=1, new=True) for k, g in zip("fico", "figo", strict=True)},
        HC,
        "ITB",
    ),
    "unit by unit": Dialect({of: rows("i f g o", of, interleaved=True) for of in "WUb"}, HC),
    "each gate": Dialect({of: over(*(rows(gate, of) for gate in "ifgo")) for of in "WUb"}, HC),
    "each gate at once": Dialect({of: over(*(rows(gate, of) for gate in "ifgo")) for of in "WUb"}, HC),
    "each gate by matmul": Dialect(
        {of: over(*(columns(gate, of) for gate in "fiog")) for of in "WU"}
        | {"b": over(*(over(rows(gate, "b")) for gate in "fiog"))},
        HC,
    ),
    "no bias": Dialect({of: rows("o f g i", of) for of in "WU"}, HC),
    "one matrix": Dialect(
        {
            "w": Joined(
                (rows("o f i g", "U"), rows("o f i g", "W"), Joined((rows("o f i g", "b"),), axis=1, new=True)), axis=1
            )
        },
        HC,
    ),
    "bias above": Dialect(
        {"w": Joined((over(rows("i f o g", "b")), columns("i f o g", "W"), columns("i f o g", "U")), axis=0)}, HC
    ),
    "canonical names": Dialect({f"{of}_{gate}": rows(gate, of) for of in "WUb" for gate in "fogi"}, HC),
    "canonical names, by attribute": PLAIN,
    "backward": Dialect(torch("i f g o"), HC),
}
GRUS = {
    "torch": Dialect({"w_ih": rows("r z n", "W"), "w_hh": rows("r z n", "U")} | GRU_TORCH_BIASES, H),
    "keras": Dialect(GRU_KERAS, H, "BTI"),
    "keras, by columns": Dialect(GRU_KERAS),
    "keras reset before": Dialect(keras("z r n"), H, "BTI"),
    "flax linen": Dialect(LINEN | {f"i{k}_bias": rows(k, "b") for k in "rzn"} | {"hn_bias": rows("hn", "b")}, H, "BTI"),
    "flax nnx": Dialect(keras("r z n"), H, "BTI"),
    "equinox": Dialect(
        {"W": rows("r z n", "W"), "U": rows("r z n", "U"), "bias": rows("r z n", "b"), "bias_n": rows("hn", "b")}, H
    ),
    "haiku": Dialect(keras("z r n", negate="z"), H),
    "onnx": Dialect(directions("z r n", wb_rb("z r n")), H),
    "onnx linear_before_reset": Dialect(
        directions("z r n", (rows("z r", "b", part=1), rows("n", "b"), rows("z r", "b", part=2), rows("hn", "b"))),
        H,
    ),
    "openvino 4H": Dialect(directions("z r n", rows("z r n hn", "b")), H, "BTI"),
    "core ml": Dialect(keras("r n z"), H, "TBI"),
}
ELMANS = {
    "torch": Dialect(torch("h"), H),
    "torch relu": Dialect(torch("h"), H),
    "keras": Dialect(keras("h"), H, "BTI"),
    "haiku": Dialect(torch("h"), H),
    "onnx": Dialect(directions("h", wb_rb("h")), H),
    "joined": Dialect(together("h"), H),
    "min-char-rnn": Dialect(
        {"Wxh": rows("h", "W"), "Whh": rows("h", "U"), "Why": rows("y", "W")}
        | {f"b{gate}": Joined((rows(gate, "b"),), axis=1, new=True) for gate in "hy"},
        H,
    ),
}
JORDAN = {"Win": columns("h", "W"), "Wfb": columns("h", "U"), "b1": rows("h", "b")}
JORDAN |= {"Wout": columns("y", "W"), "b2": rows("y", "b")}
JORDANS = dict.fromkeys(("columns", "columns, relu"), Dialect(JORDAN))
DIALECTS = {
    f"{kind}, {name}": each
    for kind, every in (("lstm", LSTMS), ("gru", GRUS), ("elman", ELMANS), ("jordan", JORDANS))
    for name, each in every.items()
}

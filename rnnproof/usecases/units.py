"""How far a library's sigmoid and tanh are off, in units roundoff, as its own recurrent layers compute them.

The layer's weights pass one pre-activation straight to c' or h': the other gates are open or shut, which is exact in
every format, since sigmoid(50) and tanh(50) round to 1. True values are Arb's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from rnnproof.adapters.frameworks import frameworks_found
from rnnproof.adapters.resolve import resolve
from rnnproof.domains.formats import FORMATS, LIBRARY_UNITS, unknown_dtype
from rnnproof.domains.true_values import true_values
from rnnproof.errors import UsageError
from rnnproof.model.case import Array
from rnnproof.model.implementation import Implementation
from rnnproof.model.network import Network, Sizes
from rnnproof.properties.trial import fresh, plain, quiet

OPEN, SHUT = 50.0, -50.0
POINTS: Mapping[str, int] = {"float64": 2**18, "float32": 2**22}  # of float16 and bfloat16 all
FROM, TO = -24, 7  # between these powers of two; float64 down to 2^-53
AT_ONCE = 2**18
POINT, ONE = "the points", 1.0


@dataclass(frozen=True)
class Probe:
    """A place in a network where a function is seen alone.

    x is (point, 1), so a weight (a, b) makes the pre-activation a point + b; ``state`` and ``result`` say where the
    points begin, if not in x, and where the function's values come out.
    """

    network: str
    function: str
    place: str
    weights: Mapping[str, tuple[float, float]]
    state: Mapping[str, object]
    result: str


LSTM, RNN, GRU = "lstm:bias=false", "elman:bias=false", "gru:bias=false"
PROBES: tuple[Probe, ...] = (
    Probe(LSTM, "sigmoid", "i", {"W_i": (1, 0), "W_g": (0, OPEN)}, {}, "c"),
    Probe(LSTM, "sigmoid", "f", {"W_f": (1, 0)}, {"c": ONE}, "c"),
    Probe(LSTM, "sigmoid", "o", {"W_o": (1, 0), "W_f": (0, OPEN)}, {"c": OPEN}, "h"),
    Probe(LSTM, "tanh", "g", {"W_g": (1, 0), "W_i": (0, OPEN)}, {}, "c"),
    Probe(LSTM, "tanh", "tanh(c')", {"W_o": (0, OPEN), "W_f": (0, OPEN)}, {"c": POINT}, "h"),
    Probe(RNN, "tanh", "h'", {"W_h": (1, 0)}, {}, "h"),
    Probe(GRU, "sigmoid", "z", {"W_z": (1, 0)}, {"h": ONE}, "h"),
    Probe(GRU, "tanh", "n", {"W_n": (1, 0), "W_z": (0, SHUT)}, {}, "h"),
)
TARGETS: Mapping[str, str] = {
    "numpy:lstm": LSTM,
    "numpy:elman": RNN,
    "numpy:gru": GRU,
    "torch.nn:LSTM": LSTM,
    "torch.nn:LSTMCell": LSTM,
    "torch.nn:RNN": RNN,
    "torch.nn:RNNCell": RNN,
    "torch.nn:GRU": GRU,
    "torch.nn:GRUCell": GRU,
}


@dataclass(frozen=True)
class Units:
    """The largest errors of one function in one place of one layer, in units roundoff, and where they are.

    ``relative``: of the value, where that is no smaller than the smallest normal number; ``kept_to``: the lowest point
    from which on that is at most ``LIBRARY_UNITS``.
    """

    target: str
    function: str
    place: str
    dtype: str
    points: int
    absolute: float
    absolute_at: float
    relative: float
    relative_at: float
    kept_to: float


def library_units(
    targets: tuple[str, ...], dtypes: tuple[str, ...] = tuple(FORMATS), most: int | None = None
) -> Iterator[Units]:
    """A row for each place of each target in each format: all numbers of a format of 16 bits, many of the others.

    ``most``: how many at the most. Errors: as ``resolve``, and as the target where it does not do a format.
    """
    for name in targets:
        for probe in PROBES:
            if probe.network == TARGETS[name]:
                found = resolve(name, probe.network)
                for dtype in dtypes:
                    yield measured(found.implementation, found.network, probe, points(dtype, most))


def measured_here(dtypes: tuple[str, ...] = (), most: int | None = None) -> Iterator[Units]:
    """The rows of all the targets that are installed. Errors: UsageError for a format that does not exist."""
    for dtype in dtypes:
        if dtype not in FORMATS:
            raise UsageError(unknown_dtype(dtype))
    here = tuple(name for name in TARGETS if name.startswith("numpy:") or name in frameworks_found())
    return library_units(here, dtypes or tuple(FORMATS), most)


def points(dtype: str, most: int | None = None) -> Array:
    """Finite numbers of both signs: all of a format of 16 bits, else as many in each octave, out into the tails."""
    word = {2: np.uint16, 4: np.uint32, 8: np.uint64}[np.dtype(dtype).itemsize]
    if word is np.uint16:
        every = np.arange(2**16, dtype=word).view(dtype)
        with np.errstate(invalid="ignore"):
            every = every[np.isfinite(every.astype(np.float64))]
        return np.asarray(every if most is None else every[:: max(1, len(every) // most)])
    least = -53 if dtype == "float64" else FROM
    first, last = (int(np.array(2.0**power, dtype).view(word)) for power in (least, TO + 3 * (dtype == "float64")))
    stride = max(1, 2 * (last - first) // min(most or POINTS[dtype], POINTS[dtype])) | 1  # odd: the last digits vary
    positive = np.arange(first, last, stride, dtype=word).view(dtype)
    return np.concatenate([positive, -positive])


def measured(implementation: Implementation, network: Network, probe: Probe, z: Array) -> Units:
    """The row of a probe at these points."""
    got = np.concatenate([_values(implementation, network, probe, part) for part in _parts(z)])
    nearest, left = _true(probe.function, z.dtype.name, z.tobytes())
    form = FORMATS[z.dtype.name]
    with np.errstate(all="ignore"):
        error = np.abs((got - nearest) - left) / form.roundoff
        relative = np.where(np.abs(nearest) >= form.normal, error / np.abs(nearest), 0.0)
    error, relative = (np.where(np.isnan(each), np.inf, each) for each in (error, relative))
    worst, tail = int(np.argmax(error)), int(np.argmax(relative))
    at = z.astype(np.float64)
    row = float(error[worst]), float(at[worst]), float(relative[tail]), float(at[tail])
    return Units(implementation.name, probe.function, probe.place, z.dtype.name, len(z), *row, _kept_to(relative, at))


def _kept_to(relative: Array, at: Array) -> float:
    """The lowest point such that at it and all points above it no error is larger than is assumed."""
    order = np.argsort(at)
    beyond = np.flatnonzero(relative[order] > LIBRARY_UNITS)
    return float(at[order][0 if not len(beyond) else min(beyond[-1] + 1, len(at) - 1)])


def _parts(z: Array) -> list[Array]:
    return np.array_split(z, -(-len(z) // AT_ONCE))


@cache
def _true(function: str, dtype: str, held: bytes) -> tuple[Array, Array]:
    return true_values(function, np.frombuffer(held, dtype))


def _values(implementation: Implementation, network: Network, probe: Probe, z: Array) -> Array:
    """What the layer makes of one point a row: one step, one unit, two inputs."""
    dtype = z.dtype.name
    sizes = Sizes(T=1, B=len(z), I=2, H=1)
    shapes = network.shapes(sizes)
    parameters = {name: np.zeros(shape) for name, shape in shapes.items()}
    parameters |= {name: np.array([weight]) for name, weight in probe.weights.items()}
    column = z[:, None].astype(np.float64)
    state = {name: np.zeros_like(column) for name in network.states}
    for name, begun in probe.state.items():
        state[name] = column if begun is POINT else np.full_like(column, begun)
    x = np.concatenate([np.zeros_like(column) if POINT in probe.state.values() else column, np.ones_like(column)], 1)
    subject = implementation.build(network, fresh(parameters, dtype), dtype)
    trace = quiet(subject, plain(x[None], dtype), fresh(state, dtype), None)
    return np.asarray(trace.final[probe.result][:, 0].astype(np.float64))

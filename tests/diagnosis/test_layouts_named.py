"""Packed parameters that hand-written code reads otherwise than they are stored: each mistake is told by its name."""

import numpy as np
import pytest
from by_hand2.every import OBJECTS
from diagnosing import diagnosed

import rnnproof
from rnnproof.dialects import Dialect, Joined, Stack


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def blocks(packed):
    return np.split(packed, 4)


def in_turn(packed):
    return [packed[k::4] for k in range(4)]


def together(parts):
    return np.concatenate(parts)


def woven(parts):
    return np.stack(parts, axis=1).reshape(-1, *parts[0].shape[1:])


INTERLEAVED = Dialect(arrays={of: Stack("i f o g", of=of, interleaved=True) for of in "WUb"}, state=("h", "c"))


class Packed:
    """An LSTM of three packed arrays, gates i f o g; ``taken`` takes them apart, ``put`` packs their gradients."""

    dialect = Dialect(arrays={of: Stack("i f o g", of=of) for of in "WUb"}, state=("h", "c"))
    taken, put = staticmethod(blocks), staticmethod(together)

    def run(self, params, x, state):
        (W, U, b), (h, c) = (self.taken(params[of]) for of in "WUb"), state
        self.kept, outputs = [], []
        for x_t in x:
            i, f, o, g = (x_t @ w.T + h @ u.T + bias for w, u, bias in zip(W, U, b, strict=True))
            i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
            new = f * c + i * g
            self.kept.append((x_t, h, c, i, f, o, g, np.tanh(new)))
            h, c = o * np.tanh(new), new
            outputs.append(h)
        return np.stack(outputs), (h, c)


class PackedWithGradients(Packed):
    """The same, and its backward pass."""

    def grad(self, params, x, state, cotangents):
        W, U, _ = (self.taken(params[of]) for of in "WUb")
        dW, dU, db = ([np.zeros_like(part) for part in self.taken(params[of])] for of in "WUb")
        (dh, dc), dx = cotangents["state"], np.zeros_like(x)
        for t in range(len(x) - 1, -1, -1):
            x_t, h, c, i, f, o, g, squashed = self.kept[t]
            dh = dh + cotangents["outputs"][t]
            dc = dc + dh * o * (1 - squashed**2)
            dz = dc * g * i * (1 - i), dc * c * f * (1 - f), dh * squashed * o * (1 - o), dc * i * (1 - g**2)
            for k in range(4):
                dW[k] += dz[k].T @ x_t
                dU[k] += dz[k].T @ h
                db[k] += dz[k].sum(0)
            dx[t] = sum(dz[k] @ W[k] for k in range(4))
            dh, dc = sum(dz[k] @ U[k] for k in range(4)), dc * f
        return {"params": {"W": self.put(dW), "U": self.put(dU), "b": self.put(db)}, "x": dx, "state": (dh, dc)}


class ReadInTurn(Packed):
    """Stored as blocks; every fourth row is taken for a gate."""

    taken = staticmethod(in_turn)


class ReadInTurnInBothPasses(PackedWithGradients):
    """The same, and the gradients are written where the rows were read."""

    taken, put = staticmethod(in_turn), staticmethod(woven)


class ReadInTurnGivenInBlocks(PackedWithGradients):
    """The same, but the gradients come back in blocks."""

    taken = staticmethod(in_turn)


class ReadAsBlocks(Packed):
    """Stored in turn, and read as blocks."""

    dialect = INTERLEAVED


class InTurn(Packed):
    """Stored in turn, and read in turn: right."""

    dialect = INTERLEAVED
    taken = staticmethod(in_turn)


class Columns:
    """An Elman network of one matrix [W U]; h is stacked above x, which it is not for."""

    dialect = Dialect(arrays={"M": Joined((Stack("h", of="W"), Stack("h", of="U")), axis=1), "b": Stack("h", of="b")})

    def stacked(self, x, h):
        return np.concatenate([h, x], axis=1)

    def run(self, params, x, state):
        self.hs = [state["h"]]
        for x_t in x:
            self.hs.append(np.tanh(self.stacked(x_t, self.hs[-1]) @ params["M"].T + params["b"]))
        return np.stack(self.hs[1:]), {"h": self.hs[-1]}


class ColumnsInBothPasses(Columns):
    """The same, and its backward pass."""

    def grad(self, params, x, state, cotangents):
        dM, db, dx, dh = (
            np.zeros_like(params["M"]),
            np.zeros_like(params["b"]),
            np.zeros_like(x),
            cotangents["state"]["h"],
        )
        for t in range(len(x) - 1, -1, -1):
            dz = (dh + cotangents["outputs"][t]) * (1 - self.hs[t + 1] ** 2)
            dM += dz.T @ self.stacked(x[t], self.hs[t])
            db += dz.sum(0)
            dh, dx[t] = np.split(dz @ params["M"], [dh.shape[1]], axis=1)
        return {"params": {"M": dM, "b": db}, "x": dx, "state": {"h": dh}}


class ColumnsRight(Columns):
    """x above h: right."""

    def stacked(self, x, h):
        return np.concatenate([x, h], axis=1)


class Reshaped:
    """An Elman network whose W (H,I) is reshaped to (I,H) where it should be transposed."""

    dialect = Dialect(arrays={"W": Stack("h", of="W"), "U": Stack("h", of="U"), "b": Stack("h", of="b")})

    def run(self, params, x, state):
        W, h, outputs = params["W"].reshape(params["W"].shape[::-1]), state["h"], []
        for x_t in x:
            h = np.tanh(x_t @ W + h @ params["U"].T + params["b"])
            outputs.append(h)
        return np.stack(outputs), {"h": h}


class SecondBiasTwice:
    """An Elman network of two biases, of which the second is added twice."""

    dialect = Dialect(
        arrays={
            "W": Stack("h", of="W"),
            "U": Stack("h", of="U"),
            "b_x": Stack("h", of="b", part=1),
            "b_h": Stack("h", of="b", part=2),
        }
    )

    def biases(self, params):
        return params["b_h"] + params["b_h"]

    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            h = np.tanh(x_t @ params["W"].T + h @ params["U"].T + self.biases(params))
            outputs.append(h)
        return np.stack(outputs), {"h": h}


class SecondBiasAlone(SecondBiasTwice):
    """The second alone is added, by code that cannot be executed exactly: within the bounds it is named too."""

    def biases(self, params):
        return np.frombuffer(params["b_h"].tobytes(), params["b_h"].dtype)


class BothBiases(SecondBiasTwice):
    """Right."""

    def biases(self, params):
        return params["b_x"] + params["b_h"]


TURN = "the gates i f o g, stored one after the other, are read as if interleaved"
BLOCKS = "the gates i f o g, stored interleaved, are read as if one after the other"
AS_READ = "the parameters' gradients are given back as they were read"
SPLIT = "the weights [W U] are split as if they were [U W]"
NAMED = [
    (ReadInTurn, "lstm", (TURN,)),
    (ReadInTurnInBothPasses, "lstm", (TURN,)),
    (ReadInTurnGivenInBlocks, "lstm", (TURN, AS_READ)),
    (ReadAsBlocks, "lstm", (BLOCKS,)),
    (Columns, "elman", (SPLIT,)),
    (ColumnsInBothPasses, "elman", (SPLIT,)),
    (Reshaped, "elman", ("W (H,I) is reshaped, not transposed",)),
    (SecondBiasTwice, "elman", ("of two biases the second is added twice, the other not at all",)),
    (SecondBiasAlone, "elman", ("of two biases only the second is added",)),
    (OBJECTS.ported_one_bias, "lstm", ("of two biases only the first is added",)),
]


@pytest.mark.parametrize(("target", "net", "told"), NAMED, ids=[getattr(t, "__name__", "port") for t, *_ in NAMED])
def test_what_is_read_in_another_layout_is_named(target, net, told):
    found = diagnosed(target, net)
    assert found.whole
    assert found.names == told


@pytest.mark.parametrize(
    ("target", "net"), [(InTurn, "lstm"), (PackedWithGradients, "lstm"), (ColumnsRight, "elman"), (BothBiases, "elman")]
)
def test_the_right_layout_is_not_diagnosed(target, net):
    (found,) = rnnproof.verify(target, net, properties=["forward.values"], max_examples=2).findings
    assert found.outcome.value == "passed"
    assert diagnosed(target, net) is None

"""Elman, LSTM and GRU with their backward passes, each written in any manner: right implementations, many of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Array
from rnnproof.usecases.calibrate.manner import MIXES, SIGMOIDS, SLOPES, Manner

Arrays = Mapping[str, Array]
Kept = tuple[Array, ...]


@dataclass(frozen=True)
class Written(ABC):
    """A plain target. A step is a function; its backward pass gives d(z) of every gate, as x and as h see it."""

    manner: Manner
    claims: ClassVar[dict[str, Any]] = {"dtypes": list(FORMATS)}
    gates: ClassVar[tuple[str, ...]]

    @abstractmethod
    def step_forward(self, params: Arrays, x: Array, state: Arrays) -> tuple[dict[str, Array], Kept]:
        """The new state, and what the backward pass needs of this step."""

    @abstractmethod
    def step_back(self, d: Arrays, kept: Kept) -> tuple[Arrays, Arrays, dict[str, Array]]:
        """d(z) as W and as U see it, and what reaches the state before past the weights."""

    def weights(self, params: Arrays, gate: str) -> tuple[Array, Array, Array]:
        """W, U and b of a gate."""
        return params[f"W_{gate}"], params[f"U_{gate}"], params[f"b_{gate}"]

    def sigmoid(self, params: Arrays, gate: str, x: Array, h: Array) -> Array:
        """A sigmoid gate."""
        return SIGMOIDS[self.manner.sigmoid](self.manner.affine(self.weights(params, gate), x, h))

    def run(self, params: Arrays, x: Array, state: Arrays) -> tuple[Array, dict[str, Array]]:
        """(outputs, final state)."""
        outputs, final, _ = self._forward(params, x, state)
        return outputs, final

    def _forward(self, params: Arrays, x: Array, state: Arrays) -> tuple[Array, dict[str, Array], list[Kept]]:
        now, outputs, kept = dict(state), [], []
        for x_t in x:
            now, of_step = self.step_forward(params, x_t, now)
            outputs.append(now["h"])
            kept.append(of_step)
        return np.stack(outputs), now, kept

    def grad(self, params: Arrays, x: Array, state: Arrays, cotangents: Mapping[str, Any]) -> dict[str, Any]:
        """The gradients of <cotangents, (outputs, final state)>."""
        outputs, _, kept = self._forward(params, x, state)
        before = np.concatenate([state["h"][None], outputs[:-1]])
        d: dict[str, Array] = dict(cotangents["state"])
        by_x, by_h, dx = [], [], []
        for t in reversed(range(len(x))):
            d["h"] = d["h"] + cotangents["outputs"][t]
            of_x, of_h, d = self.step_back(d, kept[t])
            d["h"] = self._through(params, "U", of_h, d.get("h"))
            dx.append(self._through(params, "W", of_x, None))
            by_x.append(of_x)
            by_h.append(of_h)
        found = self._parameters(params, x, before, by_x[::-1], by_h[::-1])
        return {"params": found, "x": np.stack(dx[::-1]), "state": d}

    def _through(self, params: Arrays, kind: str, dz: Arrays, more: Array | None) -> Array:
        """The sum over the gates of W^T d(z), and what else is received."""
        if self.manner.stacked == "stacked":
            weight = np.concatenate([params[f"{kind}_{gate}"] for gate in self.gates])
            total = self.manner.times(np.concatenate([dz[gate] for gate in self.gates], axis=1), weight)
            return total if more is None else total + more
        for gate in self.gates:
            term = self.manner.times(dz[gate], params[f"{kind}_{gate}"])
            more = term if more is None else more + term
        assert more is not None
        return more

    def _parameters(
        self, params: Arrays, x: Array, before: Array, by_x: list[Arrays], by_h: list[Arrays]
    ) -> dict[str, Array]:
        """dW = sum of d(z) x^T, dU = sum of d(z) h^T, db = sum of d(z), over all steps and rows at once."""
        found: dict[str, Array] = {}
        ones = np.ones((x.shape[0] * x.shape[1], 1), x.dtype)
        rows, states = (v.reshape(len(ones), -1) for v in (x, before))
        for gate in self.gates:
            of_x, of_h = (np.concatenate([each[gate] for each in every]).T for every in (by_x, by_h))
            found[f"W_{gate}"] = self.manner.times(of_x, rows)
            found[f"U_{gate}"] = self.manner.times(of_h, states)
            found[f"b_{gate}"] = self.manner.times(of_x, ones)[:, 0]
            if f"b_h{gate}" in params:
                found[f"b_h{gate}"] = self.manner.times(of_h, ones)[:, 0]
        return found


class Elman(Written):
    """h' = tanh(W x + U h + b)."""

    gates = ("h",)

    def step_forward(self, params: Arrays, x: Array, state: Arrays) -> tuple[dict[str, Array], Kept]:
        """tanh(z)."""
        h = np.tanh(self.manner.affine(self.weights(params, "h"), x, state["h"]))
        return {"h": h}, (h,)

    def step_back(self, d: Arrays, kept: Kept) -> tuple[Arrays, Arrays, dict[str, Array]]:
        """d(z) = tanh' d(h)."""
        (h,) = kept
        dz = {"h": d["h"] * SLOPES[self.manner.slope][1](h)}
        return dz, dz, {}


class LSTM(Written):
    """c' = f c + i g, h' = o tanh(c')."""

    gates = ("i", "f", "g", "o")

    def step_forward(self, params: Arrays, x: Array, state: Arrays) -> tuple[dict[str, Array], Kept]:
        """The gates, then both states."""
        i, f, o = (self.sigmoid(params, gate, x, state["h"]) for gate in "ifo")
        g = np.tanh(self.manner.affine(self.weights(params, "g"), x, state["h"]))
        c = i * g + f * state["c"] if self.manner.bias == "first" else f * state["c"] + i * g
        shown = np.tanh(c)
        return {"h": o * shown, "c": c}, (i, f, g, o, state["c"], shown)

    def step_back(self, d: Arrays, kept: Kept) -> tuple[Arrays, Arrays, dict[str, Array]]:
        """d(c') = d(c) + d(h) o tanh'; from it those of the gates."""
        i, f, g, o, c, shown = kept
        of_sigmoid, of_tanh = SLOPES[self.manner.slope]
        dc = d["c"] + d["h"] * o * of_tanh(shown)
        dz = {
            "i": dc * g * of_sigmoid(i),
            "f": dc * c * of_sigmoid(f),
            "g": dc * i * of_tanh(g),
            "o": d["h"] * shown * of_sigmoid(o),
        }
        return dz, dz, {"c": dc * f}


class GRU(Written):
    """n = tanh(W_n x + b_n + r (U_n h + b_hn)), h' = (1 - z) n + z h."""

    gates = ("r", "z", "n")

    def step_forward(self, params: Arrays, x: Array, state: Arrays) -> tuple[dict[str, Array], Kept]:
        """The gates, the product with the state, and between them the new one."""
        h = state["h"]
        r, z = (self.sigmoid(params, gate, x, h) for gate in "rz")
        q = self.manner.times(h, params["U_n"].T) + params["b_hn"]
        n = np.tanh(self.manner.times(x, params["W_n"].T) + params["b_n"] + r * q)
        return {"h": MIXES[self.manner.mix](z, n, h)}, (r, z, n, q, h)

    def step_back(self, d: Arrays, kept: Kept) -> tuple[Arrays, Arrays, dict[str, Array]]:
        """d(n) = (1 - z) d(h), d(z) = (h - n) d(h); U_n sees r d(z_n)."""
        r, z, n, q, h = kept
        of_sigmoid, of_tanh = SLOPES[self.manner.slope]
        dh = d["h"]
        dn = (1 - z) * dh if self.manner.mix == "as it is" else dh - z * dh
        dz_n = dn * of_tanh(n)
        dz_z = (dh * (h - n) if self.manner.mix == "from n" else dh * h - dh * n) * of_sigmoid(z)
        dz_r = dz_n * q * of_sigmoid(r)
        return {"r": dz_r, "z": dz_z, "n": dz_n}, {"r": dz_r, "z": dz_z, "n": r * dz_n}, {"h": z * dh}


IN_MANNERS: Mapping[str, type[Written]] = {"elman": Elman, "lstm": LSTM, "gru": GRU}

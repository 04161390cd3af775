"""Code that is written once for all layers and directions, and its mistakes."""

import numpy as np
import pytest
from diagnosing import diagnosed


class TwoLayers:
    """Elman, one layer on the other, with the same lines for both."""

    slope = staticmethod(lambda h: 1 - h**2)
    places = ("0.forward.", "1.forward.")

    def forward(self, z):
        return np.tanh(z)

    def read(self, p, place, x, h):
        hs = [h]
        for x_t in x:
            hs.append(self.forward(x_t @ p[f"{place}W_h"].T + hs[-1] @ p[f"{place}U_h"].T + p[f"{place}b_h"]))
        return np.stack(hs)

    def back(self, p, place, x, hs, dys, dh, found):
        dx = np.zeros_like(x)
        for name in ("W_h", "U_h", "b_h"):
            found[place + name] = np.zeros_like(p[place + name])
        for t in reversed(range(len(x))):
            dz = (dh + dys[t]) * self.slope(hs[t + 1])
            found[f"{place}W_h"] += dz.T @ x[t]
            found[f"{place}U_h"] += dz.T @ hs[t]
            found[f"{place}b_h"] += dz.sum(0)
            dx[t] = dz @ p[f"{place}W_h"]
            dh = dz @ p[f"{place}U_h"]
        return dx, dh

    def run(self, p, x, state):
        self.tape, final = [], {}
        for place in self.places:
            hs = self.read(p, place, x, state[f"{place}h"])
            self.tape.append((place, x, hs))
            x, final[f"{place}h"] = hs[1:], hs[-1]
        return x, final

    def grad(self, p, x, state, cotangents):
        found, begun, dys = {}, {}, cotangents["outputs"]
        for place, x, hs in reversed(self.tape):
            dys, begun[f"{place}h"] = self.back(p, place, x, hs, dys, cotangents["state"][f"{place}h"], found)
        return {"params": found, "x": dys, "state": begun}


class BothEnds(TwoLayers):
    """Elman, read from either end; the halves are side by side."""

    places = ("0.forward.", "0.backward.")

    def run(self, p, x, state):
        self.tape = [
            (place, x[::way], self.read(p, place, x[::way], state[f"{place}h"]), way)
            for place, way in zip(self.places, (1, -1), strict=True)
        ]
        outputs = [hs[1:][::way] for _, _, hs, way in self.tape]
        return np.concatenate(outputs, axis=-1), {f"{place}h": hs[-1] for place, _, hs, _ in self.tape}

    def grad(self, p, x, state, cotangents):
        found, begun, dx = {}, {}, 0
        halves = np.split(cotangents["outputs"], 2, axis=-1)
        for (place, read, hs, way), half in zip(self.tape, halves, strict=True):
            last = cotangents["state"][f"{place}h"]
            back, begun[f"{place}h"] = self.back(p, place, read, hs, half[::way], last, found)
            dx = dx + back[::way]
        return {"params": found, "x": dx, "state": begun}


FLAT = {"slope": staticmethod(np.ones_like)}
NETWORKS = {TwoLayers: "elman:layers=2", BothEnds: "elman:direction=bidirectional"}


@pytest.mark.parametrize("target", NETWORKS)
def test_the_right_ones_have_no_diagnosis(target):
    assert diagnosed(target, NETWORKS[target]) is None


@pytest.mark.parametrize(
    ("target", "changed", "told"),
    [
        (TwoLayers, FLAT, "in every layer: in dz_h, tanh' is missing"),
        (TwoLayers, {"forward": lambda self, z: np.tanh(z + 1)}, "in every layer: h' has +1 added to z_h"),
        (
            BothEnds,
            {"slope": staticmethod(np.ones_like)},
            "in both directions: the factor 1 - h'**2 is missing in dz_h",
        ),
        (BothEnds, {"forward": lambda self, z: np.tanh(z + 1)}, "in both directions: h' has +1 added to z_h"),
    ],
    ids=["two layers, no slope", "two layers, offset", "both ends, no slope", "both ends, offset"],
)
def test_what_is_wrong_in_every_layer_is_one_change(target, changed, told):
    found = diagnosed(type("Wrong", (target,), changed), NETWORKS[target])
    assert found.whole
    assert found.names == (told,)


def test_a_forward_pass_changed_everywhere_beside_the_specifications_backward_pass():
    def relu(self, z):
        return np.maximum(z, 0)

    found = diagnosed(type("Wrong", (BothEnds,), {"forward": relu}), NETWORKS[BothEnds])
    kept = "the backward pass is still that of the specification"
    assert found.names == ("in both directions: h' has relu in place of tanh", kept)

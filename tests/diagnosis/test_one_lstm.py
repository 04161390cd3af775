"""One LSTM by hand, wrong in what it stores, in what it carries on, and in gradients by numbers of their own."""

import numpy as np
import pytest
from diagnosing import diagnosed


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class LSTM:
    """Its cell state goes out through ``out``, of c'; ``carry`` is what c' is carried on as."""

    out = staticmethod(np.tanh)
    old = False

    def carry(self, c):
        return c

    def run(self, p, x, state):
        h, c, outputs, self.tape = state["h"], state["c"], [], []
        for x_t in x:
            z = {k: x_t @ p[f"W_{k}"].T + h @ p[f"U_{k}"].T + p[f"b_{k}"] for k in "ifgo"}
            i, f, o, g = (*(sigmoid(z[k]) for k in "ifo"), np.tanh(z["g"]))
            before = x_t, h, c
            c = f * c + i * g
            seen = self.out(before[2] if self.old else c)
            h = o * seen
            c = self.carry(c)
            outputs.append(h)
            self.tape.append((*before, i, f, g, o, seen))
        return np.stack(outputs), {"h": h, "c": c}


class Both(LSTM):
    """With a backward pass, which is tanh's."""

    def grad(self, p, x, state, cotangents):
        found, dx = {name: np.zeros_like(value) for name, value in p.items()}, np.zeros_like(x)
        dh, dc = cotangents["state"]["h"], cotangents["state"]["c"]
        for t in reversed(range(len(x))):
            x_t, h, c, i, f, g, o, seen = self.tape[t]
            dh = dh + cotangents["outputs"][t]
            dc = dc + dh * o * (1 - seen**2)
            dz = {
                "i": dc * g * i * (1 - i),
                "f": dc * c * f * (1 - f),
                "g": dc * i * (1 - g**2),
                "o": dh * seen * o * (1 - o),
            }
            dc, dh = dc * f, sum(dz[k] @ p[f"U_{k}"] for k in "ifgo")
            dx[t] = sum(dz[k] @ p[f"W_{k}"] for k in "ifgo")
            for k in "ifgo":
                found[f"W_{k}"] += dz[k].T @ x_t
                found[f"U_{k}"] += dz[k].T @ h
                found[f"b_{k}"] += dz[k].sum(0)
        return {"params": found, "x": dx, "state": {"h": dh, "c": dc}}


class OldCell(Both):
    old = True


class Squashed(Both):
    out = staticmethod(sigmoid)


class Scaled(Both):
    times = {"U_o": 3, "b_f": 0.5, "x": 0.9}
    more = 0.0

    def grad(self, p, x, state, cotangents):
        found = super().grad(p, x, state, cotangents)
        for name, number in self.times.items():
            part = found if name == "x" else found["params"]
            part[name] = part[name] * number + self.more
        return found


class Shifted(Scaled):
    more = 1.0


class Clipped(LSTM):
    def carry(self, c):
        return np.clip(c, -0.75, 0.75)


class Faded(LSTM):
    def carry(self, c):
        return 0.9 * c


@pytest.mark.parametrize(
    ("out", "told"),
    [
        (lambda c: np.clip(c, -1, 1), "the hard tanh, z clipped to ±1,"),
        (lambda c: c / (1 + abs(c)), "the softsign z/(1 + |z|)"),
        (lambda c: np.where(c > 0, c, 0.01 * c), "the leaky relu of slope 1/100"),
    ],
)
def test_an_activation_that_no_network_of_the_catalogue_has_is_named(out, told):
    other = type("Other", (LSTM,), {"out": staticmethod(out)})
    assert diagnosed(other, "lstm").names == (f"{told} in place of tanh(c')",)


def test_the_right_one_has_no_diagnosis():
    assert diagnosed(Both, "lstm") is None
    assert diagnosed(LSTM, "lstm") is None


@pytest.mark.parametrize(
    ("target", "first", "taken"),
    [
        (OldCell, "c in place of c' in h'", "tanh(c)"),
        (Squashed, "h' has sigmoid in place of tanh on c'", "sigmoid(c')"),
    ],
)
def test_a_backward_pass_that_was_not_changed_reads_what_the_forward_pass_stored(target, first, taken):
    found = diagnosed(target, "lstm")
    assert found.whole
    kept = f"the backward pass is still that of the specification, on the stored {taken} in place of tanh(c')"
    assert found.names == (first, kept)


@pytest.mark.parametrize(
    ("target", "what", "equation"),
    [
        (Clipped, "is clipped to ±3/4", "clip(c', 3/4)"),
        (Faded, "is multiplied by 9/10", "9*c'/10"),
    ],
)
def test_a_state_that_is_changed_before_the_next_step_is_named(target, what, equation):
    found = diagnosed(target, "lstm")
    assert found.names == (f"c {what} before the next step, after this one has used it",)
    assert f"target         c at the next step = {equation}" in found.text


def test_gradients_that_are_each_a_multiple_are_told_with_their_numbers():
    found = diagnosed(Scaled, "lstm", seconds=8)
    assert found.whole
    assert sorted(found.names) == ["dU_o is multiplied by 3", "db_f is multiplied by 1/2", "dx is multiplied by 9/10"]


def test_gradients_that_are_no_multiples_are_not_told_so():
    found = diagnosed(Shifted, "lstm", seconds=1)
    assert not found.whole
    assert found.names == ()

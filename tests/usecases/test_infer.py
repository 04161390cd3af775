"""What is said of a target whose conventions are looked for."""

import numpy as np
import pytest

import rnnproof
from rnnproof.dialects import Dialect, Joined, Stack
from rnnproof.errors import UsageError
from rnnproof.report.inferred import lines


def elman(params, x, state):
    h, outputs = state["h"], []
    for x_t in x:
        h = np.tanh(x_t @ params["A"] + h @ params["B"])
        outputs.append(h)
    return np.stack(outputs), {"h": h}


def columns(gate, of):
    return Stack(gate, of=of, axis=1, transpose=True)


FOUND = Dialect({"A": columns("h", "W"), "B": columns("h", "U")})


def pasted(text):
    """What the printed dialect gives where it is pasted; the text is ours."""
    return eval(text, {"Dialect": Dialect, "Joined": Joined, "Stack": Stack})


def test_one_reading_is_printed_to_be_pasted():
    found = rnnproof.infer(elman)
    assert (found.code, found.why, found.also) == (0, "", ())
    [(network, text)] = found.readings
    assert (network, pasted(text)) == ("elman:bias=false", FOUND)
    assert lines(found)[:4] == [
        "elman behaves as elman:bias=false, on fresh cases of other sizes, within the",
        "  derived bounds",
        "",
        "network: elman:bias=false",
    ]


@pytest.mark.parametrize(
    ("target", "dialect"),
    [
        ("numpy:jordan", "plain"),
        ("numpy:gru", "plain"),
        ("torch.nn:RNN", "torch:rnn"),
        ("torch.nn:GRUCell", "torch:gru_cell"),
    ],
)
def test_a_dialect_that_has_a_name_is_named(target, dialect):
    found = rnnproof.infer(target)
    assert [said for _, said in found.readings] == [dialect]


def test_another_network_than_asked_for_is_named():
    found = rnnproof.infer(elman, "jordan:bias=false")
    assert found.code == 1
    assert found.why == "it is not jordan:bias=false in any convention that is known: it behaves as elman:bias=false"


class OneStep:
    claims = {"sizes": {"T": [1]}}
    run = staticmethod(elman)


def test_two_readings_that_cannot_be_told_apart_are_both_said():
    found = rnnproof.infer(OneStep)
    assert found.code == 2
    assert [network for network, _ in found.readings] == ["elman:bias=false", "elman:bias=false,direction=backward"]
    assert found.why.endswith("a run of more steps or of other sizes, which it does not take, would tell")


def through(params, x, state):
    return elman(dict(**params), x, state)


class Said:
    arrays = {"A": ("I", "H"), "B": ("H", "H")}
    run = staticmethod(through)


def test_arrays_that_are_declared_need_not_be_asked_for():
    assert pasted(rnnproof.infer(Said, "elman:bias=false").readings[0][1]) == FOUND


def raises(params, x, state):
    raise RuntimeError("no")


def same(params, x, state):
    return np.zeros((len(x), *state["h"].shape)), {"h": np.zeros_like(state["h"])}


def shapes_alone(params, x, state):
    return np.full((len(x), *state["h"].shape), float(params["W"].size)), {"h": state["h"] * 0}


def sine(params, x, state):
    h = np.sin(x.sum(0) @ params["A"] + state["h"] @ params["B"])
    return np.repeat(h[None], len(x), axis=0), {"h": h}


class Noisy:
    rng = np.random.default_rng(0)

    def run(self, params, x, state):
        outputs, final = elman(params, x, state)
        return outputs + self.rng.random(), final


@pytest.mark.parametrize(
    ("target", "code", "why"),
    [
        (raises, 2, "no arrays were found with which it runs (each ended so: RuntimeError: no); if it takes"),
        (same, 1, "it returns the same whatever numbers are in its arrays, so nothing can be told from its behaviour"),
        (shapes_alone, 1, "it returns the same whatever numbers are in its arrays, so nothing can be told"),
        (through, 2, "it goes through its parameters without asking for them by name, so they are not known: say"),
        (sine, 1, "it takes the arrays A (I, H), B (H, H), but does not behave as elman in any convention that"),
        (Noisy(), 1, "two identical calls differ: it is no function of its arguments, and no network's step"),
    ],
    ids=["raises", "returns the same", "reads shapes alone", "goes through", "another function", "noise"],
)
def test_a_target_that_nothing_can_be_told_of(target, code, why):
    found = rnnproof.infer(target, "elman")
    assert (found.code, found.readings) == (code, ())
    assert found.why.startswith(why)


def test_arrays_that_are_no_shapes_are_refused():
    class Wrong(Said):
        arrays = {"A": "IH", "B": 3}

    with pytest.raises(UsageError, match=r"expected shapes in the letters I, H, O and P"):
        rnnproof.infer(Wrong, "elman:bias=false")


def test_what_declares_nothing_is_verified_as_it_is_read():
    report = rnnproof.verify(elman, "elman:bias=false", properties="forward.values", max_examples=5)
    assert report.ok
    assert report.dialect == f"inferred: {FOUND!r}"


class Turned:
    dialect = Dialect({"A": columns("h", "W"), "B": Stack("h", of="U")})
    run = staticmethod(elman)


def test_a_dialect_that_fails_beside_one_that_fits():
    finding = rnnproof.verify(Turned, "elman:bias=false", properties="forward.values", max_examples=5).findings[0]
    assert finding.outcome.value == "failed"
    first, _, told = finding.diagnosis["text"].partition("\n")
    assert first == "in another dialect it behaves as elman:bias=false:"
    assert pasted(told.strip()) == FOUND

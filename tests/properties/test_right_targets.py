"""Right code, however written: the exact outcome of every property, so that nothing hides in not_applicable."""

import numpy as np
import pytest
import right_lstms

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.cells.named import WRITTEN
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import LAWS
from rnnproof.properties.steps import step_residuals
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill
from rnnproof.usecases.verify import verify

SEQUENCE = {"sequence.lengths", "sequence.reverse", "sequence.layers"}  # one layer, one direction, no lengths
ALL = {law.id: Outcome.NOT_APPLICABLE if law.id in SEQUENCE else Outcome.PASSED for law in LAWS}


def outcomes(report, dtype):
    return {finding.property: finding.outcome for finding in report.findings if finding.dtype in (dtype, None)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", right_lstms.RIGHT)
def test_a_right_lstm_passes_every_property(name, dtype):
    asked = None if name == "packed" else 20  # None: as many as the command asks for
    report = verify(right_lstms.RIGHT[name], "lstm", dtype=dtype, max_examples=asked)
    assert outcomes(report, dtype) == ALL
    judged = [finding for finding in report.findings if finding.property not in SEQUENCE]
    enough = {finding.property: 6 if finding.dtype is None else asked or 50 for finding in judged}
    assert all(f.cases >= enough[f.property] and 2 * f.decided >= f.cases for f in judged)


def test_a_forward_only_lstm_passes_and_its_gradients_are_not_applicable():
    report = verify(right_lstms.Loops, "lstm", max_examples=10)
    gradients = {law.id for law in LAWS if law.gradients}
    expected = ALL | dict.fromkeys(gradients | {"exact.forward"}, Outcome.NOT_APPLICABLE)
    assert outcomes(report, "float64") == expected


HAND_WRITTEN = (
    "elman",
    "elman:activation=relu",
    "elman:activation=sigmoid,readout=tanh",
    "elman:activation=identity,readout=identity,bias=false",
    "elman:readout=sigmoid,direction=backward",
    "elman:readout=tanh,layers=2,direction=bidirectional,merge=product",
    "elman:padding=repeat",
    "elman:readout=softmax",
    "jordan",
    "jordan:activation=relu,readout=tanh,bias=false",
    "jordan:readout=softmax",
    "jordan:layers=2,direction=bidirectional,merge=sum",
    "lecture_lstm",
    "lecture_lstm:g=identity,h=identity",
    "lecture_lstm:layers=2",
    "lstm",
    "lstm:bias=false",
    "lstm:coupled=input,forget_offset=1",
    "lstm:coupled=forget,clip=1/2,projection=P",
    "lstm:recurrent=hard_sigmoid,slope=1/6,clip=2,clip_place=gates",
    "lstm:layers=2,direction=bidirectional",
    "lstm:projection=P,layers=2,direction=bidirectional,merge=mean",
    "peephole",
    "peephole:coupled=input",
    "peephole:coupled=forget,layers=2,direction=backward",
    "gru",
    "gru:layers=2,direction=bidirectional",
    "gru:reset=before",
    "gru:reset=before,bias=false,layers=2",
    "gru:layers=2,padding=run",
)
FROM_THE_END, FROM_BOTH = {"forward.step"}, {"forward.step", "forward.causality", "state.handover"}


def applies_not(model):
    """The laws that are none for a network, by what the network is."""
    direction = {"forward": set(), "backward": FROM_THE_END, "bidirectional": FROM_BOTH}[model.direction]
    one_way = set() if model.direction == "bidirectional" else {"sequence.reverse"}
    one_layer = {"sequence.layers"} if model.layers == 1 or model.readout is not None else set()
    return direction | one_way | one_layer


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_a_hand_written_cell_passes_every_property(name):
    report = verify(f"numpy:{name}", max_examples=3 if "layers" in name else 5)
    left_out = applies_not(network(name))
    expected = {law.id: Outcome.NOT_APPLICABLE if law.id in left_out else Outcome.PASSED for law in LAWS}
    for dtype in ("float64", "float32"):
        assert outcomes(report, dtype) == expected
    judged = [finding for finding in report.findings if finding.property not in left_out]
    assert all(2 * f.decided >= f.cases > 0 for f in judged)


def test_every_network_written_by_hand_is_among_them():
    assert {name.partition(":")[0] for name in HAND_WRITTEN} == set(WRITTEN)


COMPILED = {law.id for law in LAWS if law.most}
TORCH = (
    ("LSTM", "lstm", 20),
    ("RNN", "elman", 10),
    ("GRU", "gru", 10),
    ("RNN", "elman:activation=relu,bias=false", 10),
    ("LSTM", "lstm:projection=P,layers=2", 5),
    ("GRU", "gru:layers=2,direction=bidirectional", 5),
    ("LSTMCell", "lstm", 5),
    ("RNNCell", "elman:activation=relu", 5),
    ("GRUCell", "gru:bias=false", 5),
)


@pytest.mark.parametrize(("module", "name", "cases"), TORCH)
def test_a_module_of_torch_passes_every_property(module, name, cases):
    pytest.importorskip("torch")
    report = verify(f"torch.nn:{module}", name, max_examples=cases)
    no_lengths = {"sequence.lengths"} if module.endswith("Cell") else set()
    left_out = applies_not(network(name)) | no_lengths | COMPILED
    expected = {law.id: Outcome.NOT_APPLICABLE if law.id in left_out else Outcome.PASSED for law in LAWS}
    for dtype in ("float64", "float32"):
        assert outcomes(report, dtype) == expected


def test_the_bound_is_not_so_wide_that_right_code_never_comes_near_it():
    """The median of error / bound of right code is above 0.01 at I=2, H=3, in float32.

    In float64 it is not: there the centre of a ball is itself rounded, and often in the same way.
    """
    target = resolve(right_lstms.Packed, "lstm")
    ratios = []
    for seed in range(10):
        case = fill(target.network, Draw(4, 3, 2, 3, 2, 2, seed, "typical", 16), "float32")
        trial = start(case, target.implementation)
        for got, ball in step_residuals(trial, trial.bounds).values():
            ratios.append((np.abs(got - ball.value) / ball.radius).ravel())
    assert np.median(np.concatenate(ratios)) > 0.01


class WithoutFinalState(right_lstms.Packed):
    claims = {"dtypes": ["float64"]}

    def run(self, params, x, state):
        return super().run(params, x, state)[0], None


class FinalStateAlone(right_lstms.Packed):
    claims = {"dtypes": ["float64"]}

    def run(self, params, x, state):
        return None, super().run(params, x, state)[1]


@pytest.mark.parametrize(
    ("target", "left_out"),
    [(WithoutFinalState, {"state.handover", "state.final"}), (FinalStateAlone, {"forward.causality"})],
)
def test_what_is_not_returned_is_not_applicable_and_the_rest_passes(target, left_out):
    report = verify(target, "lstm", max_examples=5)
    expected = ALL | dict.fromkeys(left_out, Outcome.NOT_APPLICABLE)
    assert outcomes(report, "float64") == expected

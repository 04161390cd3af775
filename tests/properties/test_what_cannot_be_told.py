"""What nobody can tell is not judged, and never said to be right; what is told by a shape alone is found."""

import numpy as np
import pytest
from undiagnosed import verify

from rnnproof.model.verdict import Outcome


class LastOfRaggedRows:
    """Returns h alone: of each row that at its own end, whose last output it is."""

    def run(self, params, x, state, lengths=None):
        steps = np.full(x.shape[1], len(x)) if lengths is None else lengths
        h = state["h"]
        for t in range(len(x)):
            new = np.tanh(x[t] @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
            h = np.where((t < steps)[:, None], new, h)
        return h, {"h": h + 0}


class LastAtTheEnd(LastOfRaggedRows):
    """As the outputs' last step: zero for a row that has ended."""

    def run(self, params, x, state, lengths=None):
        h, final = super().run(params, x, state, lengths)
        return h if lengths is None else np.where((lengths == len(x))[:, None], h, 0.0), final


class WrongLastOfRaggedRows(LastOfRaggedRows):
    def run(self, params, x, state, lengths=None):
        return super().run(params, x, state)


@pytest.mark.parametrize("target", [LastOfRaggedRows, LastAtTheEnd])
def test_a_last_output_alone_is_not_judged_where_rows_have_lengths(target):
    """Which it is, the row's last or that of all, nobody says; the final states are judged."""
    assert verify(target, "elman", max_examples=8).exit_code == 0


def test_the_final_state_of_rows_with_lengths_is_judged_beside_a_last_output():
    report = verify(WrongLastOfRaggedRows, "elman", max_examples=8)
    assert {f.property for f in report.findings if f.outcome is Outcome.FAILED} >= {"state.final", "sequence.lengths"}


class WrongWhereNothingIsKnown:
    """The minLSTM by its quotient, with a number of its own where both gates are 0 in floats."""

    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            f, i = (1 / (1 + np.exp(-x_t @ params[f"W_{k}"].T - params[f"b_{k}"])) for k in "fi")
            n, both = x_t @ params["W_n"].T + params["b_n"], f + i
            h = np.where(both == 0, 12345.0, (f * h + i * n) / np.where(both == 0, 1, both))
            outputs.append(h)
        return np.stack(outputs), {"h": h}


def test_what_nothing_is_known_of_is_never_said_to_be_right():
    report = verify(WrongWhereNothingIsKnown, "minlstm", properties=["forward.values", "forward.saturation"])
    values, saturation = report.findings
    assert values.outcome is Outcome.PASSED and saturation.outcome is not Outcome.PASSED
    assert "nothing is known of" in saturation.message


class AskedWhichWayRound:
    """Turns W_h where its shape says that it is turned: as often as not where I = H."""

    def run(self, params, x, state):
        W, h, outputs = params["W_h"], state["h"], []
        W = W if W.shape[0] == x.shape[2] else W.T
        for x_t in x:
            h = np.tanh(x_t @ W + h @ params["U_h"].T + params["b_h"])
            outputs.append(h)
        return np.stack(outputs), {"h": h}


def test_code_that_asks_the_shape_which_way_round_an_array_is_fails_at_once():
    report = verify(AskedWhichWayRound, "elman", properties=["forward.values", "exact.forward"], max_examples=5)
    assert {finding.outcome for finding in report.findings} == {Outcome.FAILED}

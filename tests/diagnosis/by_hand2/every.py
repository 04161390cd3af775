"""All of them: right ones, and wrong ones with one true sentence on what is wrong with each."""

from types import SimpleNamespace

from by_hand2 import (
    altered_elman,
    altered_gru,
    altered_lstm,
    elman_both_ways,
    elman_columns,
    elman_layer,
    elman_relu,
    elman_softmax,
    elman_stacked,
    gru_book,
    gru_keras,
    gru_masked,
    gru_torch,
    lstm_assignment,
    lstm_batched,
    lstm_gates,
    lstm_notebook,
    lstm_peephole,
    lstm_ported,
    whole_elman,
    whole_gru,
    whole_lstm,
    whole_lstm_more,
)
from by_hand2.alter import altered

RIGHT = [
    ("right_lstm_notebook", "lstm", lstm_notebook),
    ("right_lstm_assignment", "lstm", lstm_assignment),
    ("right_lstm_batched", "lstm", lstm_batched.BatchedLSTM),
    ("right_lstm_gates", "lstm", lstm_gates.LSTM),
    ("right_lstm_ported", "lstm", lstm_ported),
    ("right_lstm_peephole", "peephole", lstm_peephole.PeepholeLSTM),
    ("right_gru_torch", "gru", gru_torch.GRU),
    ("right_gru_keras", "gru", gru_keras),
    ("right_gru_book", "gru:reset=before", gru_book),
    ("right_gru_masked", "gru", gru_masked.MaskedGRU),
    ("right_elman_columns", "elman:readout=identity", elman_columns),
    ("right_elman_layer", "elman", elman_layer.SimpleRNN),
    ("right_elman_relu", "elman:activation=relu", elman_relu),
    ("right_elman_softmax", "elman:readout=softmax", elman_softmax.RNN),
    ("right_elman_both_ways", "elman:direction=bidirectional", elman_both_ways),
    ("right_elman_stacked", "elman:layers=2", elman_stacked),
]

IN_A_LINE_OR_TWO = [
    (name, network, altered(name, file, changes, of), wrong)
    for table in (altered_lstm, altered_gru, altered_elman)
    for name, network, file, of, changes, wrong in table.ALTERED
]

ALTOGETHER = [row for hand in (whole_lstm, whole_lstm_more, whole_gru, whole_elman) for row in hand.WRONG]

EVERY = IN_A_LINE_OR_TWO + ALTOGETHER

OBJECTS = SimpleNamespace(**{row[0]: row[2] for row in RIGHT + EVERY})

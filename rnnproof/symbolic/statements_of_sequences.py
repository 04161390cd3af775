"""What can be said of a whole sequence: closed forms, the order of the inputs, memory, what can depend on what."""

from __future__ import annotations

from collections.abc import Callable

from rnnproof.model.network import Network
from rnnproof.symbolic.any_length import any_length
from rnnproof.symbolic.any_length_numbers import lecture_for_any_length, two_units
from rnnproof.symbolic.dependence import dependence, dependence_with_lengths
from rnnproof.symbolic.memory import lecture_same_input, same_input, same_input_witness
from rnnproof.symbolic.order_matters import order_matters
from rnnproof.symbolic.order_witness import order_witness
from rnnproof.symbolic.statement import Statement

# Each gives None for a network for which it says nothing. One more takes weights and sentences too, and is not here:
# word_labels.one_word_two_labels, of which usecases/derive/slots makes a statement about the lecture's networks.
SEQUENCE_STATEMENTS: tuple[Callable[[Network], Statement | None], ...] = (
    any_length,
    two_units,
    lecture_for_any_length,
    order_matters,
    order_witness,
    same_input,
    lecture_same_input,
    same_input_witness,
    dependence,
    dependence_with_lengths,
)

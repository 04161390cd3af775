"""The laws as a test suite, of the hand-written lstm."""

import own_cells

import rnnproof.testing

test_lstm = rnnproof.testing.conformance(own_cells.lstm, network="lstm", max_examples=6, diagnosis=False)

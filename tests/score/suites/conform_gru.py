"""The laws as a test suite, of the hand-written gru."""

import own_cells

import rnnproof.testing

test_gru = rnnproof.testing.conformance(own_cells.gru, network="gru", max_examples=6, diagnosis=False)

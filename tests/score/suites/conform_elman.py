"""The laws as a test suite, of the hand-written elman."""

import own_cells

import rnnproof.testing

test_elman = rnnproof.testing.conformance(own_cells.elman, network="elman", max_examples=6, diagnosis=False)

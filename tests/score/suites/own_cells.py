"""rnnproof's hand-written cells as plain targets: what the scores of its own suite are of."""

from rnnproof.cells import plain_target

elman = plain_target("elman")
gru = plain_target("gru")
lstm = plain_target("lstm")

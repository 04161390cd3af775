"""NumPy cells written by hand from the papers, batched, with a hand-written backward pass each."""

from rnnproof.cells.named import CELLS as CELLS
from rnnproof.cells.named import plain_target as plain_target
from rnnproof.cells.plain import PlainTarget as PlainTarget

"""The forward pass and its adjoint executed in balls.

One local rounding term per equation and per sum; the radii then follow the same equations and edges as the
values. Rigorous for every entry; useful while the radius stays below what a fault changes, which holds for one
step at any size and for short runs.
"""

from rnnproof.reference.rounding_backward import BoundedGradients, backward
from rnnproof.reference.rounding_forward import BoundedTape, forward
from rnnproof.reference.rounding_network import BoundedRun, pull_in_balls, run_in_balls

__all__ = ["BoundedGradients", "BoundedRun", "BoundedTape", "backward", "forward", "pull_in_balls", "run_in_balls"]

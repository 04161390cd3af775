"""The forward pass and its adjoint executed in balls.

One local rounding term per equation and per sum; the radii then follow the same equations and edges as the
values. Rigorous for every entry; useful while the radius stays below what a fault changes, which holds for one
step at any size and for short runs.
"""

from rnnproof.reference.rounding_backward import BoundedGradients, backward
from rnnproof.reference.rounding_forward import BoundedTape, forward

__all__ = ["BoundedGradients", "BoundedTape", "backward", "forward"]

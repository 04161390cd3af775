"""The forward pass and its adjoint executed in balls.

One local rounding term per equation and per sum; the radii then follow the same equations and edges as the
values. Rigorous for every entry; useful while the radius stays below what a fault changes, which holds for one
step at any size and for short runs.
"""

from rnnproof.reference.rounding_backward import backward
from rnnproof.reference.rounding_forward import BoundedTape, forward
from rnnproof.reference.rounding_gradients import BoundedGradients
from rnnproof.reference.rounding_network import BoundedRun, pull_in_balls, run_in_balls
from rnnproof.reference.rounding_truth import around, pull_about_truth, run_about_truth, step_about_truth

__all__ = [
    "BoundedGradients",
    "BoundedRun",
    "BoundedTape",
    "around",
    "backward",
    "forward",
    "pull_about_truth",
    "pull_in_balls",
    "run_about_truth",
    "run_in_balls",
    "step_about_truth",
]

"""What SymPy concludes from a network's equations: programs, gradients, closed forms, the order's effect."""

from rnnproof.symbolic.closed_form import closed_form
from rnnproof.symbolic.evaluate import bind, evaluate, evaluate_exactly
from rnnproof.symbolic.expand import expand, operations
from rnnproof.symbolic.gradient import gradient, gradients
from rnnproof.symbolic.order import difference, reordered
from rnnproof.symbolic.program import Line, Program
from rnnproof.symbolic.unroll import unroll

__all__ = [
    "Line",
    "Program",
    "bind",
    "closed_form",
    "difference",
    "evaluate",
    "evaluate_exactly",
    "expand",
    "gradient",
    "gradients",
    "operations",
    "reordered",
    "unroll",
]

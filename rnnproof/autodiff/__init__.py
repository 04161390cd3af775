"""autograd differentiating the hand-written forward passes: a second witness for every gradient."""

from rnnproof.autodiff.gradients import gradients as gradients

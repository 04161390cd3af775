"""A counterexample as a script of its own: fit for a bug report, it needs NumPy and the target, and nothing else."""

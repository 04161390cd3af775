"""The equations executed: forward, their derived adjoint, and the rounding that either may accumulate."""

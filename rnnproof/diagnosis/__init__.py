"""Which single change of the specification behaves like the target."""

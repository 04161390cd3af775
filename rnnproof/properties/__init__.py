"""The laws: one function each, pure, from a trial to a verdict."""

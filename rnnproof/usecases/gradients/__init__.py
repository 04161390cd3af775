"""A hand-written gradient compared with the derivative of the function it is said to be the gradient of, exactly."""

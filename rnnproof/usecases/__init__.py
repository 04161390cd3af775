"""The use cases: what a user asks for, each a function."""

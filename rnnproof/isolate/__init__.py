"""A whole use case in a child process, so that what a target does to its process stays there."""

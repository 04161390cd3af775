"""The checks of what a document says, each against the cells written by hand, autograd, or balls."""

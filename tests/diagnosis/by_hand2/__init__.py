"""A second set of recurrent networks in NumPy, written by hand as people write them: right ones and wrong ones."""

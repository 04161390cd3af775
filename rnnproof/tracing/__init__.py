"""Running somebody's NumPy code, unedited, on other numbers."""

"""Plausible mistakes, each one change, by name, as data."""

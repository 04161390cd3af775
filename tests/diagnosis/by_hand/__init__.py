"""Recurrent networks as people write them, right and wrong, to measure a diagnosis with; see every.py."""

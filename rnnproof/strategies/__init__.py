"""Cases that cannot hide a bug: Hypothesis draws sizes, a seed, a regime and a granularity."""

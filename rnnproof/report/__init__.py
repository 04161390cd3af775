"""A verdict shown: as text, JSON or JUnit XML."""

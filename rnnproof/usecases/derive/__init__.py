"""What is known about a network, as a document: derived by SymPy, checked, and printed."""

from rnnproof.usecases.derive.document import FORMATS, derive

__all__ = ["FORMATS", "derive"]

"""The lecture worked by hand: its example, its slot filling, its LSTM; each derived, computed and compared."""

from rnnproof.usecases.lecture.worked import Row, agree, derived, lecture, show

__all__ = ["Row", "agree", "derived", "lecture", "show"]

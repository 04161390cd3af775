"""The lecture worked by hand: its example, its slot filling, its LSTM; each derived, computed and compared."""

from rnnproof.usecases.lecture.gates_text import show_gates
from rnnproof.usecases.lecture.slots_text import show_slots
from rnnproof.usecases.lecture.worked import Row, agree, derived, lecture, show

__all__ = ["Row", "agree", "derived", "lecture", "show", "show_gates", "show_slots"]

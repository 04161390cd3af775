"""All that is here: RIGHT ones, wrong ones (EVERY), and BAD input for a diagnosis.

``RIGHT`` and ``BAD`` hold (name, network, object), ``EVERY`` (name, network, object, what is wrong, where it lies),
``TOLD`` what a right naming of each holds. ``by_hand.every:OBJECTS.NAME`` is one of them as a target.
"""

from types import SimpleNamespace

from by_hand import bad, table_elman, table_gru, table_lstm_classes, table_lstm_objects
from by_hand.altered import STYLES, right, wrong_class

WRONG = table_lstm_classes.WRONG + table_lstm_objects.WRONG + table_gru.WRONG + table_elman.WRONG
RIGHT = [(style, network, right(style)) for style, (_, network) in STYLES.items()]
EVERY = [(wrong.name, wrong.network, wrong_class(wrong), wrong.sentence, wrong.lies) for wrong in WRONG]
TOLD = {wrong.name: wrong.told for wrong in WRONG}
MISTAKES = {wrong.name: wrong.mistakes for wrong in WRONG}
BAD = bad.BAD
OBJECTS = SimpleNamespace(**{name: target for name, _, target, *_ in [*RIGHT, *EVERY, *BAD]})

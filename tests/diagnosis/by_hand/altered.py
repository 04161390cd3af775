"""A wrong implementation: the text of a right one with a few lines changed, and what is wrong with it in words."""

import linecache
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
# Each right implementation: its class, the network that it is.
STYLES = {
    "lstm_list_of_dicts": ("LSTM", "lstm"),
    "lstm_columns": ("Notebook", "lstm"),
    "lstm_stacked": ("Stacked", "lstm"),
    "lstm_layers": ("LSTM", "lstm"),
    "lstm_rows": ("LstmNetwork", "lstm"),
    "lstm_einsum": ("EinsumLSTM", "lstm"),
    "gru_per_gate": ("GRU", "gru"),
    "gru_packed": ("PackedGRU", "gru"),
    "gru_reset_before": ("ResetBefore", "gru:reset=before"),
    "gru_tape": ("TapeGRU", "gru"),
    "elman_characters": ("CharRNN", "elman:readout=identity"),
    "elman_time_layer": ("TimeRNN", "elman"),
    "elman_batch_first": ("BatchFirst", "elman:activation=relu"),
    "elman_both_ways": ("BothWays", "elman:direction=bidirectional"),
}
PLACES = ("forward", "gradient", "both", "conduct")


@dataclass(frozen=True)
class Wrong:
    """``sentence`` says what is wrong; ``told``: what a right naming of it holds, or an equivalent of it.

    ``lies`` is where the code was changed: a changed forward pass whose backward pass follows it is "both", one whose
    backward pass stayed that of the right network is "forward"; "conduct" is
    what no equation says: what is kept, overwritten, or in which precision. ``changes`` are pairs of texts,
    the old one and the one in its place; ``mistakes`` counts how many independent ones they make.
    """

    name: str
    style: str
    lies: str
    sentence: str
    told: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]
    mistakes: int = 1
    refused_by: str = ""  # one law that refuses it, where that is not the exact one of the place where it lies

    @property
    def law(self):
        return self.refused_by or ("exact.gradient" if self.lies == "gradient" else "exact.forward")

    @property
    def network(self):
        return STYLES[self.style][1]


def source(wrong):
    """The changed text; every old text must stand in it exactly once."""
    text = (HERE / f"{wrong.style}.py").read_text()
    for old, new in wrong.changes:
        if text.count(old) != 1:
            raise ValueError(f"{wrong.name}: {text.count(old)} times in {wrong.style}.py: {old!r}")
        text = text.replace(old, new)
    return text


def executed(name, style, text):
    """The class of a style in a module made from a text; its lines can be quoted, as those of a file can."""
    module = ModuleType(f"by_hand_{name}")
    module.__file__ = str(HERE / f"{name}.py")
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(keepends=True), module.__file__)
    exec(compile(text, module.__file__, "exec"), vars(module))
    return getattr(module, STYLES[style][0])


def right(style):
    """The class of a style as it stands in its file."""
    return executed(style, style, (HERE / f"{style}.py").read_text())


def wrong_class(wrong):
    """The wrong implementation itself."""
    return executed(wrong.name, wrong.style, source(wrong))

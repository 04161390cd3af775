"""The lecture's other example of memory: Taipei is where one journey ends and where another begins."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.catalogue import lecture
from rnnproof.catalogue import lecture_slots as page
from rnnproof.model.network import Network
from rnnproof.symbolic.statement import Statement
from rnnproof.symbolic.word_labels import Sentence, one_word_two_labels
from rnnproof.usecases.lecture.slots import NETWORK, one_hot, weights
from rnnproof.usecases.lecture.words import read

READ = 2  # words of each of the lecture's sentences, up to the one that is in both


def word_labels(network: Network) -> Statement | None:
    """Taipei after "arrive" and after "leave", with the lecture's weights: any function of the word gives one label.

    In the documents of the lecture's two networks; None for any other.
    """
    if network.name not in (lecture.NETWORK, NETWORK.name):
        return None
    one, other = inputs()
    stated = one_word_two_labels(NETWORK, weights(), (one, other), page.SLOTS)
    assert stated is not None, "the lecture's weights tell the two sentences apart"
    shown = " and ".join(f'"{" ".join(text.split()[:READ])}"' for text in page.SENTENCES)
    which = f"The sentences are {shown}, the network and its weights those that rnnproof lecture slots shows."
    return replace(stated, conditions=(which, *stated.conditions))


def inputs() -> tuple[Sentence, Sentence]:
    """The inputs of both sentences."""
    one, other = (one_hot([word.component for word in read(text)[:READ]]) for text in page.SENTENCES)
    return one, other

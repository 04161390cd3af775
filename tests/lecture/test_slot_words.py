"""A sentence as words: what is read, and what makes no difference."""

import pytest

from rnnproof.catalogue import lecture_slots as page
from rnnproof.errors import UsageError
from rnnproof.usecases.lecture.words import COMPONENTS, KINDS, VOCABULARY, read


def texts(sentence):
    return [word.text for word in read(sentence)]


def test_each_word_of_the_vocabulary_has_a_component_of_its_own_and_the_last_is_that_of_all_others():
    every = [read(word)[0] for word, _ in VOCABULARY]
    assert [word.component for word in every] == list(range(COMPONENTS - 1))
    assert [word.kind for word in every] == [kind for _, kind in VOCABULARY]
    assert all(word.known for word in every)
    (unknown,) = read("Berlin")
    assert (unknown.component, unknown.kind, unknown.known) == (COMPONENTS - 1, page.OTHER, False)
    assert len({word.casefold() for word, _ in VOCABULARY}) == len(VOCABULARY) == len(KINDS) - 1


@pytest.mark.parametrize(
    "sentence",
    [
        "arrive Taipei",
        "ARRIVE tAIPEI",
        "  arrive,\tTaipei!\n",
        '"arrive" (Taipei)...',
        "arrive-Taipei",
        "'arrive' \N{LEFT SINGLE QUOTATION MARK}Taipei\N{RIGHT SINGLE QUOTATION MARK}",
        "\uff41rrive \uff34aipei",  # of full width
        "arrive \U0001f642 Taipei \x1b[",
        "arrive Taipei's",
        "arrive TAIPEI\N{RIGHT SINGLE QUOTATION MARK}S",
    ],
)
def test_capitals_punctuation_and_width_make_no_difference(sentence):
    assert [word.component for word in read(sentence)] == [word.component for word in read("arrive Taipei")]


def test_every_form_of_a_verb_is_one():
    kinds = {word.kind for word in read("leave leaves leaving depart departs departing Departing")}
    assert kinds == {"departure"}


def test_words_are_shown_as_they_were_written():
    assert texts("I'll LEAVE Zu\u0308rich on 2nd") == ["I'll", "LEAVE", "Z\u00fcrich", "on", "2nd"]
    assert texts("\u53f0\u5317 \u0939\u093f\u0928\u094d\u0926\u0940") == [
        "\u53f0\u5317",
        "\u0939\u093f\u0928\u094d\u0926\u0940",
    ]
    assert texts("__import__('os').system('x')") == ["import", "os", "system", "x"]


@pytest.mark.parametrize("sentence", ["", " \n", "?!", "''", "\u2019", "\U0001f642", "\x1b[", "\u200b"])
def test_a_sentence_without_a_word_is_refused(sentence):
    with pytest.raises(
        UsageError, match=r"the sentence has no word to label: it (is empty|has no letter and no digit)"
    ):
        read(sentence)

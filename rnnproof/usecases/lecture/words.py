"""A sentence as words, and each word as a component of the input vector. A text is only looked up, never evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category, normalize

from rnnproof.catalogue import lecture_slots as page
from rnnproof.errors import UsageError

APOSTROPHES = {"'", "\N{RIGHT SINGLE QUOTATION MARK}"}
VOCABULARY = tuple((word, kind) for kind, words in page.WORDS.items() for word in words)
COMPONENTS = len(VOCABULARY) + 1  # the last one is that of every word that is not in the vocabulary
KINDS = (*(kind for _, kind in VOCABULARY), page.OTHER)
_PLACES = {word.casefold(): place for place, (word, _) in enumerate(VOCABULARY)}


@dataclass(frozen=True)
class Word:
    """A word as it was written, and the component of x that is 1 where it is read, all others being 0."""

    text: str
    component: int

    @property
    def kind(self) -> str:
        """What kind of word it is: an arrival, a departure, a place, a date, or another."""
        return KINDS[self.component]

    @property
    def known(self) -> bool:
        """Whether it is in the vocabulary."""
        return self.component < len(VOCABULARY)


def read(sentence: str) -> tuple[Word, ...]:
    """The words of a sentence; capital letters and punctuation make no difference, and a hyphen separates.

    Errors: UsageError for a sentence without a word.
    """
    texts = _split(sentence)
    if not texts:
        found = "it has no letter and no digit" if sentence.strip() else "it is empty"
        raise UsageError(f'the sentence has no word to label: {found}; expected one like "{page.SENTENCES[0]}"')
    return tuple(Word(text, _component(text)) for text in texts)


def _component(text: str) -> int:
    """The place in the vocabulary, of a possessive as of the word itself: Taipei's is Taipei."""
    word = text.casefold()
    if word[-1] == "s" and word[-2:-1] in APOSTROPHES:
        word = word[:-2]
    return _PLACES.get(word, len(VOCABULARY))


def _split(sentence: str) -> list[str]:
    """Runs of letters, marks and digits, in Unicode's compatible composed form, with apostrophes inside."""
    kept = (c if category(c)[0] in "LMN" or c in APOSTROPHES else " " for c in normalize("NFKC", sentence))
    stripped = (text.strip("".join(APOSTROPHES)) for text in "".join(kept).split())
    return [text for text in stripped if text]

"""Slot filling: the lecture's sentences, every sentence, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest

from rnnproof.catalogue import lecture_slots as page
from rnnproof.errors import VerificationFailed
from rnnproof.usecases.lecture import slots, slots_proof, slots_text
from rnnproof.usecases.lecture.slots import label, stepper, weights
from rnnproof.usecases.lecture.slots_proof import every_sentence, memoryless, sources
from rnnproof.usecases.lecture.words import COMPONENTS, KINDS, read

PLACE, START, ARRIVAL, LEFT = "destination", "place of departure", "time of arrival", "time of departure"
OTHER = page.OTHER


def labels(sentence, given=None):
    return [reading.slot for reading in label(read(sentence), given or weights()).readings]


def changed(name, index, value):
    given = weights()
    given[name][index] = value
    return given


@pytest.mark.parametrize(
    ("sentence", "slots"),
    [
        ("arrive Taipei on November 2nd", [OTHER, PLACE, OTHER, ARRIVAL, ARRIVAL]),
        ("leave Taipei on November 2nd", [OTHER, START, OTHER, LEFT, LEFT]),
        (
            "leave Taipei on November 2nd and arrive Tokyo on November 3rd",
            [OTHER, START, OTHER, LEFT, LEFT, OTHER, OTHER, PLACE, OTHER, ARRIVAL, ARRIVAL],
        ),
        ("Taipei November", [OTHER, OTHER]),  # before any verb
        ("on Monday arrive Paris", [OTHER, OTHER, OTHER, PLACE]),
        ("arrive leave leave arrive arrive Taipei", [OTHER] * 5 + [PLACE]),
        ("arrive Berlin", [OTHER, OTHER]),
        ("xyzzy", [OTHER]),
    ],
)
def test_the_last_verb_tells(sentence, slots):
    assert labels(sentence) == slots


def test_a_verb_is_remembered_over_a_thousand_words():
    found = label(read("leave " + "and then " * 500 + "Taipei"), weights())
    assert found.readings[-1].slot == START
    assert 0 < found.radius < Fraction(1, 10**9) < min(reading.lead for reading in found.readings)


def test_what_is_read_is_what_the_layer_put_out():
    first, second = label(read("arrive Taipei"), weights()).readings
    assert first.before == (0,) * 8
    assert second.before == first.hidden == (1, 0, 0, 0, 0, 0, 0, 0)
    assert (second.hidden, second.scores, second.lead) == ((0, 1, 0, 0, 1, 0, 0, 0), (2, 0, 0, 0, 1), 1)


def test_every_sentence_follows_the_rule():
    proof = every_sentence(weights())
    assert (proof.memories, proof.steps, proof.lead) == (9, 9 * COMPONENTS, 1)


def test_sentences_drawn_at_random_follow_the_rule_that_the_proof_is_of():
    random = np.random.default_rng(0)
    for _ in range(20):
        words = [word for kind in random.choice(list(page.WORDS), 12) for word in [random.choice(page.WORDS[kind])]]
        verb, should = "", []
        for word in read(" ".join(words)):
            should.append(page.RULE.get((verb, word.kind), OTHER))
            verb = word.kind if word.kind in page.VERBS else verb
        assert labels(" ".join(words)) == should


@pytest.mark.parametrize(
    ("name", "index", "value", "message"),
    [
        ("W_h", (0, 0), 0, r'"arrive Taipei": Taipei gets other, but should get destination'),
        ("W_h", (4, KINDS.index("place")), 0, r'"arrive Taipei": Taipei gets other, but should get destination'),
        ("W_h", (1, KINDS.index("departure")), 0, r'"arrive leave Taipei": Taipei gets no slot alone'),
        ("U_h", (1, 0), 0, r'"arrive Taipei Taipei": Taipei gets other, but should get destination'),
        ("U_h", (1, 1), 0, r'"arrive Taipei Taipei Taipei": Taipei gets other, but should get destination'),
        ("U_h", (1, 1), 2, r'"arrive Taipei arrive arrive": arrive gets no slot alone'),
        ("b_h", (4,), 0, r'"Taipei": Taipei gets destination, but should get other'),
        ("W_y", (0, 4), 1, r'"arrive Taipei": Taipei gets no slot alone, but should get destination'),
        ("b_y", (4,), 3, r'"arrive Taipei": Taipei gets other, but should get destination'),
        ("W_h", (0, COMPONENTS - 1), 1, r"\(another word\) Taipei\": Taipei gets destination, but should get other"),
    ],
)
def test_a_wrong_weight_is_refused_with_a_sentence(name, index, value, message):
    with pytest.raises(VerificationFailed, match=message):
        every_sentence(changed(name, index, value))


def test_a_memory_that_grows_for_ever_is_refused(monkeypatch):
    """A unit that counts, and that no score reads: the rule holds as far as it is followed, but not for ever."""
    given = changed("U_h", (6, 6), 1)
    given["b_h"][6], given["W_h"][6], given["W_y"][2, 6] = 1, 0, 0
    monkeypatch.setattr(page, "RULE", {key: slot for key, slot in page.RULE.items() if slot != ARRIVAL})
    with pytest.raises(VerificationFailed, match="the memory takes more than 200 values"):
        every_sentence(given)


def test_every_word_that_turns_a_unit_on_where_it_should_not_is_refused():
    """One entry of W_h, 0 before: 1 is seen in some sentence. (What relu cuts off anyway, -1, can be harmless.)"""
    rows, columns = np.nonzero(weights()["W_h"] == 0)
    for k in range(0, len(rows), 7):
        with pytest.raises(VerificationFailed):
            every_sentence(changed("W_h", (rows[k], columns[k]), 1))


def test_without_memory_a_word_has_one_slot():
    bare = memoryless(weights())
    one, other = (label(read(sentence), bare).readings[1] for sentence in page.SENTENCES)
    assert (one.word, one.scores, one.slot) == (other.word, other.scores, other.slot)
    assert sources(bare) == {f"x[2][{k}]" for k in range(COMPONENTS)}
    with pytest.raises(VerificationFailed, match="Taipei gets other, but should get destination"):
        every_sentence(bare)


def test_with_memory_the_word_before_is_seen():
    assert {"x[1][0]", "x[2][0]", "h[0][0]"} <= sources(weights())
    assert not any(name.startswith("h[0]") for name in sources(memoryless(weights())))


def test_no_weights_do_it_without_memory():
    random = np.random.default_rng(1)
    for _ in range(5):
        given = memoryless({name: random.integers(-3, 4, value.shape) * 1.0 for name, value in weights().items()})
        step = stepper(given)
        arrive, leave, taipei = (read(word)[0].component for word in ("arrive", "leave", "Taipei"))
        after = [step(step(slots.START, verb)[0], taipei) for verb in (arrive, leave)]
        assert after[0] == after[1]
        assert sources(given) == {f"x[2][{k}]" for k in range(COMPONENTS)}


class Off:
    """The hand-written cells, their scores off by a little."""

    def __init__(self, by):
        self.cells, self.by = slots.plain_target("elman", activation="relu", readout="identity"), by

    def run(self, *arguments):
        outputs, final = self.cells.run(*arguments)
        return outputs + self.by, final

    def states(self, *arguments):
        return self.cells.states(*arguments)

    def step(self, *arguments):
        output, state = self.cells.step(*arguments)
        return output + self.by, state


def test_cells_that_compute_other_scores_are_refused(monkeypatch):
    monkeypatch.setattr(slots, "cells", lambda: Off(2.0**-30))
    with pytest.raises(VerificationFailed, match=r"word 1, arrive, scores: the NumPy cells give .* within 2\.2e-15"):
        label(read("arrive Taipei"), weights())
    monkeypatch.setattr(slots_proof, "cells", lambda: Off(2.0**-52))
    with pytest.raises(VerificationFailed, match=r"arrive from the memory .* the NumPy cells give"):
        every_sentence(weights())


def test_a_derivation_outside_the_balls_is_refused(monkeypatch):
    """The reference runs other weights than SymPy: neither witness is believed."""
    right = slots.stepper
    monkeypatch.setattr(slots, "stepper", lambda given: right(changed("b_y", (4,), 1.5)))
    with pytest.raises(VerificationFailed, match=r"scores: SymPy derives .*, but the reference gives"):
        label(read("arrive"), weights())


def test_a_lead_within_the_bound_is_refused():
    close = changed("W_y", (0, 4), 1 + 2.0**-52)
    with pytest.raises(VerificationFailed, match=r"the slot destination is ahead by .*, which rounding can undo"):
        label(read("arrive Taipei"), close)


def test_a_pair_of_sentences_without_a_difference_is_refused(monkeypatch):
    monkeypatch.setattr(page, "SENTENCES", ("arrive Taipei", "arrives Taipei"))
    with pytest.raises(VerificationFailed, match="as if without memory"):
        slots_text.show_slots()
    monkeypatch.undo()
    monkeypatch.setattr(slots_text, "memoryless", lambda given: given)
    with pytest.raises(VerificationFailed, match="still depend on what was read before"):
        slots_text.show_slots()

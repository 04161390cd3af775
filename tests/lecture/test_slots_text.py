"""What `rnnproof lecture slots` shows: a sentence, the lecture's two, and any text at 80 columns."""

import pytest

from rnnproof.cli.main import run
from rnnproof.usecases.lecture import show_slots, slots_network
from rnnproof.usecases.lecture.slots import weights
from rnnproof.usecases.lecture.table import cut, width


def test_a_sentence_is_shown_word_by_word():
    text = show_slots("arrive Taipei on November 2nd")
    assert "Taipei    1 0 0 0 0 0 0 0  0 1 0 0 1 0 0 0  2 0 0 0 1  destination\n" in text
    assert "2nd       0 1 0 0 0 0 1 0  0 1 0 0 0 0 1 0  0 0 2 0 1  time of arrival\n" in text
    assert "    destination      Taipei\n    time of arrival  November 2nd\n" in text
    assert "Not in the vocabulary" not in text


def test_the_lecture_s_two_are_shown_side_by_side():
    text = show_slots()
    assert "Taipei    1 0 0 0  destination        Taipei    0 0 1 0  place of departure\n" in text
    assert "slot           destination        place of departure\n" in text
    assert "The same word, the same input vector, gets two slots" in text
    assert "slot, U_h = 0    other            other\n" in text
    assert "only 9 values; from each" in text


def test_what_is_shown_of_the_network_is_read_from_its_weights():
    given = weights()
    shown = slots_network.described(given)
    assert "    h'_2 = relu(h_1 + h_2 - arrival - departure)  keeps it until the next verb" in shown
    assert "    score of other = 1" in shown
    given["U_h"][1, 0], given["W_h"][0, 0], given["W_y"][4, 2] = -3, 2, -1
    text = "\n".join(slots_network.described(given))
    assert "h'_2 = relu(h_2 - 3 h_1 - arrival - departure)" in text
    assert "h'_1 = relu(2 arrive + arrives + arriving)" in text
    assert "score of other = 1 - h'_3" in text


@pytest.mark.parametrize(
    "sentence",
    [
        "hello",
        "arrive \u53f0\u5317\u7684\u4e00\u500b\u5f88\u9577\u7684\u5730\u65b9\u540d\u5b57 Zu\u0308rich",
        "arrive " + "x" * 300,
        "arrive " + "Taipei " * 60,
        "{0} %s $HOME [red]x[/red] \x1b[31m __import__('os')",
    ],
)
def test_any_sentence_fits_on_80_columns(sentence):
    text = show_slots(sentence)
    assert max(map(width, text.splitlines())) <= 80
    assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}


def test_columns_stay_under_each_other_where_letters_are_wide():
    text = show_slots("arrive \u53f0\u5317 Taipei")
    rows = [line for line in text.splitlines() if line.startswith(("arrive  ", "\u53f0\u5317", "Taipei  "))]
    assert {width(row[: row.index("0 0 0 0 1  other")]) for row in rows[:2]} == {42}


def test_what_is_not_in_the_vocabulary_is_told_once():
    text = " ".join(show_slots("arrive Berlin, Oslo and berlin Berlin").split())
    assert 'Not in the vocabulary, and so read as the component "other": Berlin, Oslo, berlin.' in text
    assert "Every word is labelled other: no place and no date" in text


def test_cut_counts_columns():
    assert (cut("abcdef", 6), cut("abcdefg", 6), cut("\u53f0\u5317\u53f0\u5317", 7)) == (
        "abcdef",
        "abc...",
        "\u53f0\u5317...",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["slots"],
        ["slots", "ARRIVE", "taipei!"],
        ["slots", "-arrive Taipei"],
        ["slots", "b\xfcrgermeister"],
        ["lstm"],
        [],
    ],
)
def test_the_command_line_shows_it(capsys, arguments):
    assert run(["lecture", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.startswith("The lecture's ")
    assert max(map(len, captured.out.splitlines())) <= 80

"""The lecture's slot filling: is Taipei where the journey ends, or where it begins? The verb before it tells.

"arrive Taipei on November 2nd" and "leave Taipei on November 2nd" hold the same word Taipei, the same input vector:
one component for each word of the vocabulary, and one, the last, for every other word. The network is Elman's. The
lecture leaves its weights to training; here they are small whole numbers, chosen so that each hidden unit has a
meaning. A verb is remembered by two units, one that sees it and one that keeps it until the next verb comes:

    h'_1 = relu(arrival)      h'_2 = relu(h_1 + h_2 - arrival - departure)

A sum of the two is 1 after an arrival, and 0 before any verb and after a departure. A slot is a conjunction with it:
h'_5 = relu(place + h_1 + h_2 - 1) is 1 at a place whose last verb is an arrival, and 0 otherwise.

Reference: Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, slot filling.
"""

from collections.abc import Mapping

CITATION = "Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, slot filling"
NETWORK = "elman:activation=relu,readout=identity"
SENTENCES = ("arrive Taipei on November 2nd", "leave Taipei on November 2nd")
OTHER = "other"

# The vocabulary, by the kind of word. A word of the kind "other" fills no slot, nor does a word that is not here.
WORDS: Mapping[str, tuple[str, ...]] = {
    "arrival": ("arrive", "arrives", "arriving"),
    "departure": ("leave", "leaves", "leaving", "depart", "departs", "departing"),
    "place": ("Taipei", "Tokyo", "Kyoto", "Paris", "London"),
    "date": ("November", "December", "Monday", "Friday", "1st", "2nd", "3rd"),
    OTHER: ("on", "at", "in", "and", "then"),
}

# The slot of a word, from the kind of the last verb before it and its own kind; any other word's is "other".
RULE: Mapping[tuple[str, str], str] = {
    ("arrival", "place"): "destination",
    ("departure", "place"): "place of departure",
    ("arrival", "date"): "time of arrival",
    ("departure", "date"): "time of departure",
}
VERBS = ("arrival", "departure")
SLOTS = (*RULE.values(), OTHER)

# What each hidden unit adds up: of the word read, by its kind; of the memory, by its unit; and its bias, "1".
HIDDEN: tuple[Mapping[str, int], ...] = (
    {"arrival": 1},
    {"h_1": 1, "h_2": 1, "arrival": -1, "departure": -1},
    {"departure": 1},
    {"h_3": 1, "h_4": 1, "arrival": -1, "departure": -1},
    {"place": 1, "h_1": 1, "h_2": 1, "1": -1},
    {"place": 1, "h_3": 1, "h_4": 1, "1": -1},
    {"date": 1, "h_1": 1, "h_2": 1, "1": -1},
    {"date": 1, "h_3": 1, "h_4": 1, "1": -1},
)
# What each hidden unit is for, in words.
MEANING = (
    "sees an arrival",
    "keeps it until the next verb",
    "sees a departure",
    "keeps it until the next verb",
    "a place after an arrival",
    "a place after a departure",
    "a date after an arrival",
    "a date after a departure",
)
# What each slot's score adds up: of the hidden layer's output, by its unit; and its bias.
SCORES: tuple[Mapping[str, int], ...] = ({"h_5": 2}, {"h_6": 2}, {"h_7": 2}, {"h_8": 2}, {"1": 1})

"""The lecture's LSTM worked by hand: x_1 is added to the memory where x_2 = 1, and shown where x_3 = 1.

Where x_2 = -1 the memory is reset. The transforms that make the gates do so are those of the lecture: z = x_1,
z_i = 100 x_2 - 10, z_f = 100 x_2 + 10, z_o = 100 x_3 - 10, with g and h the identity.

Reference: Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, the LSTM worked by hand.
"""

from collections.abc import Mapping

CITATION = "Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, the LSTM worked by hand"
NETWORK = "lecture_lstm:g=identity,h=identity"
# z of each gate, and of the value: the weights of x_1, x_2, x_3, and the bias.
TRANSFORMS: Mapping[str, tuple[tuple[int, int, int], int]] = {
    "g": ((1, 0, 0), 0),
    "i": ((0, 100, 0), -10),
    "f": ((0, 100, 0), 10),
    "o": ((0, 0, 100), -10),
}
SEQUENCE = ((3, 1, 0), (4, 1, 0), (2, 0, 0), (1, 0, 1), (3, -1, 0))
WORDS: Mapping[str, str] = {"i": "input gate", "f": "forget gate", "o": "output gate"}


PURPOSE: Mapping[str, str] = {
    "g": "the value",
    "i": "input gate, open where x_2 = 1: the value is added",
    "f": "forget gate, closed where x_2 = -1: the memory is reset",
    "o": "output gate, open where x_3 = 1: the memory is shown",
}


def meant(x: tuple[int, int, int]) -> Mapping[str, int]:
    """Which gates are meant to be open, 1, and which closed, 0; an open forget gate keeps the memory."""
    _, x_2, x_3 = x
    return {"i": int(x_2 == 1), "f": int(x_2 != -1), "o": int(x_3 == 1)}

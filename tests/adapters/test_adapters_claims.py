"""Claims: from a dictionary, every key checked."""

import dataclasses

import pytest

from rnnproof.adapters.claims import READERS, parse
from rnnproof.errors import UsageError
from rnnproof.model.implementation import Claims

DEFAULT = Claims()


def test_nothing_claimed_is_the_default():
    assert parse(None, DEFAULT) is DEFAULT
    assert parse({}, DEFAULT) == DEFAULT
    given = Claims(min_length=1)
    assert parse(given, DEFAULT) is given


def test_every_claim_can_be_made():
    assert set(READERS) == {field.name for field in dataclasses.fields(Claims)} - {"on_request"}


@pytest.mark.parametrize(
    ("key", "value", "parsed"),
    [
        ("networks", ["lstm", "elman:activation=tanh", "gru:reset=before"], ("lstm", "elman", "gru:reset=before")),
        ("networks", None, None),
        ("dtypes", ["float32"], ("float32",)),
        ("gradients", False, False),
        ("lengths", True, True),
        ("min_length", 1, 1),
        ("state_none", True, True),
        ("sizes", {"H": [4, 8], "I": 3}, (("H", (4, 8)), ("I", (3,)))),
        ("accumulate", "float32", "float32"),
        ("accumulate", None, None),
        ("products", "bfloat16", "bfloat16"),
        ("flush_to_zero", True, True),
        ("relative_tails", True, True),
    ],
)
def test_one_claim(key, value, parsed):
    assert parse({key: value}, DEFAULT) == dataclasses.replace(DEFAULT, **{key: parsed})


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (["lstm"], "claims is a list; expected a dict"),
        ({"lenghts": True}, "claims: unknown key 'lenghts'; did you mean lengths?"),
        ({3: True}, "claims: unknown key 3; known are networks, dtypes"),
        ({"networks": "lstm"}, "claims: networks is 'lstm'; expected a list of names"),
        ({"networks": ["lstmm"]}, "unknown network 'lstmm'; did you mean lstm?"),
        ({"dtypes": "float64"}, "claims: dtypes is 'float64'; expected a list of names"),
        ({"dtypes": []}, "claims: dtypes is []; expected at least one of float64, float32"),
        (
            {"dtypes": ["float46"]},
            "claims: dtypes: unknown dtype 'float46'; known are float64, float32, float16, bfloat16",
        ),
        ({"gradients": 1}, "claims: gradients is 1; expected True or False"),
        ({"min_length": -1}, "claims: min_length is -1; expected a whole number, at least 0"),
        ({"min_length": True}, "claims: min_length is True; expected a whole number, at least 0"),
        ({"sizes": 3}, "claims: sizes is 3; expected a dict by letters of T, B, I, H, O, P"),
        ({"sizes": {"h": 3}}, "claims: sizes is {'h': 3}; expected a dict by letters of T, B, I, H, O, P"),
        ({"sizes": {"H": []}}, "claims: sizes: H is []; expected at least one size"),
        ({"sizes": {"H": [4, 0]}}, "claims: sizes: H is 0; expected whole numbers, at least 1"),
        ({"sizes": {"H": ["3"]}}, "claims: sizes: H is '3'; expected a whole number, at least 0"),
        ({"products": "float16"}, "claims: products is 'float16'; expected tfloat32 or bfloat16"),
        ({"accumulate": 32}, "claims: accumulate: unknown dtype 32; known are float64, float32, float16, bfloat16"),
    ],
)
def test_what_is_not_understood_is_refused(claims, message):
    with pytest.raises(UsageError) as caught:
        parse(claims, DEFAULT)
    assert str(caught.value).startswith(message)


def test_a_dtype_that_is_none():
    with pytest.raises(
        UsageError, match=r"^claims: dtypes: unknown dtype 'float8'; known are float64, float32, float16, bfloat16$"
    ):
        parse({"dtypes": ["float8"]}, DEFAULT)

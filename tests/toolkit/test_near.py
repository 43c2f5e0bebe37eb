"""What is suggested for a name that is not there."""

import pytest

from toolkit.near import did_you_mean, near

FIELDS = ["pan", "pan_grouped", "cvv", "expiry", "cardholder_name", "postcode"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("PAN", "pan"), ("number", "pan"), ("card_number", "pan"), ("cardNumber", "pan"),
        ("cvc", "cvv"), ("expiery", "expiry"), ("zip", "postcode"), ("holder", "cardholder_name"),
        ("pan-grouped", "pan_grouped"), ("xyz", None), ("", None), ("4242424242424242", None),
        ("x" * 100_000, None),
    ],
)  # fmt: skip
def test_another_spelling_and_another_word(text, meant):
    assert near(text, FIELDS) == meant


def test_a_word_of_several_meanings_is_what_there_is():
    assert near("number", ["numbers", "limit"]) == "numbers"
    assert near("bin", ["iin", "cvv"]) == "iin"
    assert near("bin", ["range", "count"]) == "range"


def test_the_question_ends_a_sentence_or_is_not_asked():
    assert did_you_mean("excel", ["csv", "xlsx"]) == " Did you mean xlsx?"
    assert did_you_mean("pdf", ["csv", "xlsx"]) == ""

"""No log line shows a card number."""

import logging

import pytest

from cardgen.logs import MaskingFormatter

PAN = "4000004462936174"


def line(message: str, *arguments: object) -> str:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, message, arguments, None)
    return MaskingFormatter("%(message)s").format(record)


@pytest.mark.parametrize(
    "text",
    [PAN, "Key (pan)=(4000004462936174)", "4000 0044 6293 6174", "4000-0044-6293-6174",
     "378282246310005", "3782 822463 10005", "6304000000000000000", "pan=400000446293."],
)  # fmt: skip
def test_numbers_that_look_like_a_pan_are_masked(text):
    assert "[PAN masked]" in line("refused: %s!", text)
    assert text not in line("refused: %s!", text)


@pytest.mark.parametrize(
    "text",
    ["123e4567-e89b-12d3-a456-426614174000", "11111111-2222-3333-4444-555555555555",
     "2026-11-23 20:57:58,123", "1000000 cards"],
)  # fmt: skip
def test_identifiers_and_times_stay_readable(text):
    assert line("about %s", text) == f"about {text}"


def test_a_traceback_is_masked_too():
    error = ValueError(PAN)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "m", (), (ValueError, error, None))
    assert PAN not in MaskingFormatter("%(message)s").format(record)

"""What a card number in a text is: a scheme, a check digit, and not a date."""

import numpy as np
import pytest

from generation.kernel.luhn import is_valid
from generation.schemes import detection
from uniqueness.numbers import holds_card_number, is_card
from uniqueness.numbers.features import are_dates, end_in_check_digit, have_scheme

DINERS_DATE = "30062026090005"
"""30 June 2026, 9:00:05, and as good a number of Diners Club as any."""


@pytest.mark.parametrize(
    "number",
    ["4929123456781236", "378282246310005", "30569309025904", "6759649826438453",
     "4222222222222", "6212345678900000003"],
)  # fmt: skip
def test_numbers_of_schemes_with_their_check_digit_are_card_numbers(number):
    assert is_card(number)
    assert holds_card_number(f"number {number} of the list")


@pytest.mark.parametrize(
    "number",
    ["4929123456781237", "7999990000000000", "100000000001", "00491701234567", "42424242424242",
     "0000000000000000", "49291234567812361236", "42", DINERS_DATE, "3006202611072026"],
)  # fmt: skip
def test_other_numbers_are_none(number):
    assert not is_card(number)
    assert not holds_card_number(f"number {number} of the list")


@pytest.mark.parametrize(
    "text",
    ["bins_20260715093007.txt", "acquirer 2026-07-15 09:30", "contract 4500012345",
     "30.06.2026 09:00:05", "30-06-2026 090005", "+49 170 1234567", "0049 170 1234567",
     "2026-07-15T09:30:07.123Z", "order 100000000001", "IBAN DE89 3704 0044 0532 0130 00",
     "550e8400-e29b-41d4-a716-446655440000", "20260701-20260731", "4929 12** **** 1236"],
)  # fmt: skip
def test_what_people_write_beside_a_list_is_no_card_number(text):
    assert not holds_card_number(text)


@pytest.mark.parametrize(
    ("digits", "date"),
    [("202607151200", True), ("20260715093007", True), ("20260715093007123", True),
     ("150720261200", True), ("07152026120000", True), ("2026070120260731", True),
     ("202613151200", False), ("202607321200", False), ("202607152400", False),
     ("202607151260", False), ("20260715120060", False), ("180007151200", False),
     ("2026071512000", False), ("2026070120261331", False), ("4929123456781236", False)],
)  # fmt: skip
def test_dates_are_told_from_other_digits(digits, date):
    assert are_dates(np.array([digits], dtype="S19")).tolist() == [date]


def test_many_numbers_are_judged_as_one_by_one():
    random = np.random.default_rng(1)
    texts = ["".join(map(str, random.integers(0, 10, width))) for width in [*range(12, 20)] * 50]
    pans = np.array(texts, dtype="S19")
    spans = [detection.range_of(text) for text in texts]
    assert have_scheme(pans).tolist() == [
        span is not None and span.scheme != "iso_test" and len(text) in span.pan_lengths
        for span, text in zip(spans, texts, strict=True)
    ]
    assert end_in_check_digit(pans).tolist() == [is_valid(text) for text in texts]
